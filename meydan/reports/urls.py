"""The addresses of reports. Fixed, with a redirect for what moves: design of the doors, docs/reference."""

from django.urls import path

from meydan.reports import api
from meydan.reports.pages import case, filing, listing, mapping, pictures

app_name = "reports"
urlpatterns = [
    path("reports/", listing.index, name="list"),
    path("reports/new", filing.new, name="file"),
    path("reports/mine", listing.mine, name="mine"),
    path("reports/work", listing.work, name="work"),
    path("reports/map", mapping.show, name="map"),
    path("reports/map.json", mapping.features, name="features"),
    path("reports/districts.json", mapping.districts, name="districts"),
    path("reports/photos/draft/<str:token>", pictures.draft, name="draft"),
    path("reports/photos/<int:photo_id>/<slug:variant>", pictures.photo, name="photo"),
    path("reports/<int:number>", case.show, name="show"),
    path("reports/<int:number>/contact", case.contact, name="contact"),
    path("reports/<int:number>/do/<slug:verb>", case.act, name="act"),
    path("api/reports", api.reports, name="api_list"),
    path("api/reports/suggest", api.suggestions, name="api_suggest"),
    path("api/reports/<int:number>", api.report, name="api_show"),
]
