""" "Me too": somebody else is affected by the same problem, and may follow what becomes of it."""

from django.utils.translation import gettext_lazy as _

from meydan.kernel.action import action_on
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, Invalid
from meydan.kernel.facts import record
from meydan.kernel.limits import check
from meydan.moderation.public import refuse_blocked
from meydan.reports.actions.steps import about
from meydan.reports.facts import ReportSupported
from meydan.reports.models import Follower, Report
from meydan.reports.policies import may_support
from meydan.reports.queries import lock_report

SUPPORTED_PER_HOUR = 60
SUPPORTED_BY_ADDRESS = 300
MAX_FOLLOWERS = 10_000


def support_report(actor: Actor, number: int, *, device: str = "", follow: bool = False) -> Report:
    """Say "me too", once for each person, or for each device of those without account (`device`: its keyed hash, the
    actor's own where none is given). `follow`: also be told what happens, which needs an account. Saying it again
    changes nothing. Raises `NotFound`, `Refused` for the reporter, `Conflict` when the report is closed."""
    device = "" if actor.person_id else device or actor.device
    if not actor.person_id and not device:
        raise Invalid(_("Allow cookies for this site, so that your “me too” counts once."), code="no_device")
    return _support(actor, number, device=device, follow=follow and actor.person_id is not None)


@action_on(lock_report, policy=may_support)
def _support(actor: Actor, report: Report, *, device: str, follow: bool) -> Report:
    if not report.is_open:
        raise Conflict(_("This report is closed. If the problem is there again, file a new one."))
    if report.followers.count() >= MAX_FOLLOWERS:
        raise Conflict(_("So many have said so already that nobody more needs to."))
    mine = report.followers.filter(person=actor.person_id, device=device)
    found = mine.first() or Follower(report=report, person_id=actor.person_id, device=device, at=now())
    counts = not found.me_too
    found.me_too, found.follows = True, found.follows or follow
    found.save()
    if counts:
        report.supporters += 1
        report.save(update_fields=["supporters"])
    record(ReportSupported(**about(report), counts=counts, follows=found.follows))
    return report


def limit_supporting(actor: Actor) -> None:
    """Count a "me too" against its sender, at the door. Raises `TooMany`, and `Refused` for who is blocked."""
    refuse_blocked(actor)
    check(f"reports.support:{actor.person_id or actor.device or actor.address}", limit=SUPPORTED_PER_HOUR, seconds=3600)
    check(f"reports.support.address:{actor.address}", limit=SUPPORTED_BY_ADDRESS, seconds=3600)
