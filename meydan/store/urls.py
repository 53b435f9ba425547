"""Addresses of the store."""

from django.urls import path

from meydan.store import api
from meydan.store.pages import entry, listing, managing, repository, working

app_name = "store"
urlpatterns = [
    path("apps/", listing.index, name="list"),
    path("apps/mine", listing.mine, name="mine"),
    path("apps/new", working.new, name="new"),
    path("apps/repository", repository.show, name="repository"),
    path("apps/by-package/<str:package>", repository.by_package, name="by_package"),
    path("fdroid/repo/<path:path>", repository.serve, name="fdroid"),
    path("apps/<slug:slug>", entry.show, name="show"),
    path("apps/<slug:slug>/open", entry.open_app, name="open"),
    path("apps/<slug:slug>/versions/<int:version_code>", entry.download, name="download"),
    path("apps/<slug:slug>/pictures/<slug:sha256>", entry.picture, name="picture"),
    path("apps/<slug:slug>/pictures/<slug:sha256>/thumb", entry.thumb, name="thumb"),
    path("apps/<slug:slug>/card/<slug:language>.png", entry.card, name="card"),
    path("apps/<slug:slug>/feature", entry.feature, name="feature"),
    path("apps/<slug:slug>/manage", managing.manage, name="manage"),
    path("apps/<slug:slug>/texts", working.texts, name="texts"),
    path("apps/<slug:slug>/details", working.details, name="details"),
    path("apps/<slug:slug>/pictures", working.pictures, name="pictures"),
    path("apps/<slug:slug>/versions", working.versions, name="versions"),
    path("apps/<slug:slug>/reasons", working.reasons, name="reasons"),
    path("apps/<slug:slug>/hand-in", managing.hand_in, name="hand_in"),
    path("apps/<slug:slug>/team", managing.team, name="team"),
    path("apps/<slug:slug>/history", managing.history, name="history"),
    path("apps/<slug:slug>/do/<slug:verb>", managing.act, name="act"),
    path("api/apps", api.apps, name="api_list"),
    path("api/apps/suggest", api.suggestions, name="api_suggest"),
    path("api/apps/versions", api.upload, name="api_upload"),
    path("api/apps/<slug:slug>", api.app, name="api_show"),
]
