"""How reports look on pages: states as words with icons, rows of lists, lines of the timeline, terms."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from lucide import IconDoesNotExist

from meydan.kernel.actor import Actor
from meydan.kernel.city import city_today, working_days_between
from meydan.kernel.clock import now
from meydan.kernel.i18n import current_language, format_date, format_due, text_of
from meydan.reports.actions import explain_fault
from meydan.reports.models import OPEN, CallOutcome, EntryKind, Forward, Looking, Photo, Report, Sending, Side, State
from meydan.reports.policies import may_check_photo
from meydan.reports.queries import (
    STATE_LOOKS,
    Labels,
    Row,
    TimelineItem,
    address_for,
    is_late,
    is_on_its_way,
    labels,
    shown_to,
)
from meydan.ui.icons import icon

_ENTRY_LOOKS: Mapping[EntryKind, tuple[str, str]] = {
    EntryKind.FILED: ("", "camera"),
    EntryKind.ROUTED: ("", "forward"),
    EntryKind.ANSWERED: ("", "message-circle"),
    EntryKind.NOTE: ("", "notebook-pen"),
    EntryKind.PHOTO: ("", "image"),
    EntryKind.MESSAGE: ("", "message-circle"),
    EntryKind.RETURNED: ("", "message-square-reply"),
    EntryKind.DONE_THERE: ("good", "check"),
    EntryKind.RECALLED: ("", "undo-2"),
    EntryKind.JOINED: ("", "merge"),
    EntryKind.SPLIT: ("", "split"),
    EntryKind.ASSIGNED: ("", "user-check"),
    EntryKind.ESCALATED: ("warning", "bell-ring"),
    EntryKind.OVERDUE: ("bad", "clock-alert"),
    EntryKind.RECATEGORISED: ("", "tag"),
    EntryKind.CHANGED: ("", "pencil"),
    EntryKind.CALLED: ("", "phone"),
    EntryKind.UNDONE: ("warning", "undo-2"),
    EntryKind.HIDDEN: ("warning", "eye-off"),
    EntryKind.SHOWN: ("", "eye"),
}
_DOTS = {"good": "good", "warning": "warning", "bad": "bad"}


@dataclass(frozen=True)
class Picture:
    """What the page's parts need of a photo; measures in pixels."""

    url: str
    thumb_url: str
    width: int = 320
    height: int = 240


def picture(photo_id: int) -> Picture:
    """A photo of a report, by its number."""
    base = f"{_list_address()}photos/{photo_id}"
    return Picture(url=f"{base}/full", thumb_url=f"{base}/thumb")


@lru_cache(maxsize=1)
def _list_address() -> str:
    return reverse("reports:list")


@lru_cache(maxsize=4096)
def _day(day: date, language: str) -> str:
    return format_date(day, language=language)


def day_of(moment: datetime) -> str:
    """The day as its reader writes it; remembered, for lists show the same days again and again."""
    return _day(timezone.localtime(moment).date(), current_language())


def state_view(state: str) -> dict[str, Any]:
    """A state's words, tone and icon."""
    tone, sign = STATE_LOOKS[State(state)]
    return {"label": State(state).label, "tone": tone, "icon": sign, "open": State(state) in OPEN}


def category_name(code: str) -> str:
    """The category in the reader's language."""
    return text_of(labels().categories.get(code, {})) or code


def category_icon(code: str) -> str:
    """The category's icon."""
    return known_icon(labels().icons.get(code, ""))


@lru_cache(maxsize=512)
def known_icon(name: str) -> str:
    """The icon, or a general one when a clerk has named one that there is not."""
    try:
        icon(name)
    except IconDoesNotExist:
        return "circle-alert"
    return name


def district_name(code: str | None) -> str:
    """The district in the reader's language; empty when there is none."""
    return text_of(labels().districts.get(code, {})) or code if code else ""


def department_name(code: str | None) -> str:
    """The department in the reader's language; empty when nobody is responsible yet."""
    return text_of(labels().departments.get(code, {})) or code if code else ""


def team_name(code: str | None) -> str:
    """The office in the reader's language; empty when there is none."""
    return text_of(labels().teams.get(code, {})) or code if code else ""


def place_name(address: str, district: str | None) -> str:
    """Where it is, in words."""
    return address or district_name(district)


def rows_markup(rows: Iterable[Row]) -> str:
    """The rows of a list as HTML. What a row looks like is remembered, for lists show the same rows again and again."""
    language, known, today = current_language(), labels(), city_today()
    categories, districts = _names(language, known)
    return "".join(
        _row_markup(
            language,
            row["number"],
            row["state"],
            categories.get(row["category_id"], row["category_id"]),
            known.icons.get(row["category_id"], ""),
            row["address"] or districts.get(row["district_id"], ""),
            row["filed_at"],
            row["summary"],
            row["cover_id"],
            late=row["state"] in OPEN and is_late(row, today),
            supporters=row["supporters"],
        )
        for row in rows
    )


@lru_cache(maxsize=16)
def _names(language: str, known: Labels) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The names of categories and of districts in one language."""
    categories = {code: text_of(texts, language) or code for code, texts in known.categories.items()}
    return categories, {code: text_of(texts, language) for code, texts in known.districts.items()}


@lru_cache(maxsize=4096)
def _row_markup(
    language: str,
    number: int,
    state: str,
    title: str,
    sign: str,
    place: str,
    filed_at: datetime,
    summary: str,
    cover: int | None,
    *,
    late: bool,
    supporters: int,
) -> str:
    """Everything that the row depends on is a parameter; the language is the one that is active."""
    view = {
        "number": number,
        "href": f"{_list_address()}{number}",
        "title": title,
        "icon": known_icon(sign),
        "place": place,
        "day": day_of(filed_at),
        "state": state_view(state),
        "summary": summary,
        "photo": picture(cover) if cover else None,
        "late": late,
        "supporters": supporters,
    }
    return render_to_string("reports/row.html", {"row": view})


def work_view(row: Row) -> dict[str, Any]:
    """A case of the worklist, in words; `state` is its code."""
    is_open = row["state"] in OPEN
    return {
        "number": row["number"],
        "href": f"{_list_address()}{row['number']}",
        "title": category_name(row["category_id"]),
        "place": place_name(row["address"], row["district_id"]),
        "state": row["state"],
        "summary": row["summary"],
        "due": term(row["due_on"]) if is_open else "",
        "late": is_open and is_late(row, city_today()),
        "supporters": row["supporters"],
        "hands": row["officer__name"] or department_name(row["department_id"]),
    }


def work_rows_markup(rows: Iterable[Row], *, picks: bool) -> str:
    """The cases of the worklist as HTML, remembered as those of the lists are; `picks`: many can be chosen."""
    language = current_language()
    return "".join(_work_row_markup(language, tuple(work_view(row).items()), picks=picks) for row in rows)


@lru_cache(maxsize=4096)
def _work_row_markup(_language: str, words: tuple[tuple[str, Any], ...], *, picks: bool) -> str:
    """Everything that the row depends on is a parameter; the language is the one that is active."""
    view = dict(words)
    return render_to_string(
        "reports/work_row.html", {"row": {**view, "state": state_view(view["state"])}, "picks": picks}
    )


def today() -> date:
    """The city's day."""
    return timezone.localtime(now()).date()


def term(due: date) -> str:
    """ "in 3 working days, by Thursday 26 November"."""
    return _term(due, today(), current_language())


@lru_cache(maxsize=4096)
def _term(due: date, day: date, _language: str) -> str:
    """In the active language."""
    return format_due(due, working_days_between(day, due))


def timeline_view(items: Iterable[TimelineItem]) -> list[dict[str, Any]]:
    """The timeline for the page's part."""
    return [_line(item) for item in items]


def _line(item: TimelineItem) -> dict[str, Any]:
    look = _ENTRY_LOOKS.get(item.kind)
    tone, sign = look if look else STATE_LOOKS[item.state_after]
    who = department_name(item.department) if item.side is Side.CITY else str(item.side.label)
    if "by_phone" in item.details:
        who = f"{who}, {_('by telephone')}"
    elif "event" in item.details:
        who = f"{who}, {_('in the messenger')}"
    return {
        "moment": item.at,
        "title": _title(item),
        "text": _("The words are for the reporter and the city only.") if item.hidden_text else item.text,
        "who": f"{who} · {item.who}" if item.who else who,
        "notes": [*_way(item.details), *_hands(item.details)],
        "links": _links(item.details),
        "photos": [picture(number) for number in item.photos],
        "tone": _DOTS.get(tone, ""),
        "icon": sign,
        "staff_only": item.staff_only,
    }


def _title(item: TimelineItem) -> Any:
    """What the line is about; witnesses reopen a report where its reporter has said nothing."""
    if item.kind is EntryKind.REOPENED and item.side is Side.SYSTEM:
        return _("Reopened: witnesses say that it is not solved")
    if item.kind is EntryKind.UNDONE and item.details.get("undone") in EntryKind.values:
        return _("Taken back: %(what)s") % {"what": EntryKind(item.details["undone"]).label}
    if item.kind is EntryKind.FILED and "whole" in item.details:
        return _("Split from another report")
    return item.kind.label


_SENDING_LOOKS: Mapping[Sending, tuple[str, str]] = {
    Sending.WAITING: ("info", "hourglass"),
    Sending.SENT: ("info", "send"),
    Sending.ANSWERED: ("good", "message-circle"),
    Sending.FAILED: ("bad", "circle-alert"),
    Sending.RECALLED: ("quiet", "undo-2"),
}


def forwards_view(forwards: Iterable[Forward]) -> list[dict[str, Any]]:
    """Where a case was forwarded to, for the staff."""
    return [
        {
            "number": one.pk,
            "name": text_of(one.authority.name) or one.authority_id,
            "label": Sending(one.state).label,
            "tone": _SENDING_LOOKS[Sending(one.state)][0],
            "icon": _SENDING_LOOKS[Sending(one.state)][1],
            "external_id": one.external_id,
            "said": explain_fault(one.said),
            "tries": one.tries,
            "failed": one.state == Sending.FAILED,
            "open": is_on_its_way(one),
            "at": one.sent_at or one.at,
        }
        for one in forwards
    ]


def _way(details: Mapping[str, Any]) -> Iterator[str]:
    """From where to where a case went."""
    for name, naming in (("category", category_name), ("department", department_name), ("team", team_name)):
        start, end = details.get(f"from_{name}"), details.get(f"to_{name}")
        if start or end:
            words = {"start": naming(start or "") or _("nobody"), "end": naming(end or "") or _("nobody")}
            yield _("from %(start)s to %(end)s") % {key: f"\u2068{word}\u2069" for key, word in words.items()}


def _hands(details: Mapping[str, Any]) -> Iterator[str]:
    """Whom it was given to, and how a call went."""
    given = [str(details.get("officer", "")), team_name(details.get("team"))]
    if any(given):
        yield " · ".join(name for name in given if name)
    if details.get("outcome") in CallOutcome.values:
        yield str(CallOutcome(details["outcome"]).label)


def _links(details: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The other reports that a line names."""
    numbers = [int(details[name]) for name in ("into", "joined", "part", "whole") if name in details]
    return [(str(_("Report %(number)s") % {"number": number}), f"{_list_address()}{number}") for number in numbers]


def pair_of(photos: Iterable[Photo]) -> tuple[Picture, Picture] | None:
    """The first picture before and the last one after, when there are both."""
    by_kind: dict[str, list[int]] = {}
    for photo in photos:
        by_kind.setdefault(photo.kind, []).append(photo.pk)
    before, after = by_kind.get("before"), by_kind.get("after")
    return (picture(before[0]), picture(after[-1])) if before and after else None


def place_of(actor: Actor, report: Report) -> str:
    """Where it is, in words; as this reader is told it."""
    return place_name(address_for(actor, report), report.district_id)


def title_of(actor: Actor, report: Report) -> str:
    """ "Pothole · Boulevard Anfa"."""
    place = place_of(actor, report)
    name = category_name(report.category_id)
    return f"{name} · {place}" if place else name


def waiting_view(actor: Actor, photos: Iterable[Photo]) -> list[dict[str, Any]]:
    """The photos that wait for a look, for who sent them and for those who check them."""
    return [
        {
            "number": photo.pk,
            "picture": picture(photo.pk),
            "form": shown[:16],
            "shown": bool(shown),
            "ready": photo.looking == Looking.MARKED,
            "checks": bool(may_check_photo(actor, photo)),
        }
        for photo in photos
        for shown in [shown_to(actor, photo)]
    ]
