"""Addresses of webhooks."""

from django.urls import path

from meydan.webhooks import api, pages

app_name = "webhooks"
urlpatterns = [
    path("webhooks/", pages.index, name="list"),
    path("webhooks/new", pages.new, name="new"),
    path("webhooks/<uuid:key>", pages.show, name="show"),
    path("webhooks/<uuid:key>/do/<slug:verb>", pages.handle, name="handle"),
    path("webhooks/<uuid:key>/again/<uuid:delivery>", pages.again, name="again"),
    path("api/webhooks", api.hooks, name="api_list"),
    path("api/webhooks/<uuid:key>", api.hook, name="api_show"),
]
