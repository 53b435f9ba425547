"""The messenger's addresses among the pages; its own doors are in `gateway/doors`."""

from django.urls import path

from meydan.messaging import pages

app_name = "messaging"
urlpatterns = [
    path(".well-known/matrix/client", pages.well_known, name="well_known"),
    path("chat/let-in", pages.let_in, name="let_in"),
    path("me/messenger", pages.mine, name="mine"),
    path("me/messenger/keys", pages.reset_identity, name="reset_identity"),
]
