"""The Ear: what the reporter and the witnesses say about a closing."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from meydan.kernel.action import action_on
from meydan.kernel.actor import SYSTEM, Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, NotFound, Refused
from meydan.kernel.facts import record
from meydan.reports.actions.steps import about, take_step, term_of, write_entry
from meydan.reports.actions.terms import start_term
from meydan.reports.facts import ReportReopened, ReportUnfollowed, WitnessHeard
from meydan.reports.models import MAX_DESCRIPTION, EntryKind, Opinion, Report, State, Verb, Voice
from meydan.reports.policies import is_reporter, may_unfollow, may_witness
from meydan.reports.queries import count_witnesses, find_closing, lock_report

WITNESSES_TO_REOPEN = 3
"""So many witnesses, and more than say the opposite, reopen a report that its reporter has not confirmed."""


def note_opinion(
    actor: Actor,
    report: Report,
    voice: Voice,
    *,
    solved: bool,
    content: int | None = None,
    reasons: Sequence[str] = (),
    text: str = "",
) -> None:
    """Keep what somebody says about the report's last closing, once for each person: who speaks again corrects
    themselves. A report that was never closed here has nothing to speak about."""
    closing = find_closing(report)
    if closing is None:
        return
    by_phone = voice is Voice.REPORTER and not is_reporter(actor, report)  # the operator's own opinion is none
    said = {
        "report": report,
        "voice": voice,
        "solved": solved,
        "content": content,
        "reasons": sorted(set(reasons)),
        "text": text.strip()[:MAX_DESCRIPTION],
        "at": now(),
    }
    if actor.person_id is None or by_phone:
        Opinion.objects.create(closing=closing, **said)
    else:
        Opinion.objects.update_or_create(closing=closing, person_id=actor.person_id, defaults=said)


@action_on(lock_report, policy=may_witness)
def hear_witness(
    actor: Actor,
    report: Report,
    *,
    solved: bool,
    content: int | None = None,
    reasons: Sequence[str] = (),
    text: str = "",
) -> Report:
    """A follower says whether they find it solved. Three of them against, and more than for, reopen the report. The
    words are for the city only. `Refused` for those who do not follow, `Conflict` when it is not closed as solved."""
    if not report.followers.filter(person=actor.person_id).exists():
        raise Refused(_("Follow this report first: its witnesses are those whom it concerns."))
    if report.state != State.SOLVED:
        raise Conflict(_("This report does not wait for a verdict now. Look at what happened since."))
    note_opinion(actor, report, Voice.WITNESS, solved=solved, content=content, reasons=reasons, text=text)
    record(WitnessHeard(**{**about(report), "persons": _only(actor)}, solved=solved))
    found, missed = count_witnesses(report)
    if missed >= WITNESSES_TO_REOPEN and missed > found:
        take_step(report, Verb.REOPEN)
        start_term(report, term_of(report.category, now()))
        write_entry(SYSTEM, report, EntryKind.REOPENED)
        record(ReportReopened(**about(report)))
    return report


@action_on(lock_report, policy=may_unfollow)
def unfollow_report(actor: Actor, report: Report) -> Report:
    """Hear no more of a report, and count no more as affected. `NotFound` for those who do not follow."""
    deleted, _kinds = report.followers.filter(person=actor.person_id).delete()
    if not deleted:
        raise NotFound
    report.supporters = report.followers.filter(me_too=True).count()
    report.save(update_fields=["supporters"])
    record(ReportUnfollowed(**{**about(report), "persons": _only(actor)}))
    return report


def _only(actor: Actor) -> tuple[object, ...]:
    """The person whom a fact about following concerns: the follower, not the reporter."""
    return (actor.person_id,) if actor.person_id else ()
