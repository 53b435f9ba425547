"""A report's card: what the messenger shows of it above its conversation, and what the reporter can do there."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from meydan.kernel.actor import Actor
from meydan.kernel.city import city_today, working_days_between
from meydan.kernel.errors import NotFound, Sentence
from meydan.kernel.i18n import format_due, text_of
from meydan.reports.models import ALLOWED, Report, State, Verb
from meydan.reports.policies import is_party, may_add_photo, may_follow_up
from meydan.reports.queries.one import find_report
from meydan.reports.queries.silence import is_late

# state -> (tone, icon): a word and a picture, never colour alone
STATE_LOOKS: Mapping[State, tuple[str, str]] = {
    State.SUBMITTED: ("info", "inbox"),
    State.ACCEPTED: ("info", "hammer"),
    State.ASKED: ("warning", "message-circle-question-mark"),
    State.MOVED: ("info", "forward"),
    State.FORWARDED: ("info", "external-link"),
    State.SOLVED: ("good", "check"),
    State.CONFIRMED: ("good", "circle-check-big"),
    State.DECLINED: ("quiet", "ban"),
    State.REOPENED: ("bad", "rotate-ccw"),
    State.WITHDRAWN: ("quiet", "undo-2"),
    State.MERGED: ("quiet", "merge"),
}

PHOTO = "photo"
NEXT: Mapping[State, Sentence] = {
    State.SUBMITTED: gettext_lazy("The department looks at it and takes it on."),
    State.ACCEPTED: gettext_lazy("The department works on it and writes here."),
    State.ASKED: gettext_lazy("The department needs your answer; until then the term waits."),
    State.MOVED: gettext_lazy("The responsible department looks at it and takes it on."),
    State.FORWARDED: gettext_lazy("Another authority has it; what it answers comes here."),
    State.SOLVED: gettext_lazy("Look at it, then say whether it is really done."),
    State.CONFIRMED: gettext_lazy("Nothing more is to be done. Thank you."),
    State.DECLINED: gettext_lazy("You can reopen it, and say why."),
    State.REOPENED: gettext_lazy("The department looks at it again."),
    State.WITHDRAWN: gettext_lazy("You have taken it back; nothing more happens."),
    State.MERGED: gettext_lazy("It goes on in the report of the same problem; you hear of it there."),
}


@dataclass(frozen=True)
class CardDeed:
    """One thing that the reporter can do from the card. `words` and `photos` say what it asks for: "" nothing, "may"
    or "must"; `waits`: the case waits for just this; `tone`: primary or quiet."""

    verb: str
    label: str
    hint: str
    words: str
    photos: str
    tone: str
    waits: bool


@dataclass(frozen=True)
class Card:
    """A report in a few words, in the reader's language. `term` is "" where none runs."""

    number: int
    title: str
    state: str
    tone: str
    term: str
    late: bool
    following: str
    deeds: tuple[CardDeed, ...]


def find_card(actor: Actor, number: int) -> Card:
    """The card of a report, for its reporter and the staff. `NotFound` for everybody else, also where the report itself
    is public: what waits for whom is between the two."""
    report = find_report(actor, number)
    if not is_party(actor, report):
        raise NotFound
    state, today = State(report.state), city_today()
    term = format_due(report.due_on, working_days_between(today, report.due_on)) if report.is_open else ""
    waiting = report.paused_on is not None
    row = {"due_on": report.due_on, "paused_on": report.paused_on}
    return Card(
        number=report.number,
        title=text_of(report.category.name) or report.category_id,
        state=str(state.label),
        tone=STATE_LOOKS[state][0],
        term=_("waits for your answer") if waiting else term,
        late=report.is_open and is_late(row, today),
        following=str(NEXT[state]),
        deeds=tuple(_deeds(actor, report)),
    )


def _deeds(actor: Actor, report: Report) -> list[CardDeed]:
    """What its reporter may do now, in the order in which it is offered."""
    allowed = ALLOWED[State(report.state)] if may_follow_up(actor, report) else {}
    closed = report.state in (State.SOLVED, State.DECLINED, State.MERGED)
    deeds = []
    if Verb.ANSWER in allowed:
        hint = _("Only the city reads your answer.")
        deeds.append(CardDeed(Verb.ANSWER, _("Send the answer"), hint, "must", "may", "primary", True))
    if Verb.CONFIRM in allowed:
        hint = _("The report is then counted as solved.")
        deeds.append(CardDeed(Verb.CONFIRM, _("Yes, it is solved"), hint, "", "", "primary", True))
    if Verb.REOPEN in allowed:
        hint = _("Say what is still wrong. Everybody can read it.")
        waits = report.state == State.SOLVED
        deeds.append(CardDeed(Verb.REOPEN, _("No, reopen it"), hint, "must", "may", "quiet", waits))
    if may_follow_up(actor, report) and may_add_photo(actor, report) and not closed and report.is_open:
        hint = _(
            "Photos of a public report become public once the city has looked at them. Avoid faces and number plates."
        )
        deeds.append(CardDeed(PHOTO, _("Add photos"), hint, "may", "must", "quiet", False))
    return deeds
