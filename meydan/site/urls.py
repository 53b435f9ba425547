"""Every public address, domain by domain."""

from django.urls import URLPattern, URLResolver, include, path

from meydan.site import api, health, pages

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
]

handler400 = "meydan.site.errors.bad_request"
handler403 = "meydan.site.errors.permission_denied"
handler404 = "meydan.site.errors.page_not_found"
handler500 = "meydan.site.errors.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include((front, "site"))),
    path("", include("meydan.accounts.urls")),
    path("", include("meydan.moderation.urls")),
    path("", include("meydan.reports.urls")),
    path("", include("meydan.notifications.urls")),
    path("health", health.health, name="health"),
    path("api/openapi.json", api.openapi_json, name="openapi"),
    path("open311/", include("meydan.reports.open311.urls")),
    path("data/", include("meydan.reports.opendata")),
]
