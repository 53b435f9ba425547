"""The addresses of moderation."""

from django.urls import path

from meydan.moderation.pages import desk, log, mine, telling

app_name = "moderation"
urlpatterns = [
    path("moderation", desk.queue, name="queue"),
    path("moderation/flag", telling.flag, name="flag"),
    path("moderation/page", telling.going_on, name="page"),
    path("moderation/told", telling.told, name="told"),
    path("moderation/decide", desk.decide, name="decide"),
    path("moderation/reviews/<int:key>", desk.review, name="review"),
    path("moderation/block", mine.block, name="block"),
    path("moderation/mine", mine.mine, name="mine"),
    path("moderation/again", mine.ask_again, name="again"),
    path("moderation/again/<int:key>", desk.answer, name="answer"),
    path("moderation/appeals/<int:key>", desk.appeal, name="appeal"),
    path("moderation/log", log.log, name="log"),
    path("moderation/log.csv", log.log_csv, name="log_csv"),
]
