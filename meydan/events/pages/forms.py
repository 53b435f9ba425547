"""The form that announces an event. Without JavaScript the place is chosen by pressing on a picture of the city: the
browser says where, and the form comes back with it filled in."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from meydan.articles.public import Topic
from meydan.events import actions
from meydan.events.inputs import AnnounceEvent, TranslateEvent
from meydan.events.models import EDITABLE, Event, Repeats, State, city_rules
from meydan.events.pages.drawing import picture, sheet
from meydan.events.pages.showing import svg
from meydan.events.policies import may_announce, may_edit
from meydan.events.queries import find_event, newest_version, open_version
from meydan.kernel.errors import Invalid, NotFound
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.i18n import LANGUAGES, current_language, format_date
from meydan.kernel.inputs import parse
from meydan.kernel.policy import demand
from meydan.ui.prose import prose

Values = Mapping[str, Any]
ORDER = ("title", "language", "text", "starts_on", "starts_at", "starts", "ends_on", "ends_at", "ends", "repeats")


@page("GET", "POST")
def new(request: HttpRequest) -> HttpResponse:
    """Announce an event."""
    actor = actor_of(request)
    demand(may_announce(actor), actor)
    if request.method == "POST":
        return _take(request, None)
    return _show(request, None, {"language": current_language()}, {})


@page("GET", "POST")
def edit(request: HttpRequest, number: int) -> HttpResponse:
    """Change an event."""
    event = _own(request, number)
    if request.method == "POST":
        return _take(request, event)
    values = _values_of(event)
    if values is None:  # its page says who has it now, and takes it back
        return HttpResponseRedirect(reverse("events:show", kwargs={"number": event.pk}))
    return _show(request, event, values, {})


def _own(request: HttpRequest, number: int) -> Event:
    actor = actor_of(request)
    event = find_event(actor, number)
    demand(may_edit(actor, event), actor)
    return event


def _take(request: HttpRequest, event: Event | None) -> HttpResponse:
    actor = actor_of(request)
    actions.limit_announcing(actor)
    if spot := _pressed(request):
        return _show(request, event, {**_typed(request), "spot": spot}, {})
    try:
        taken = parse(AnnounceEvent, request.POST)
        if event is None:
            event = actions.draft_event(actor, plan=taken.plan, language=taken.language)
        else:
            actions.save_event(actor, event.pk, plan=taken.plan)
    except Invalid as error:
        return _show(request, event, _typed(request), _in_order(error.fields), status=422)
    if taken.do == "hand_in":
        try:
            actions.hand_in_event(actor, event.pk)
        except Invalid as error:
            return _show(request, event, _typed(request), _in_order(error.fields), status=422)
        return HttpResponseRedirect(f"{reverse('events:show', kwargs={'number': event.pk})}?done=handed_in")
    return HttpResponseRedirect(f"{reverse('events:edit', kwargs={'number': event.pk})}?done=saved")


def _pressed(request: HttpRequest) -> str:
    """Where somebody pressed on the picture of the city; "" when they did not. A key pressed in a field sends the
    first button with 0, 0."""
    drawn = sheet()
    x, y = (request.POST.get(f"city.{axis}", "") for axis in "xy")
    if drawn is None or not (x.isascii() and x.isdigit() and y.isascii() and y.isdigit() and len(x + y) < 10):
        return ""
    point = drawn.point_at(int(x), int(y)) if (x, y) != ("0", "0") else None
    return f"{point.lat}, {point.lon}" if point else ""


def _typed(request: HttpRequest) -> dict[str, Any]:
    values: dict[str, Any] = {name: str(value)[:20_000] for name, value in request.POST.items()}
    return values | {
        "topics": request.POST.getlist("topics")[:20],
        "weekdays": request.POST.getlist("weekdays")[:7],
    }


def _in_order(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Under the names that the form's fields have."""
    named = {{"starts": "starts_on", "ends": "ends_at"}.get(name, name): said for name, said in fields.items()}
    return {name: named[name] for name in (*ORDER, *named) if name in named}


def _values_of(event: Event) -> dict[str, Any] | None:
    """None while a moderator has it."""
    version = open_version(event) or newest_version(event)
    if version.state not in (*EDITABLE, State.PUBLISHED, State.REFUSED):
        return None
    names = ("title", "text", "repeats", "place", "online", "registers", "seats", "topics", "about_technology")
    starts, ends = (datetime.fromisoformat(clock) for clock in (version.starts, version.ends))
    return {
        **{name: getattr(version, name) for name in names},
        "language": event.language,
        "starts_on": f"{starts:%Y-%m-%d}",
        "starts_at": f"{starts:%H:%M}",
        "ends_on": f"{ends:%Y-%m-%d}",
        "ends_at": f"{ends:%H:%M}",
        "until": f"{version.until:%Y-%m-%d}" if version.until else "",
        "weekdays": [str(day) for day in version.weekdays],
        "spot": f"{version.lat}, {version.lon}" if version.lat is not None else "",
    }


def _show(request: HttpRequest, event: Event | None, values: Values, errors: Values, status: int = 200) -> HttpResponse:
    drawn = sheet()
    context = {
        "event": event,
        "values": values,
        "errors": errors,
        "languages": list(LANGUAGES.items()),
        "topics": Topic.choices,
        "repeats": Repeats.choices,
        "weekdays": [(str(day), _weekday(day)) for day in range(7)],
        "technology_only": city_rules().technology_only,
        "in_city": city_rules().in_city,
        "sheet": drawn,
        "done": request.GET.get("done", ""),
        "others": [(code, name) for code, name in LANGUAGES.items() if event and code != event.language],
    }
    return render(request, "events/edit.html", context, status=status)


def _weekday(day: int) -> str:
    """A weekday's name, Monday as 0."""
    return format_date(date(2026, 11, 30 - 7 + day), weekday=True, year=False).split(" ")[0].strip(",")


@page("GET")
def city_picture(request: HttpRequest) -> HttpResponse:
    """The city, to choose a place on; `?spot=` marks one."""
    drawn = sheet()
    if drawn is None:
        raise NotFound
    lat, _comma, lon = request.GET.get("spot", "").partition(",")
    try:
        mark = (float(lat), float(lon)) if lon else None
    except ValueError:
        mark = None
    inside = mark is not None and -90 <= mark[0] <= 90 and -180 <= mark[1] <= 180
    return svg(picture(drawn, mark if inside else None))


@page("GET", "POST")
def translate(request: HttpRequest, number: int) -> HttpResponse:
    """Say the event in another language, beside the original."""
    event = _own(request, number)
    if request.method != "POST":
        return _show_translation(request, event, request.GET.get("language", ""), {}, {})
    actor = actor_of(request)
    actions.limit_announcing(actor)
    try:
        taken = parse(TranslateEvent, request.POST)
        actions.translate_event(actor, number, language=taken.language, title=taken.title, text=taken.text)
    except Invalid as error:
        wrong = {name or "title": said for name, said in error.fields.items()}
        language = request.POST.get("language", "")
        return _show_translation(request, event, language, _typed(request), wrong, status=422)
    return HttpResponseRedirect(f"{reverse('events:edit', kwargs={'number': number})}?done=saved")


def _show_translation(
    request: HttpRequest, event: Event, language: str, values: Values, errors: Values, status: int = 200
) -> HttpResponse:
    if language not in LANGUAGES or language == event.language:
        language = next(code for code in LANGUAGES if code != event.language)
    version = open_version(event) or newest_version(event)
    context = {
        "event": event,
        "version": version,
        "wanted": language,
        "wanted_name": LANGUAGES[language],
        "values": values or version.texts.get(language, {}),
        "errors": errors,
        "original": prose(version.text),
    }
    return render(request, "events/translate.html", context, status=status)
