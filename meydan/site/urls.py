"""Every public address, domain by domain."""

from django.urls import URLPattern, URLResolver, include, path

from meydan.site import api, pages

# `site:` are the pages that belong to no domain
front = [
    path("", pages.home, name="home"),
    path("language", pages.language, name="language"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include((front, "site"))),
    path("api/openapi.json", api.openapi_json, name="openapi"),
    path("open311/", include("meydan.reports.open311.urls")),
    path("data/", include("meydan.reports.opendata")),
]
