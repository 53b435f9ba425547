"""The one page, and names for what it links to."""

from django.http import HttpResponse
from django.urls import path

from bench.peers.dtl import views


def elsewhere(*_args: object, **_kwargs: object) -> HttpResponse:
    """What the list links to is not measured."""
    return HttpResponse()


urlpatterns = [
    path("", elsewhere, name="home"),
    path("reports/", views.index, name="reports"),
    path("reports/new", elsewhere, name="new"),
    path("reports/map", elsewhere, name="map"),
    path("reports/<int:number>", elsewhere, name="report"),
    path("reports/photos/<int:photo>", elsewhere, name="photo"),
    path("me", elsewhere, name="me"),
]
