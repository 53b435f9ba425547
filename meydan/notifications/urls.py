"""Addresses of notifications."""

from django.urls import path

from meydan.notifications import pages

app_name = "notifications"
urlpatterns = [
    path("dev/mail", pages.mailbox, name="mailbox"),
    path("dev/mail/<uuid:key>", pages.letter, name="letter"),
]
