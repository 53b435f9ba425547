"""A word to the other side, beside the states."""

from collections.abc import Sequence

from meydan.kernel.action import action_on
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.facts import record
from meydan.reports.actions.photos import attach_photos
from meydan.reports.actions.steps import about, need_words, write_entry
from meydan.reports.facts import MessageWritten
from meydan.reports.models import Audience, EntryKind, PhotoKind, Report, Side
from meydan.reports.policies import is_reporter, may_work, may_write
from meydan.reports.queries import lock_report


@action_on(lock_report, policy=may_write)
def write_message(actor: Actor, report: Report, *, text: str, photos: Sequence[str] = (), event: str = "") -> Report:
    """Write to the other side: an officer to the reporter, the reporter to the city. Only these two read it, and the
    state stays as it is. `event`: the messenger's, where it was written there."""
    from_city = bool(may_work(actor, report)) and not is_reporter(actor, report)
    if from_city and report.is_reached_by_phone:
        report.ring_back_at = now()
    side = Side.CITY if from_city else Side.REPORTER
    details = {"event": event} if event else {}
    words, audience = need_words(text), Audience.PARTIES
    entry = write_entry(actor, report, EntryKind.MESSAGE, words, audience=audience, side=side, details=details)
    attach_photos(report, entry, photos, PhotoKind.EXTRA, public=False)
    record(MessageWritten(**about(report), from_city=from_city))
    return report
