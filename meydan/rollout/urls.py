"""Addresses of the roll-out."""

from django.urls import path

from meydan.rollout import api, pages

app_name = "rollout"
urlpatterns = [
    path("districts/", pages.index, name="list"),
    path("api/districts", api.districts, name="api_list"),
]
