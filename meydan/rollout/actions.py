"""Opening the city's districts, one after the other."""

from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from meydan.kernel.action import action_on
from meydan.kernel.actor import Actor
from meydan.kernel.city import city_today
from meydan.kernel.clock import now
from meydan.kernel.errors import Invalid
from meydan.kernel.facts import record
from meydan.kernel.models import District
from meydan.rollout.facts import OpeningSet
from meydan.rollout.models import Opening
from meydan.rollout.policies import may_open
from meydan.rollout.queries import lock_district

FARTHEST = timedelta(days=5 * 366)


@action_on(lock_district, policy=may_open)
def set_opening(actor: Actor, district: District, *, opens_on: date | None) -> Opening:
    """Decide from which day of the city's on a district is open: a day that is here opens it now, one to come then, by
    itself; None closes it until a day is set. What is in it already stays and goes on. Raises `Invalid`, `NotFound`."""
    if opens_on is not None and opens_on > city_today() + FARTHEST:
        raise Invalid(fields={"day": _("Choose a day within the next five years.")})
    opening, _made = Opening.objects.update_or_create(
        district=district, defaults={"opens_on": opens_on, "set_at": now()}
    )
    day = "" if opens_on is None else opens_on.isoformat()
    record(OpeningSet(subject=f"district:{district.code}", district=district.code, opens_on=day))
    return opening
