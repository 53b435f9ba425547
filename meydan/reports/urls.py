"""The addresses of reports. Fixed, with a redirect for what moves: design of the doors, docs/reference."""

from django.urls import path

from meydan.reports import api
from meydan.reports.pages import arranging, asking, case, filing, hearing, listing, mapping, pictures, supporting

app_name = "reports"
urlpatterns = [
    path("reports/", listing.index, name="list"),
    path("reports/new", filing.new, name="file"),
    path("reports/mine", listing.mine, name="mine"),
    path("reports/work", listing.work, name="work"),
    path("reports/overdue", hearing.overdue, name="overdue"),
    path("reports/satisfaction", hearing.satisfaction, name="satisfaction"),
    path("reports/rules", arranging.rules, name="rules"),
    path("reports/rules/new", arranging.rule, name="new_rule"),
    path("reports/rules/<int:number>", arranging.rule, name="rule"),
    path("reports/rules/<int:number>/remove", arranging.remove_rule, name="remove_rule"),
    path("reports/teams", arranging.teams, name="teams"),
    path("reports/teams/new", arranging.team, name="new_team"),
    path("reports/teams/<slug:code>", arranging.team, name="team"),
    path("reports/categories", arranging.categories, name="categories"),
    path("reports/categories/new", arranging.category, name="new_category"),
    path("reports/categories/<slug:code>", arranging.category, name="category"),
    path("reports/map", mapping.show, name="map"),
    path("reports/map.json", mapping.features, name="features"),
    path("reports/districts.json", mapping.districts, name="districts"),
    path("reports/questions", asking.questions, name="questions"),
    path("reports/near", supporting.near, name="near"),
    path("reports/photos/draft/<str:token>", pictures.draft, name="draft"),
    path("reports/photos/<int:photo_id>/<slug:variant>", pictures.photo, name="photo"),
    path("reports/<int:number>", case.show, name="show"),
    path("reports/<int:number>/contact", case.contact, name="contact"),
    path("reports/<int:number>/support", supporting.support, name="support"),
    path("reports/<int:number>/witness", hearing.witness, name="witness"),
    path("reports/<int:number>/unfollow", hearing.unfollow, name="unfollow"),
    path("reports/<int:number>/do/<slug:verb>", case.act, name="act"),
    path("api/reports", api.reports, name="api_list"),
    path("api/reports/suggest", api.suggestions, name="api_suggest"),
    path("api/reports/photos", api.photos, name="api_photos"),
    path("api/reports/near", api.near, name="api_near"),
    path("api/reports/<int:number>", api.report, name="api_show"),
]
