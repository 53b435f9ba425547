"""The addresses of the club."""

from django.urls import path

from meydan.club import api
from meydan.club.pages import files, ruling, showing

app_name = "club"
urlpatterns = [
    path("club/", showing.index, name="index"),
    path("club/verify", showing.verify, name="verify"),
    path("club/shown", showing.show, name="show"),
    path("club/issuer.json", files.issuer, name="issuer"),
    path("club/status/<int:number>", files.status, name="status"),
    path("club/awards/<uuid:key>", showing.award, name="award"),
    path("club/badges/<slug:code>", showing.badge, name="badge"),
    path("club/badges/<slug:code>/<int:level>", showing.level, name="level"),
    path("club/badges/<slug:code>/<int:level>.json", files.level_json, name="level_json"),
    path("club/badges/<slug:code>/<int:level>.svg", files.picture, name="picture"),
    path("club/badges/<slug:code>/<int:level>.png", files.picture_png, name="picture_png"),
    path("club/rules", ruling.rules, name="rules"),
    path("club/rules/new", ruling.rule, name="new_rule"),
    path("club/rules/<slug:code>", ruling.rule, name="rule"),
    path("me/badges", showing.mine, name="mine"),
    path("me/badges/<uuid:key>.<slug:form>", files.download, name="download"),
    path("api/club/badges", api.badges, name="api_badges"),
    path(".well-known/did.json", files.did, name="did"),
]
