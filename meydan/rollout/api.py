"""The JSON door: which districts are open; for administrators, opening them."""

from datetime import date

from django.http import HttpRequest
from pydantic import BaseModel

from meydan.kernel.http import actor_of, doors, json_door
from meydan.rollout.actions import set_opening
from meydan.rollout.inputs import SetOpening
from meydan.rollout.queries import list_districts


class DistrictView(BaseModel):
    """A district. `opens_on`: the day from which it is open; null where it always was, or no day is set."""

    code: str
    name: str
    open: bool
    opens_on: date | None


class DistrictList(BaseModel):
    """All districts, in the city's order."""

    districts: list[DistrictView]


def _views(request: HttpRequest) -> DistrictList:
    return DistrictList(
        districts=[
            DistrictView(code=one.code, name=one.name, open=one.is_open, opens_on=one.opens_on)
            for one in list_districts(actor_of(request))
        ]
    )


@json_door(summary="The city's districts, and which of them are open", gives=DistrictList)
def show_all(request: HttpRequest) -> DistrictList:
    return _views(request)


@json_door(
    summary="Open a district, now or from a day on, or close it",
    takes=SetOpening,
    gives=DistrictList,
    errors=(401, 403, 404),
)
def change(request: HttpRequest, *, taken: SetOpening) -> DistrictList:
    said = taken.checked()
    set_opening(actor_of(request), said.district, opens_on=said.opens_on)
    return _views(request)


districts = doors(get=show_all, post=change)
