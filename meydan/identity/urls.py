"""The addresses of identity."""

from django.urls import path

from meydan.identity import api
from meydan.identity.pages import applying, desk, mine

app_name = "identity"
urlpatterns = [
    path("id/", mine.mine, name="mine"),
    path("id/show", mine.show, name="show"),
    path("id/secure", mine.secure, name="secure"),
    path("id/apply", applying.apply, name="apply"),
    path("id/freeze", mine.freeze, name="freeze"),
    path("id/thaw", mine.thaw, name="thaw"),
    path("id/code", mine.counter_code, name="counter_code"),
    path("id/paper", mine.paper, name="paper"),
    path("id/paper/<str:code>", mine.paper_says, name="paper_says"),
    path("id/face", mine.biometrics, name="biometrics"),
    path("id/face/errors", mine.errors, name="errors"),
    path("id/desk", desk.desk, name="desk"),
    path("id/desk/<uuid:key>", desk.case, name="case"),
    path("id/counter", desk.counter, name="counter"),
    path("api/identity/challenge", api.challenge, name="challenge"),
]
