"""Which districts are open, and which will be."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from meydan.kernel.actor import Actor
from meydan.kernel.city import city_today
from meydan.kernel.errors import NotFound, Sentence
from meydan.kernel.i18n import format_date, text_of
from meydan.kernel.models import District
from meydan.rollout.models import Opening

_DEEPEST = 10


@dataclass(frozen=True)
class Standing:
    """A district, and how it stands. `opens_on`: None where no day is set, or ever was."""

    code: str
    name: str
    is_open: bool
    opens_on: date | None


def list_districts(actor: Actor) -> list[Standing]:
    """All districts in the city's order, in the reader's language."""
    rows = list(District.objects.order_by("position", "code").values_list("pk", "code", "name", "parent"))
    openings, parents = _openings(), {key: parent for key, _code, _name, parent in rows}
    found = []
    for key, code, name, _parent in rows:
        said = _said_of(key, parents, openings)
        day = openings[said] if said is not None else None
        is_open = said is None or (day is not None and day <= city_today())
        found.append(Standing(code, text_of(name) or code, is_open, day))
    return found


def list_closed(actor: Actor) -> list[Standing]:
    """Those that are not open now."""
    if not Opening.objects.exists():
        return []
    return [one for one in list_districts(actor) if not one.is_open]


def find_closed(actor: Actor, district: District | None) -> Standing | None:
    """How a district stands that is not open now; None for one that is, and outside of all districts."""
    openings = _openings() if district is not None else {}
    if district is None or not openings:
        return None
    parents = {district.pk: district.parent_id}
    if district.parent_id is not None and district.pk not in openings:
        parents |= dict(District.objects.values_list("pk", "parent"))
    said = _said_of(district.pk, parents, openings)
    if said is None or is_past(openings[said]):
        return None
    return Standing(district.code, text_of(district.name) or district.code, False, openings[said])


def _openings() -> dict[int, date | None]:
    return dict(Opening.objects.values_list("district_id", "opens_on"))


def _said_of(key: int, parents: Mapping[int, int | None], openings: Mapping[int, date | None]) -> int | None:
    """The district whose row counts for this one: its own, or that of the nearest that holds it."""
    place: int | None = key
    for _step in range(_DEEPEST):
        if place is None or place in openings:
            return place
        place = parents.get(place)
    return None


def is_past(day: date | None) -> bool:
    """Whether a district with this day is open now."""
    return day is not None and day <= city_today()


def say_closed(standing: Standing) -> Sentence:
    """Why nothing can begin there, for who tried."""
    if standing.opens_on is None:
        return _("This is not open in %(district)s yet.") % {"district": standing.name}
    return _("This is not open in %(district)s yet. It opens there on %(day)s.") % {
        "district": standing.name,
        "day": format_date(standing.opens_on),
    }


def lock_district(actor: Actor, code: str) -> District:
    """A district, locked until the action ends. Raises `NotFound`."""
    district = District.objects.select_for_update().defer("outline").filter(code=code).first()
    if district is None:
        raise NotFound
    return district


def _due() -> QuerySet[Opening]:
    return Opening.objects.filter(announced=False, opens_on__lte=city_today())


def is_due(district: District) -> bool:
    """Whether its day is here, and nobody was told yet."""
    return _due().filter(district=district).exists()


def list_due(actor: Actor) -> list[str]:
    """The districts (codes) whose day is here, and nobody was told yet."""
    return list(_due().values_list("district__code", flat=True))


def lock_due(actor: Actor, code: str) -> Opening:
    """One of them, locked until the action ends. Raises `NotFound`."""
    rows = _due().select_for_update(of=("self",)).select_related("district").defer("district__outline")
    opening = rows.filter(district__code=code).first()
    if opening is None:
        raise NotFound
    return opening


def list_following(actor: Actor, code: str) -> list[tuple[str, dict[str, str]]]:
    """The districts that are open when this one is, itself first: code and names by language."""
    rows = list(District.objects.order_by("position", "code").values_list("pk", "code", "name", "parent"))
    openings, parents = _openings(), {key: parent for key, _code, _name, parent in rows}
    own = next((key for key, one, _name, _parent in rows if one == code), None)
    found = [
        (one, name) for key, one, name, _parent in rows if own is not None and _said_of(key, parents, openings) == own
    ]
    return sorted(found, key=lambda pair: pair[0] != code)
