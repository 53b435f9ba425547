"""Addresses of accounts: our own pages, and allauth's flows under /accounts/."""

from django.urls import URLPattern, URLResolver, include, path

from meydan.accounts.pages import browsers, clients, elsewhere, linking, me, people

_own = [
    path("me", me.me, name="me"),
    path("me/profile", me.profile, name="profile"),
    path("me/history", me.history, name="history"),
    path("me/history/<int:fact_id>.json", me.receipt, name="receipt"),
    path("me/export", me.export, name="export"),
    path("me/delete", me.delete, name="delete"),
    path("me/charter", me.accept_charter, name="accept_charter"),
    path("me/manage", elsewhere.manage, name="manage"),
    path("me/sessions/end", elsewhere.end, name="end_session"),
    path("oauth/authorize", clients.authorize, name="authorize"),
    path("oauth/register", clients.register, name="register_client"),
    path("oauth/token", clients.token, name="token"),
    path("oauth/revoke", clients.revoke, name="revoke_token"),
    path("oauth/device", clients.device, name="device_code"),
    path("link", linking.link, name="link"),
    path("link/browser", browsers.let_in, name="let_browser_in"),
    path("accounts/device/ask", browsers.ask, name="ask_device"),
    path("accounts/device", browsers.wait, name="await_device"),
    path("accounts/device/state.json", browsers.state, name="await_state"),
    path("charter", me.charter, name="charter"),
    path("accounts/people/", people.people, name="people"),
    path("accounts/people/<uuid:key>", people.person, name="person"),
    path("accounts/people/<uuid:key>/revoke", people.revoke, name="revoke"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include((_own, "accounts"))),
    path("accounts/", include("allauth.urls")),
]
