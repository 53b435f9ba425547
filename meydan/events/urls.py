"""The addresses of events."""

from django.urls import path

from meydan.events import api
from meydan.events.pages import forms, listing, showing

app_name = "events"
urlpatterns = [
    path("events/", listing.index, name="list"),
    path("events/month", listing.month, name="month"),
    path("events/map", listing.on_map, name="map"),
    path("events/calendar.ics", listing.whole_calendar, name="calendar"),
    path("events/new", forms.new, name="new"),
    path("events/mine", showing.mine, name="mine"),
    path("events/city.svg", forms.city_picture, name="city_picture"),
    path("events/<int:number>", showing.show, name="show"),
    path("events/<int:number>.ics", listing.one_calendar, name="one_calendar"),
    path("events/<int:number>/edit", forms.edit, name="edit"),
    path("events/<int:number>/translate", forms.translate, name="translate"),
    path("events/<int:number>/card/<slug:language>.png", showing.card, name="card"),
    path("events/<int:number>/map.svg", showing.map_of, name="map_of"),
    path("events/<int:number>/versions", showing.versions, name="versions"),
    path("events/<int:number>/guests", showing.guests, name="guests"),
    path("events/<int:number>/come", showing.come, name="come"),
    path("events/<int:number>/stay-away", showing.stay_away, name="stay_away"),
    path("events/<int:number>/cancel", showing.cancel, name="cancel"),
    path("events/<int:number>/take-back", showing.take_back, name="take_back"),
    path("api/events", api.events, name="api_list"),
    path("api/events/<int:number>", api.event, name="api_show"),
]
