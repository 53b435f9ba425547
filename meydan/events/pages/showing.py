"""One event: its page, coming to it, cancelling it, who comes."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from meydan.articles.public import Topic, list_related
from meydan.comments.public import thread_of
from meydan.events import actions
from meydan.events.inputs import ChooseDate
from meydan.events.models import TONES, Event, State
from meydan.events.pages.drawing import picture, sheet
from meydan.events.pages.looks import (
    address_of,
    linked_data,
    organiser_of,
    picture_address,
    plan_of,
    repeats_of,
    row_of,
    when_of,
)
from meydan.events.policies import is_own, may_edit
from meydan.events.queries import (
    entry_of,
    find_event,
    list_guests,
    list_mine,
    list_versions,
    my_seats,
    occurrences_of,
    open_version,
    seatings,
    shown_version,
)
from meydan.events.queries import list_related as list_other_events
from meydan.kernel.actor import Actor, Role
from meydan.kernel.clock import now
from meydan.kernel.errors import NotFound
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.i18n import LANGUAGES, current_language
from meydan.kernel.inputs import parse
from meydan.kernel.policy import demand
from meydan.moderation.public import find_review, place_in_queue
from meydan.ui.cards import serve_card
from meydan.ui.prose import prose

DATES_SHOWN = 12


@page("GET")
def show(request: HttpRequest, number: int) -> HttpResponse:
    """One event, in the reader's language where somebody has translated it."""
    actor = actor_of(request)
    event = find_event(actor, number)
    version = shown_version(actor, event)
    language = current_language()
    title, text = version.words_in(language, event.language)
    dates = occurrences_of(actor, event, since=now())
    stand = seatings(actor, dates[:DATES_SHOWN], version.seats)
    next_left = next((stand[date.pk].left for date in dates[:1]), None)
    context = {
        "event": event,
        "version": version,
        "title": title,
        "body": prose(text),
        "said_in": language if language in version.texts else event.language,
        "dates": [(date, when_of(date), stand[date.pk]) for date in dates[:DATES_SHOWN]],
        "more_dates": max(0, len(dates) - DATES_SHOWN),
        "over": event.is_public and not dates,
        "repeats": repeats_of(version),
        "first_time": plan_of(version),
        "organiser": organiser_of(event),
        "labels": dict(Topic.choices),
        "address": address_of(event),
        "picture": picture_address(event),
        "linked_data": linked_data(event, entry_of(actor, event, version, language), dates, next_left),
        "related": [row_of(date, {}) for date in list_other_events(actor, event, version)],
        "articles": list_related(actor, topics=version.topics, language=language),
        "tongues_said": [code for code in LANGUAGES if code == event.language or code in version.texts],
        "language_names": LANGUAGES,
        "thread": thread_of(actor, event.reference) if event.is_public else None,
        "done": request.GET.get("done", ""),
        **_state_of(actor, event),
    }
    return render(request, "events/show.html", context)


def _state_of(actor: Actor, event: Event) -> dict[str, Any]:
    own = is_own(actor, event)
    if not own and not actor.has(Role.MODERATOR):
        return {"own": False, "waiting": None, "waiting_body": "", "review": None, "queue": None}
    waiting = open_version(event)
    return {
        "own": own,
        "waiting": waiting,
        "waiting_time": plan_of(waiting) if waiting else "",
        "waiting_body": prose(waiting.text) if waiting and event.is_public else "",
        "tone": TONES[State(waiting.state)] if waiting else "",
        "review": find_review(event.reference) if own else None,
        "queue": place_in_queue(event.reference) if own else None,
    }


@page("GET")
def card(request: HttpRequest, number: int, language: str) -> HttpResponse:
    """The picture that stands for an event where its link is shared."""
    event = find_event(actor_of(request), number)
    if event.live is None or event.hidden:
        raise NotFound
    title, _text = event.live.words_in(language, event.language)
    return serve_card(title, language)


@page("GET")
def map_of(request: HttpRequest, number: int) -> HttpResponse:
    """Where one event is, drawn."""
    actor = actor_of(request)
    event = find_event(actor, number)
    version = shown_version(actor, event)
    drawn = sheet()
    if drawn is None or version.lat is None or version.lon is None:
        raise NotFound
    return svg(picture(drawn, (version.lat, version.lon)))


def svg(body: str) -> HttpResponse:
    """A drawing, with headers that let nothing in it run."""
    response = HttpResponse(body, content_type="image/svg+xml")
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@page("POST")
def come(request: HttpRequest, number: int) -> HttpResponse:
    """Take a seat on one date, or a place on the waiting list."""
    seat = actions.take_seat(actor_of(request), _date_of(request, number))
    return _back(number, "waiting" if seat.waiting else "registered")


@page("POST")
def stay_away(request: HttpRequest, number: int) -> HttpResponse:
    """Give one's seat up."""
    actions.give_up_seat(actor_of(request), _date_of(request, number))
    return _back(number, "given_up")


def _date_of(request: HttpRequest, number: int) -> int:
    """The number of a date of this event. Raises `NotFound`."""
    actor = actor_of(request)
    event = find_event(actor, number)
    wanted = parse(ChooseDate, request.POST).date
    if not any(date.pk == wanted for date in occurrences_of(actor, event)):
        raise NotFound
    return wanted or 0


def _back(number: int, done: str) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('events:show', kwargs={'number': number})}?done={done}")


@page("POST")
def cancel(request: HttpRequest, number: int) -> HttpResponse:
    """Cancel one date (`date`), or the whole event."""
    actor = actor_of(request)
    demand(may_edit(actor, find_event(actor, number)), actor)
    wanted = parse(ChooseDate, request.POST).date
    if wanted is None:
        actions.cancel_event(actor, number)
    else:
        actions.cancel_occurrence(actor, number, occurrence=wanted)
    return _back(number, "cancelled")


@page("POST")
def take_back(request: HttpRequest, number: int) -> HttpResponse:
    """Have no moderator look at it any more, and go on planning."""
    actor = actor_of(request)
    demand(may_edit(actor, find_event(actor, number)), actor)
    actions.take_back_event(actor, number)
    return HttpResponseRedirect(reverse("events:edit", kwargs={"number": number}))


@page("GET")
def guests(request: HttpRequest, number: int) -> HttpResponse:
    """Who comes, for the organiser."""
    actor = actor_of(request)
    event = find_event(actor, number)
    by_date: dict[str, list[tuple[str, bool]]] = {}
    for seat in list_guests(actor, event):
        name = seat.person.name or seat.person.username
        by_date.setdefault(when_of(seat.occurrence), []).append((name, seat.waiting))
    context = {"event": event, "title": shown_version(actor, event).title, "by_date": by_date}
    return render(request, "events/guests.html", context)


@page("GET")
def mine(request: HttpRequest) -> HttpResponse:
    """Where the person goes, and what they have announced."""
    actor = actor_of(request)
    announced = [(one, TONES[State(one.state)]) for one in list_mine(actor)]
    going = [(row_of(seat.occurrence, {}), seat.waiting) for seat in my_seats(actor) if seat.occurrence.event.live]
    return render(request, "events/mine.html", {"announced": announced, "going": going})


@page("GET")
def versions(request: HttpRequest, number: int) -> HttpResponse:
    """How the event was announced before."""
    actor = actor_of(request)
    event = find_event(actor, number)
    rows = [
        (one, TONES[State(one.state)], plan_of(one), repeats_of(one) or _("It takes place once"), prose(one.text))
        for one in list_versions(actor, event)
    ]
    context = {"event": event, "rows": rows, "title": shown_version(actor, event).title}
    return render(request, "events/versions.html", context)
