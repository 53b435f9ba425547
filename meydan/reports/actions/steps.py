"""What the verbs share: the step from one state to the next, and its line in the timeline."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from meydan.kernel.actor import Actor, Role
from meydan.kernel.city import promised_day
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, Invalid
from meydan.kernel.rows import insert
from meydan.reports.actions.terms import keep_time
from meydan.reports.models import (
    ALLOWED,
    MAX_DESCRIPTION,
    MAX_ENTRIES,
    Audience,
    Category,
    Entry,
    EntryKind,
    Report,
    Side,
    State,
    Verb,
)
from meydan.reports.policies import is_reporter
from meydan.reports.queries import searchable

ANSWERS = frozenset({State.ACCEPTED, State.ASKED, State.SOLVED, State.DECLINED})
"""States by which the city has answered a report for the first time."""
ENDS = frozenset({State.SOLVED, State.DECLINED, State.WITHDRAWN, State.MERGED})
NEWS = frozenset({Verb.ACCEPT, Verb.ASK, Verb.MOVE, Verb.FORWARD, Verb.SOLVE, Verb.DECLINE, Verb.MERGE})
"""What the city does and the reporter is told: by letter, else by telephone."""


def about(report: Report) -> dict[str, Any]:
    """What every fact about a report says."""
    return {
        "subject": report.reference,
        "persons": report.persons,
        "category": report.category_id,
        "department": report.department_id or "",
    }


def side_of(actor: Actor, report: Report) -> Side:
    """On whose behalf the actor writes: an officer who reported something themselves is its reporter there."""
    if actor.is_system:
        return Side.SYSTEM
    return Side.REPORTER if is_reporter(actor, report) or actor.is_visitor else Side.CITY


def take_step(report: Report, verb: Verb) -> None:
    """Move the report on by `ALLOWED`, and note the times. `Conflict` where its state does not allow the verb."""
    after = ALLOWED[State(report.state)].get(verb)
    if after is None:
        sentence = _(
            "This is not possible any more: the report is in the state “%(state)s”. Look at what happened since."
        )
        raise Conflict(sentence % {"state": State(report.state).label}, code="state_does_not_allow")
    moment = now()
    report.state = after
    if after in ANSWERS and report.answered_at is None and verb is not Verb.ANSWER:
        report.answered_at = moment
    if after in ENDS:
        report.closed_at = moment
    if after is State.CONFIRMED:
        report.confirmed_at = moment
    if after is State.REOPENED:
        report.closed_at, report.reopened_at, report.joined_to = None, moment, None
    report.ring_back_at = moment if verb in NEWS and report.is_reached_by_phone else None
    keep_time(report)


def write_entry(
    actor: Actor,
    report: Report,
    kind: EntryKind,
    text: str = "",
    *,
    audience: Audience = Audience.PUBLIC,
    side: Side | None = None,
    details: Mapping[str, Any] | None = None,
) -> Entry:
    """Save the report and add a line to its timeline; `details` as in `models.Entry`. `Conflict` when the timeline is
    full."""
    if Entry.objects.filter(report=report).count() >= MAX_ENTRIES:
        raise Conflict(_("This report has too long a history. File a new report and name this one in it."))
    report.updated_at = now()
    report.save()
    side = side or side_of(actor, report)
    return _add_entry(actor, report, kind, text, audience=audience, side=side, details=details)


def write_first_entry(
    actor: Actor, report: Report, *, side: Side = Side.REPORTER, details: Mapping[str, Any] | None = None
) -> Entry:
    """Begin the timeline of a report that was inserted just now."""
    return _add_entry(actor, report, EntryKind.FILED, "", audience=Audience.PUBLIC, side=side, details=details)


def _add_entry(
    actor: Actor,
    report: Report,
    kind: EntryKind,
    text: str,
    *,
    audience: Audience,
    side: Side,
    details: Mapping[str, Any] | None,
) -> Entry:
    by_phone = side is Side.REPORTER and actor.has(Role.OPERATOR) and not is_reporter(actor, report)
    entry = Entry(
        report=report,
        kind=kind,
        text=text,
        state_after=report.state,
        audience=audience,
        side=side,
        department=report.department_id or "",
        person_id=None if report.anonymous_at else actor.person_id,
        details={**(details or {}), **({"by_phone": True} if by_phone else {})},
        at=report.updated_at,
    )
    insert([entry])
    return entry


def need_words(text: str, name: str = "text") -> str:
    """The text, without blanks around it; `Invalid` when nothing or too much was written."""
    text = text.strip()
    if not text:
        raise Invalid(fields={name: _("Write a few words, so that the other side understands.")})
    if len(text) > MAX_DESCRIPTION:
        raise Invalid(fields={name: _("Shorten this to at most %(most)s characters.") % {"most": MAX_DESCRIPTION}})
    return text


def open_category(code: str) -> Category:
    """The category with this code, which can be chosen now. Raises `Invalid`."""
    found = Category.objects.raw(_TO_FILE, [code])  # keywords and descriptions are long, and not needed to file
    category = next(iter(found), None)
    if category is None:
        raise Invalid(fields={"category": _("Choose what the problem is about.")})
    return category


_TO_FILE = """
select code, name, department_id, term_days, private, coarse, needs_after_photo, questions, active
  from reports_category where code = %s and active"""


def term_of(category: Category, start: datetime) -> date:
    """The day by which the city promises an answer to a report of this category."""
    return promised_day(timezone.localtime(start).date(), category.term_days)


def search_text_of(report: Report, category: Category) -> str:
    """What searches look in: what was written, where it is, and the category's names in every language."""
    parts = (report.description, report.address, *category.name.values())
    return searchable(" ".join(parts))
