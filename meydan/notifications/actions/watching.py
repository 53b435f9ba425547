"""Watching an area, and telling those who do what is new in it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from meydan.accounts.public import Person
from meydan.kernel.action import action, action_on
from meydan.kernel.actor import SYSTEM, Actor
from meydan.kernel.clock import now
from meydan.kernel.config import config
from meydan.kernel.errors import Conflict, Invalid
from meydan.kernel.facts import record
from meydan.kernel.models import District
from meydan.kernel.places import Point
from meydan.notifications.actions.mail import Draft, post_letters, text_of_letter
from meydan.notifications.facts import WatchRemoved, WatchSet
from meydan.notifications.models import LEAST_RADIUS, MAX_WATCHES, MOST_RADIUS, News, Notice, Watch
from meydan.notifications.policies import may_change_watch, may_watch
from meydan.notifications.queries import Matched, find_by_token, list_matching, lock_watch, stop_token
from meydan.reports.public import PublicReport, find_public, find_several, list_categories, notice_of, title_of_public

DIGEST_HOUR = 7
"""The city's hour from which the day's letters go out."""
DIGEST_LINES = 20
DIGESTS_A_ROUND = 500
STOP = "%STOP%"


@action(policy=may_watch)
def add_watch(
    actor: Actor, *, point: Point | None = None, radius: int = 0, district: str = "", category: str = "", daily: bool
) -> Watch:
    """Watch an area: `radius` metres around a point, or a district (a code); of one category (a code), or all.
    `Conflict` when the actor watches `MAX_WATCHES` already."""
    person = Person.objects.select_for_update().get(pk=str(actor.person_id))  # two forms at once do not pass the bound
    if Watch.objects.filter(person=person).count() >= MAX_WATCHES:
        raise Conflict(_("You watch as many areas as one can. Take one away first."))
    if district and not District.objects.filter(code=district).exists():
        raise Invalid(fields={"district": _("Choose one of the districts.")})
    if category and category not in {one.code for one in list_categories(actor)}:
        raise Invalid(fields={"category": _("Choose a kind from the list.")})
    watch = Watch(person=person, category=category, daily=daily, made_at=now())
    if district:
        watch.district_id = district
    elif point is not None and LEAST_RADIUS <= radius <= MOST_RADIUS:
        watch.lat, watch.lon, watch.radius = point.lat, point.lon, radius
    else:
        raise Invalid(fields={"district": _("Choose a district, or a place on the map.")})
    watch.save(force_insert=True)
    _record_set(watch)
    return watch


@action_on(lock_watch, policy=may_change_watch)
def set_daily(actor: Actor, watch: Watch, *, daily: bool) -> Watch:
    """Have the letters of an area once a day, or at once."""
    watch.daily = daily
    watch.save(update_fields=["daily"])
    _record_set(watch)
    return watch


def _record_set(watch: Watch) -> None:
    record(WatchSet(subject=f"watch:{watch.pk}", persons=(watch.person_id,), daily=watch.daily))


@action_on(lock_watch, policy=may_change_watch)
def remove_watch(actor: Actor, watch: Watch) -> None:
    """Watch an area no longer; what was new in it goes with it."""
    record(WatchRemoved(subject=f"watch:{watch.pk}", persons=(watch.person_id,), by_link=actor.is_system))
    watch.delete()


def stop_by_link(token: str) -> None:
    """The same by the link of a letter: once is enough, and a second time does no harm. Raises `NotFound`."""
    watch = find_by_token(token)
    if watch is not None:
        remove_watch(SYSTEM, watch.pk)


def forget_watches(persons: Sequence[UUID]) -> None:
    """Take all areas of these persons away, each as if they had."""
    for key in list(Watch.objects.filter(person__in=persons).values_list("pk", flat=True)):
        remove_watch(SYSTEM, key)


def mark_read(actor: Actor) -> None:
    """The actor has seen what is new."""
    for kind in (News, Notice):
        kind._default_manager.filter(person=actor.person_id, read_at=None).update(read_at=now())


def announce(number: int) -> None:
    """Tell those who watch its place of a report that has become public: in the app, and by a letter at once or with
    the day's. Nobody twice, and never its reporter."""
    report = find_public(number)
    if report is None:
        return
    reporter = notice_of(number).person_id
    matched = [one for one in list_matching(report) if one.person != reporter]
    known = set(News.objects.filter(report=number).values_list("person", flat=True))
    fresh = [one for one in matched if one.person not in known]
    moment = now()
    News.objects.bulk_create(
        (News(person_id=one.person, watch_id=one.watch, report=number, waits=one.daily, at=moment) for one in fresh),
        batch_size=500,
        ignore_conflicts=True,
    )
    _write_at_once([one for one in fresh if one.email and not one.daily], report)


def _write_at_once(readers: Sequence[Matched], report: PublicReport) -> None:
    texts = {language: _text("area", language, [report]) for language in {one.language for one in readers}}
    if readers:
        drafts = [_draft(one.email, one.watch, texts[one.language]) for one in readers]
        post_letters(SYSTEM, sender=settings.DEFAULT_FROM_EMAIL, letters=drafts)


def _text(template: str, language: str, reports: Sequence[PublicReport], more: int = 0) -> tuple[str, str]:
    with override(language):
        lines = [(title_of_public(one), f"{config().base_url}/reports/{one.number}") for one in reports]
    return text_of_letter(template, language, {"lines": lines, "more": more, "stop": STOP, "news": _news_address()})


def _news_address() -> str:
    return f"{config().base_url}/me/news"


def _draft(to: str, watch: UUID, text: tuple[str, str]) -> Draft:
    """The letter with the reader's own way to stop it (RFC 8058: by one click of the mail program)."""
    link = f"{config().base_url}/alerts/stop/{stop_token(watch)}"
    headers: Mapping[str, str] = {
        "List-Unsubscribe": f"<{link}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    return to, text[0], text[1].replace(STOP, link), headers


def send_digests(*, moment: datetime | None = None) -> int:
    """The day's letters, for what has come until DIGEST_HOUR of the city's day; returns how many. Each in a transaction
    of its own, so that none goes out twice."""
    local = timezone.localtime(moment or now())
    until = local.replace(hour=DIGEST_HOUR, minute=0, second=0, microsecond=0)
    if local < until:
        until -= timedelta(days=1)
    waiting = News.objects.filter(waits=True, at__lt=until).order_by("person").values_list("person", flat=True)
    return sum(_send_digest(person, until) for person in list(waiting.distinct()[:DIGESTS_A_ROUND]))


@transaction.atomic
def _send_digest(person: UUID, until: datetime) -> int:
    rows = News.objects.select_for_update(skip_locked=True, of=("self",)).select_related("person")
    waiting = list(rows.filter(person=person, waits=True, at__lt=until).order_by("-id"))
    News.objects.filter(pk__in=[one.pk for one in waiting]).update(waits=False)
    reports = _still_public(waiting)
    reader = waiting[0].person if waiting else None
    if reader is None or not reader.email or not reader.is_active or not reports:
        return 0
    text = _text("area_day", reader.language, reports[:DIGEST_LINES], max(0, len(reports) - DIGEST_LINES))
    draft = _draft(reader.email, waiting[0].watch_id, text)
    post_letters(SYSTEM, sender=settings.DEFAULT_FROM_EMAIL, letters=[draft])
    return 1


def _still_public(waiting: Iterable[News]) -> list[PublicReport]:
    numbers = [one.report for one in waiting]
    found = find_several(numbers)
    return [found[number] for number in numbers if number in found]
