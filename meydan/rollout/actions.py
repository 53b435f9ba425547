"""Opening the city's districts, one after the other."""

from contextlib import suppress
from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from meydan.kernel.action import action_on
from meydan.kernel.actor import SYSTEM, Actor
from meydan.kernel.city import city_today
from meydan.kernel.clock import now
from meydan.kernel.errors import Invalid, NotFound
from meydan.kernel.facts import record
from meydan.kernel.models import District
from meydan.rollout.facts import DistrictOpened, OpeningSet
from meydan.rollout.models import Opening
from meydan.rollout.policies import may_announce, may_open
from meydan.rollout.queries import find_closed, is_due, is_past, list_due, lock_district, lock_due

FARTHEST = timedelta(days=5 * 366)


@action_on(lock_district, policy=may_open)
def set_opening(actor: Actor, district: District, *, opens_on: date | None) -> Opening:
    """Decide from which day of the city's on a district is open: a day that is here opens it now, one to come then, by
    itself; None closes it until a day is set. What is in it already stays and goes on. Raises `Invalid`, `NotFound`."""
    if opens_on is not None and opens_on > city_today() + FARTHEST:
        raise Invalid(fields={"day": _("Choose a day within the next five years.")})
    told = find_closed(actor, district) is None and not is_due(district)
    opening, _made = Opening.objects.update_or_create(
        district=district, defaults={"opens_on": opens_on, "set_at": now(), "announced": told and is_past(opens_on)}
    )
    day = "" if opens_on is None else opens_on.isoformat()
    record(OpeningSet(subject=f"district:{district.code}", district=district.code, opens_on=day))
    return opening


@action_on(lock_due, policy=may_announce)
def announce_opening(actor: Actor, opening: Opening) -> None:
    """A district's day is here: say so, once. Raises `NotFound` where it was said."""
    opening.announced = True
    opening.save(update_fields=["announced"])
    record(DistrictOpened(subject=f"district:{opening.district.code}"))


def announce_openings() -> None:
    """The same for every district whose day is here."""
    for code in list_due(SYSTEM):
        with suppress(NotFound):  # another worker was faster
            announce_opening(SYSTEM, code)
