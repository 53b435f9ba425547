"""The messenger's addresses among the pages; its own doors are in `gateway/doors`."""

from django.urls import path

from meydan.messaging import api
from meydan.messaging.pages import chat, signing

app_name = "messaging"
urlpatterns = [
    path(".well-known/matrix/client", signing.well_known, name="well_known"),
    path("chat/", chat.show, name="chat"),
    path("chat/words/<slug:part>.json", chat.more_words, name="chat_words"),
    path("api/messenger/device", api.device, name="api_device"),
    path("api/messenger/device/end", api.device_end, name="api_device_end"),
    path("chat/let-in", signing.let_in, name="let_in"),
    path("me/messenger", signing.mine, name="mine"),
    path("me/messenger/keys", signing.reset_identity, name="reset_identity"),
]
