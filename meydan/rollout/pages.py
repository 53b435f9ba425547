"""Which districts are open, for everybody; and opening them, for administrators."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from meydan.kernel.clock import now
from meydan.kernel.errors import Invalid
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.inputs import parse
from meydan.kernel.outlines import Frame
from meydan.kernel.places import light_outlines
from meydan.kernel.policy import demand
from meydan.rollout.actions import set_opening
from meydan.rollout.inputs import SetOpening
from meydan.rollout.policies import may_roll_out
from meydan.rollout.queries import list_districts

WIDTH = 640
_SIMPLER = 60
_SECONDS = 60


@page("GET", "POST")
def index(request: HttpRequest) -> HttpResponse:
    """All districts and how they stand; an administrator's form opens one."""
    if request.method != "POST":
        return _show(request)
    demand(may_roll_out(actor_of(request)), actor_of(request))
    try:
        said = parse(SetOpening, request.POST).checked()
        set_opening(actor_of(request), said.district, opens_on=said.opens_on)
    except Invalid as error:
        return _show(request, values=request.POST.dict(), errors=error.fields, status=422)
    return HttpResponseRedirect(f"{reverse('rollout:list')}#{said.district}")


def _show(
    request: HttpRequest, *, values: Mapping[str, Any] | None = None, errors: Any = None, status: int = 200
) -> HttpResponse:
    actor = actor_of(request)
    districts = list_districts(actor)
    context = {
        "districts": districts,
        "open": sum(one.is_open for one in districts),
        "drawn": _drawn(int(now().timestamp() // _SECONDS)),
        "by_code": {one.code: one for one in districts},
        "arranges": bool(may_roll_out(actor)),
        "values": values or {},
        "errors": errors or {},
    }
    return render(request, "rollout/list.html", context, status=status)


@lru_cache(maxsize=2)
def _drawn(_moment: int) -> tuple[int, int, tuple[tuple[str, str], ...]]:
    """The city as it is drawn, at most once a minute: width, height, and each district's code with its SVG path."""
    outlines = light_outlines(_SIMPLER)
    if not outlines:
        return WIDTH, 0, ()
    frame = Frame.around([outline for _district, outline in outlines], width=WIDTH)
    return WIDTH, int(frame.height) + 1, tuple((one.code, frame.path(outline)) for one, outline in outlines)
