"""The addresses of GeoReport v2; `form` is xml or json."""

from django.urls import path

from meydan.reports.open311 import api

app_name = "open311"
urlpatterns = [
    path("discovery.<slug:form>", api.discovery_door, name="discovery"),
    path("v2/discovery.<slug:form>", api.discovery_door),
    path("v2/services.<slug:form>", api.services_door, name="services"),
    path("v2/services/<str:code>.<slug:form>", api.definition_door, name="definition"),
    path("v2/requests.<slug:form>", api.requests_door, name="requests"),
    path("v2/requests/<str:number>.<slug:form>", api.request_door, name="request"),
    path("v2/tokens/<str:token>.<slug:form>", api.token_door, name="token"),
    path("v2/servicerequestupdates.<slug:form>", api.updates_door, name="updates"),
    path("v2/<path:rest>.<slug:form>", api.nothing_door),
]
