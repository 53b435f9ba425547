"""Addresses of notifications."""

from django.urls import path

from meydan.notifications.pages import mailbox, watching

app_name = "notifications"
urlpatterns = [
    path("me/news", watching.news, name="news"),
    path("me/news/wish", watching.wish, name="wish"),
    path("me/areas", watching.areas, name="areas"),
    path("me/areas/<uuid:key>/<slug:verb>", watching.change, name="change"),
    path("alerts/stop/<str:token>", watching.stop, name="stop"),
    path("dev/mail", mailbox.mailbox, name="mailbox"),
    path("dev/mail/<uuid:key>", mailbox.letter, name="letter"),
]
