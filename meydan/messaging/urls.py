"""The messenger's addresses among the pages; its own doors are in `gateway/doors`."""

from django.urls import path

from meydan.messaging import api
from meydan.messaging.pages import chat, signing

app_name = "messaging"
urlpatterns = [
    path(".well-known/matrix/client", signing.well_known, name="well_known"),
    path("chat/", chat.show, name="chat"),
    path("chat/join/<slug:token>", chat.join, name="join"),
    path("chat/code.svg", chat.code, name="chat_code"),
    path("chat/more.json", chat.more, name="chat_more"),
    path("chat/words/<slug:part>.json", chat.words_of, name="chat_words"),
    path("api/messenger/device", api.device, name="api_device"),
    path("api/messenger/device/end", api.device_end, name="api_device_end"),
    path("chat/let-in", signing.let_in, name="let_in"),
    path("me/messenger", signing.mine, name="mine"),
    path("me/messenger/keys", signing.reset_identity, name="reset_identity"),
]
