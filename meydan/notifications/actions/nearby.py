"""Telling those who watch an area what is new there beside reports: an event, and that a district is open.

It stands in their inbox; who wants letters at once has one too.
"""

from collections.abc import Mapping
from datetime import datetime

from meydan.events.public import find_event_by_reference, occurrences_of
from meydan.kernel.actor import SYSTEM
from meydan.kernel.i18n import text_of
from meydan.kernel.places import Point
from meydan.notifications.actions.noticing import leave_notice
from meydan.notifications.models import Notice
from meydan.notifications.queries import Matched, list_watching
from meydan.rollout.public import list_following


def announce_event(subject: str) -> None:
    """Tell those who watch its place of an event ("event:12") that has become public, but not its organiser. A part of
    the reaction that calls it, as is the other one."""
    event = find_event_by_reference(SYSTEM, subject)
    if event is None or event.live is None or event.hidden:
        return
    live, dates = event.live, occurrences_of(SYSTEM, event)
    point = Point(live.lat, live.lon) if live.lat is not None and live.lon is not None else None
    for one in list_watching([live.district] if live.district else [], point, all_kinds=True):
        if one.person != event.organiser_id:
            title, _text = live.words_in(one.language, event.language)
            moment = dates[0].starts_at if dates else None
            _tell(one, Notice.Kind.EVENT, title, f"/events/{event.pk}", place=live.place or live.online, moment=moment)


def announce_district(code: str) -> None:
    """Tell those who watch a district, or a part that follows it, that it is open."""
    names: Mapping[str, Mapping[str, str]] = dict(list_following(SYSTEM, code))
    for one in list_watching(list(names)):
        name = text_of(names[one.district], one.language)
        _tell(one, Notice.Kind.OPENED, name, f"/districts/#{one.district}")


def _tell(
    one: Matched, kind: Notice.Kind, title: str, path: str, *, place: str = "", moment: datetime | None = None
) -> None:
    email = "" if one.daily else one.email
    leave_notice(
        SYSTEM,
        person=one.person,
        email=email,
        language=one.language,
        kind=kind,
        title=title,
        path=path,
        place=place,
        moment=moment,
    )
