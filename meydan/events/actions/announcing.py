"""Announcing an event: drafts, and handing them in."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from meydan.events.actions.steps import about, step
from meydan.events.facts import EventDrafted, EventEdited, EventHandedIn, EventTakenBack
from meydan.events.models import (
    EDITABLE,
    FARTHEST,
    LONGEST,
    MOST_TIMES,
    Event,
    Plan,
    State,
    Timing,
    Version,
    city_rules,
)
from meydan.events.policies import may_announce, may_edit
from meydan.events.queries import lock_event, newest_version, open_version
from meydan.kernel.action import action, action_on
from meydan.kernel.actor import VISITOR, Actor
from meydan.kernel.city import this_city
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, Invalid, Sentence
from meydan.kernel.facts import record
from meydan.kernel.i18n import LANGUAGES
from meydan.kernel.limits import check
from meydan.kernel.models import District
from meydan.kernel.places import Point, find_district, light_outlines
from meydan.moderation.public import hand_in, refuse_blocked, withdraw_review
from meydan.rollout.public import find_closed, say_closed

WRITTEN_PER_HOUR = 120
HANDED_IN_PER_DAY = 20
MIN_TEXT = 40


def limit_announcing(actor: Actor) -> None:
    """Count a form against its sender, at the door. Raises `TooMany`."""
    check(f"events.write:{actor.person_id or actor.address}", limit=WRITTEN_PER_HOUR, seconds=3600)


@action(policy=may_announce)
def draft_event(actor: Actor, *, plan: Plan, language: str) -> Event:
    """Begin an event; only its organiser and moderators see it. Raises `Refused` for who is blocked, `Invalid`."""
    refuse_blocked(actor)
    event = Event.objects.create(language=language, organiser_id=actor.person_id, made_at=now(), updated_at=now())
    Version.objects.create(event=event, number=1, saved_at=now(), **_columns(plan))
    record(EventDrafted(**about(event, 1), language=language))
    return event


def _columns(plan: Plan) -> dict[str, Any]:
    """A plan as a version keeps it: by the city's clock, to the minute, with the district of its place."""
    starts, ends = (moment.isoformat(timespec="minutes") for moment in (plan.starts, plan.ends))
    lists = {"weekdays": list(plan.weekdays), "topics": list(plan.topics)}
    return {**asdict(plan), **lists, "starts": starts, "ends": ends, "district": _district(plan.lat, plan.lon)}


def _district(lat: float | None, lon: float | None) -> str:
    district = find_district(Point(lat, lon)) if lat is not None and lon is not None else None
    return district.code if district else ""


@action_on(lock_event, policy=may_edit)
def save_event(actor: Actor, event: Event, *, plan: Plan) -> Version:
    """Keep what the organiser planned. What waits for a moderator must be taken back first: `Conflict`."""
    refuse_blocked(actor)
    version = _to_edit(event)
    for name, value in _columns(plan).items():
        setattr(version, name, value)
    return _keep(event, version)


def _to_edit(event: Event) -> Version:
    """The open version, or a new one with what the newest says."""
    version = open_version(event)
    if version is not None and version.state not in EDITABLE:
        raise Conflict(_("A moderator has this now. Take it back first, then change it."))
    if version is None:
        version = newest_version(event)
        version.pk, version.number = None, version.number + 1
        version._state.adding = True
    return version


def _keep(event: Event, version: Version) -> Version:
    version.state, version.saved_at = State.DRAFT, now()
    version.save()
    record(EventEdited(**about(event, version.number)))
    return version


@action_on(lock_event, policy=may_edit)
def translate_event(actor: Actor, event: Event, *, language: str, title: str, text: str) -> Version:
    """Say title and text in another language; empty words take a translation out. A moderator looks at it as at any
    change."""
    refuse_blocked(actor)
    if language == event.language or language not in LANGUAGES:
        raise Invalid(fields={"language": _("Choose another language than that of the original.")})
    version = _to_edit(event)
    others = {code: words for code, words in version.texts.items() if code != language}
    version.texts = {**others, language: {"title": title, "text": text}} if title else others
    return _keep(event, version)


@action_on(lock_event, policy=may_edit)
def hand_in_event(actor: Actor, event: Event) -> None:
    """Ask that it be published. Raises `Invalid` with all that is missing, by field."""
    refuse_blocked(actor)
    check(f"events.hand_in:{actor.person_id}", limit=HANDED_IN_PER_DAY, seconds=86_400)
    version = open_version(event)
    if version is None:
        raise Conflict(_("Nothing has changed since it was published."))
    if event.cancelled_at is not None:
        raise Conflict(_("This event is cancelled. Announce a new one."))
    if faults := faults_of(version):
        raise Invalid(fields=faults)
    step(version, State.WAITING)
    event.updated_at = now()
    event.save(update_fields=["updated_at"])
    record(EventHandedIn(**about(event, version.number)))
    answers = {"about_technology": version.about_technology, "district": version.district}
    hand_in(actor, about=event.reference, title=version.title, language=event.language, answers=answers)


def suggest_event(actor: Actor, *, plan: Plan, language: str, complete: bool = False) -> Event:
    """Begin an event and, where it is `complete`, hand it in: both or nothing. Raises what the two raise."""
    with transaction.atomic():
        event = draft_event(actor, plan=plan, language=language)
        if complete:
            hand_in_event(actor, event.pk)
    return event


def faults_of(version: Version) -> dict[str, Sentence]:
    """What keeps a version from being handed in, by the field's name."""
    faults: dict[str, Sentence] = {}
    if len(version.text) < MIN_TEXT:
        faults["text"] = _("Write at least %(least)s characters.") % {"least": MIN_TEXT}
    if not version.topics:
        faults["topics"] = _("Choose what it is about.")
    if city_rules().technology_only and not version.about_technology:
        faults["about_technology"] = _("Events here are about new technology. Tick this if yours is.")
    return faults | time_faults(version.timing) | _place_faults(version)


def time_faults(timing: Timing) -> dict[str, Sentence]:
    """What is wrong with the times."""
    here = datetime.now(ZoneInfo(this_city().time_zone)).replace(tzinfo=None)
    if timing.ends <= timing.starts:
        return {"ends": _("It must end after it begins.")}
    if timing.ends - timing.starts > LONGEST:
        return {"ends": _("One date lasts at most 14 days.")}
    if timing.starts > here + FARTHEST:
        return {"starts": _("Choose a day within the next two years.")}
    if timing.repeats:
        return _rule_faults(timing, here)
    return {"starts": _("This lies in the past.")} if timing.ends < here else {}


def _rule_faults(timing: Timing, here: datetime) -> dict[str, Sentence]:
    if timing.until is None:
        return {"until": _("Say until which day it comes again.")}
    if timing.until < timing.starts.date() or timing.until > (here + FARTHEST).date():
        return {"until": _("Choose a day after the first one, within the next two years.")}
    if len(timing.times()) > MOST_TIMES:
        return {"until": _("It can come again at most %(most)s times. Choose an earlier day.") % {"most": MOST_TIMES}}
    return {"until": _("This lies in the past.")} if timing.until < here.date() else {}


def _place_faults(version: Version) -> dict[str, Sentence]:
    """In the city, by its outline, where the city wants it so; else at least somewhere."""
    if version.lat is None and city_rules().in_city:
        return {"spot": _("Show on the map where it is.")}
    if not version.place and not version.online:
        return {"place": _("Say where it is: street and number, or the name of the house.")}
    if city_rules().in_city and not version.district and light_outlines():
        return {"spot": _("This place lies outside of the city.")}
    return _closed_faults(version)


def _closed_faults(version: Version) -> dict[str, Sentence]:
    """Where the city has not opened yet, nothing new is announced."""
    district = District.objects.defer("outline").filter(code=version.district).first() if version.district else None
    standing = find_closed(VISITOR, district)
    return {"spot": say_closed(standing)} if standing else {}


@action_on(lock_event, policy=may_edit)
def take_back_event(actor: Actor, event: Event) -> None:
    """Let no moderator look at it any more; it is a draft again."""
    version = open_version(event)
    if version is None or version.state != State.WAITING:
        raise Conflict(_("There is nothing to take back."))
    step(version, State.DRAFT)
    record(EventTakenBack(**about(event, version.number)))
    withdraw_review(actor, about=event.reference)
