"""Every public address, domain by domain."""

import importlib

from django.urls import URLPattern, URLResolver, include, path

from meydan.site import api, health, pages, seals

for _domain in ("comments", "messaging", "articles", "events"):  # moderators see what is flagged or handed in there
    importlib.import_module(f"meydan.{_domain}.public")

# `site:` are the pages that belong to no domain
front = [
    path("", pages.home, name="home"),
    path("search", pages.search, name="search"),
    path("language", pages.language, name="language"),
    path("offline", pages.offline, name="offline"),
    path("outbox", pages.outbox, name="outbox"),
    path("outbox.json", pages.outbox_pass, name="outbox_pass"),
    path("manifest.webmanifest", pages.manifest, name="manifest"),
    path("sw.js", pages.service_worker, name="service_worker"),
    path("dev/look", pages.look, name="look"),
    path("seals/", seals.seals, name="seals"),
    path("seals/key.json", seals.key_json, name="seal_key"),
    path("seals/heads.txt", seals.heads, name="seal_heads"),
    path("seals/<str:day>.json", seals.day_json, name="seal_day"),
    path("seals/<str:day>.leaves", seals.day_leaves, name="seal_leaves"),
]

handler400 = "meydan.site.errors.bad_request"
handler403 = "meydan.site.errors.permission_denied"
handler404 = "meydan.site.errors.page_not_found"
handler500 = "meydan.site.errors.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("meydan.reports.urls")),  # first: its addresses are asked for most
    path("", include((front, "site"))),
    path("", include("meydan.accounts.urls")),
    path("", include("meydan.moderation.urls")),
    path("", include("meydan.comments.urls")),
    path("", include("meydan.notifications.urls")),
    path("", include("meydan.webhooks.urls")),
    path("", include("meydan.messaging.urls")),
    path("", include("meydan.articles.urls")),
    path("", include("meydan.events.urls")),
    path("health", health.health, name="health"),
    path("api/openapi.json", api.openapi_json, name="openapi"),
    path("open311/", include("meydan.reports.open311.urls")),
    path("data/", include("meydan.reports.opendata")),
]
