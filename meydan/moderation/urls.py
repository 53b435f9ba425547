"""The addresses of moderation."""

from django.urls import path

from meydan.moderation import pages

app_name = "moderation"
urlpatterns = [
    path("moderation", pages.queue, name="queue"),
    path("moderation/flag", pages.flag, name="flag"),
    path("moderation/decide", pages.decide, name="decide"),
    path("moderation/block", pages.block, name="block"),
    path("moderation/appeals/<int:key>", pages.appeal, name="appeal"),
]
