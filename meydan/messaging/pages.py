"""What the city's own web address says of the messenger: where it is (client-server API, "Well-known URI")."""

from django.http import HttpRequest, HttpResponse, JsonResponse

from meydan.kernel.config import config
from meydan.kernel.http import page


@page("GET")
def well_known(_request: HttpRequest) -> HttpResponse:
    """Where a client finds the server of `@citizen:<this address>`; scripts of any page may ask."""
    answer = JsonResponse({"m.homeserver": {"base_url": config().gateway_url}})
    answer["Access-Control-Allow-Origin"] = "*"
    return answer
