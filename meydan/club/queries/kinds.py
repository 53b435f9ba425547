"""What can count in the club, by the facts that say so. Rules name these kinds by their codes.

Each kind judges all facts about one subject at once: whatever order they are learned in, and however often, the answer
is the same; a new kind finds its contributions in the past as well.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from meydan.articles.facts import ArticleHidden, ArticlePublished, ArticleShown, ArticleWithdrawn
from meydan.comments.facts import CommentDeleted, CommentFoundHelpful, CommentHidden, CommentShown
from meydan.events.facts import EventCancelled, EventHidden, EventPublished, EventShown
from meydan.kernel.errors import Sentence
from meydan.kernel.facts import Fact, StoredFact
from meydan.moderation.facts import ThingFlagged, ThingKept, ThingPutBack, ThingTakenOff
from meydan.reports.facts import (
    ReportAnonymised,
    ReportHidden,
    ReportReopened,
    ReportShown,
    ReportSolved,
    SolutionConfirmed,
    WitnessHeard,
)
from meydan.store.facts import AppPublished, AppPutBack, AppTakenOff, AppWithdrawn, ReleasePublished

HELPFUL = 3
"""So many people have to agree."""
UPKEEP = timedelta(days=30)
Standing = dict[UUID, datetime]
"""For whom something counts, and since when."""
Judge = Callable[[Sequence[StoredFact]], Standing]


@dataclass(frozen=True)
class Kind:
    """One kind of contribution: how people call it, the facts that it is judged by, and how."""

    code: str
    label: Sentence
    facts: tuple[type[Fact], ...]
    judge: Judge


def judge_confirmed(facts: Sequence[StoredFact]) -> Standing:
    """A report of one's own whose repair one has confirmed. Not while it is reopened or hidden, and not for whoever
    has declared it solved themselves."""
    found: Standing = {}
    hidden, solver = False, None
    for one in facts:
        if isinstance(one.fact, ReportSolved):
            solver = one.actor
        elif isinstance(one.fact, SolutionConfirmed):
            found = {person: one.recorded_at for person in one.fact.persons if person != solver}
        elif isinstance(one.fact, ReportReopened):
            found = {}
        elif isinstance(one.fact, ReportHidden | ReportShown):
            hidden = isinstance(one.fact, ReportHidden)
    return {} if hidden else found


def judge_witnesses(facts: Sequence[StoredFact]) -> Standing:
    """Going to look, as a follower of somebody else's report, whether it is solved. Not while the report is hidden."""
    found: Standing = {}
    hidden = False
    for one in facts:
        if isinstance(one.fact, WitnessHeard):
            found = {**dict.fromkeys(one.fact.persons, one.recorded_at), **found}
        elif isinstance(one.fact, ReportHidden | ReportShown):
            hidden = isinstance(one.fact, ReportHidden)
    return {} if hidden else found


def judge_flags(facts: Sequence[StoredFact]) -> Standing:
    """Having said, with an account, that something is wrong with a thing which a moderator then took off; unless an
    appeal put it back."""
    found: Standing = {}
    said: set[UUID] = set()
    for one in facts:
        if isinstance(one.fact, ThingFlagged) and one.actor is not None:
            said.add(one.actor)
        elif isinstance(one.fact, ThingTakenOff):
            found = {**dict.fromkeys(said - {one.actor}, one.recorded_at), **found}
            said = set()
        elif isinstance(one.fact, ThingPutBack):
            found = {}
        elif isinstance(one.fact, ThingKept):
            said = set()
    return found


def judge_helpful(facts: Sequence[StoredFact]) -> Standing:
    """A comment that `HELPFUL` people other than its writer found helpful. Not while it is hidden, nor once its writer
    has taken it back."""
    found: Standing = {}
    hidden = deleted = False
    for one in facts:
        if isinstance(one.fact, CommentFoundHelpful):
            writers = [person for person in one.fact.persons if person != one.actor]
            found = {**dict.fromkeys(writers, one.recorded_at), **found} if one.fact.count >= HELPFUL else {}
        elif isinstance(one.fact, CommentHidden | CommentShown):
            hidden = isinstance(one.fact, CommentHidden)
        elif isinstance(one.fact, CommentDeleted):
            deleted = True
    return {} if hidden or deleted else found


def judge_articles(facts: Sequence[StoredFact]) -> Standing:
    """An article that went through the moderators and is public. Not while it is hidden or withdrawn."""
    found: Standing = {}
    hidden = False
    for one in facts:
        if isinstance(one.fact, ArticlePublished):
            found = found or dict.fromkeys(one.fact.persons, one.recorded_at)
        elif isinstance(one.fact, ArticleWithdrawn):
            found = {}
        elif isinstance(one.fact, ArticleHidden | ArticleShown):
            hidden = isinstance(one.fact, ArticleHidden)
    return {} if hidden else found


def judge_events(facts: Sequence[StoredFact]) -> Standing:
    """An event that went through the moderators and was not called off as a whole. Its first publication names its
    organiser alone; later ones name guests too."""
    found: Standing = {}
    hidden = False
    for one in facts:
        if isinstance(one.fact, EventPublished):
            found = dict.fromkeys(one.fact.persons, one.recorded_at) if one.fact.first else found
        elif isinstance(one.fact, EventCancelled):
            found = {} if one.fact.occurrence is None else found
        elif isinstance(one.fact, EventHidden | EventShown):
            hidden = isinstance(one.fact, EventHidden)
    return {} if hidden else found


def judge_apps(facts: Sequence[StoredFact]) -> Standing:
    """An app that went through the moderators and is in the store."""
    found: Standing = {}
    hidden = False
    for one in facts:
        if isinstance(one.fact, AppPublished):
            found = found or dict.fromkeys(one.fact.persons, one.recorded_at)
        elif isinstance(one.fact, AppWithdrawn):
            found = {}
        elif isinstance(one.fact, AppTakenOff | AppPutBack):
            hidden = isinstance(one.fact, AppTakenOff)
    return {} if hidden else found


def judge_upkeep(facts: Sequence[StoredFact]) -> Standing:
    """An app in the store that had a new version `UPKEEP` or more after its first: for whoever published that one."""
    if not judge_apps(facts):
        return {}
    releases = [one for one in facts if isinstance(one.fact, ReleasePublished)]
    later = [one for one in releases if one.recorded_at >= releases[0].recorded_at + UPKEEP]
    return dict.fromkeys(later[0].fact.persons, later[0].recorded_at) if later else {}


_SEEN = (ReportHidden, ReportShown)
_APPS = (AppPublished, AppWithdrawn, AppTakenOff, AppPutBack)
KINDS: dict[str, Kind] = {
    kind.code: kind
    for kind in (
        Kind(
            "report-confirmed",
            _("A report of yours whose repair you have confirmed"),
            (ReportSolved, SolutionConfirmed, ReportReopened, *_SEEN),
            judge_confirmed,
        ),
        Kind(
            "repair-witnessed",
            _("A look at somebody else's report: is it solved?"),
            (WitnessHeard, *_SEEN),
            judge_witnesses,
        ),
        Kind(
            "flag-upheld",
            _("A hint that something breaks the charter, with which a moderator agreed"),
            (ThingFlagged, ThingKept, ThingTakenOff, ThingPutBack),
            judge_flags,
        ),
        Kind(
            "comment-helpful",
            _("A comment of yours that several people found helpful"),
            (CommentFoundHelpful, CommentHidden, CommentShown, CommentDeleted),
            judge_helpful,
        ),
        Kind(
            "article-published",
            _("An article of yours that was published"),
            (ArticlePublished, ArticleWithdrawn, ArticleHidden, ArticleShown),
            judge_articles,
        ),
        Kind(
            "event-published",
            _("An event of yours that was announced and not cancelled"),
            (EventPublished, EventCancelled, EventHidden, EventShown),
            judge_events,
        ),
        Kind(
            "app-published",
            _("An app of yours that is in the catalogue"),
            _APPS,
            judge_apps,
        ),
        Kind(
            "app-kept-up",
            _("An app of yours that you keep up: a new version a month or more after the first"),
            (*_APPS, ReleasePublished),
            judge_upkeep,
        ),
    )
}
FORGETTING: tuple[type[Fact], ...] = (ReportAnonymised,)
"""After these nobody is to find any more whom the subject leads to: what counted stays, without its reference."""
WATCHED: tuple[type[Fact], ...] = tuple(dict.fromkeys(fact for kind in KINDS.values() for fact in kind.facts))


def kinds_by(fact: type[Fact]) -> list[Kind]:
    """The kinds that are judged by facts like this."""
    return [kind for kind in KINDS.values() if fact in kind.facts]


def label_of(code: str) -> str:
    """What people call a kind; its code where this version knows it no longer."""
    return str(KINDS[code].label) if code in KINDS else code
