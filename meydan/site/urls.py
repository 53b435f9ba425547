"""Every public address, domain by domain."""

from django.urls import URLPattern, URLResolver, path

from meydan.site import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/openapi.json", api.openapi_json, name="openapi"),
]
