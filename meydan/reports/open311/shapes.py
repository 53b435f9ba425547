"""Our rows as the specification's elements: which of our words stands under which of its names."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from meydan.kernel.config import config
from meydan.kernel.i18n import current_language, format_days, text_of
from meydan.reports.models import CLOSED, Category, EntryKind, Question, QuestionKind, State, questions_of
from meydan.reports.open311.queries import Row
from meydan.reports.queries import labels, public_place

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
CHANGESET = "2026-11-22T00:00:00Z"


def absolute(path: str) -> str:
    """A path of this server as a whole address."""
    return f"{config().base_url}{path}"


def discovery() -> dict[str, Any]:
    """Where the service is, and how to come by a key."""
    home = absolute(reverse("data:home"))
    endpoint = {
        "specification": SPECIFICATION,
        "url": absolute("/open311/v2"),
        "changeset": CHANGESET,
        "type": "test" if config().demo else "production",
        "formats": ["text/xml", "application/json"],
    }
    return {"changeset": CHANGESET, "contact": home, "key_service": f"{home}#key", "endpoints": [endpoint]}


_DATATYPES = {
    QuestionKind.TEXT: "string",
    QuestionKind.NUMBER: "number",
    QuestionKind.DATE: "datetime",
    QuestionKind.CHOICE: "singlevaluelist",
    QuestionKind.YESNO: "singlevaluelist",
    QuestionKind.MANY: "multivaluelist",
}


def service(category: Category) -> dict[str, Any]:
    """A kind of problem."""
    return {
        "service_code": category.code,
        "service_name": text_of(category.name) or category.code,
        "description": text_of(category.description),
        "metadata": bool(category.questions),
        "type": "realtime",
        "keywords": ", ".join(_words_of(category.keywords)),
        "group": text_of(category.group),
    }


def _words_of(keywords: Mapping[str, Sequence[str]]) -> Sequence[str]:
    """The keywords in the reader's language, else those there are."""
    return keywords.get(current_language()) or next((words for words in keywords.values() if words), ())


def definition(category: Category) -> dict[str, Any]:
    """What is asked beside the fields that every request has: the category's questions."""
    asked = enumerate(questions_of(category.questions), 1)
    return {"service_code": category.code, "attributes": [_attribute(order, question) for order, question in asked]}


def _attribute(order: int, question: Question) -> dict[str, Any]:
    label = text_of(question.label) or question.code
    found = {
        "variable": True,
        "code": question.code,
        "datatype": _DATATYPES[question.kind],
        "required": question.required,
        "datatype_description": "",
        "order": order,
        "description": label,
    }
    values = [{"key": code, "name": text_of(words) or code} for code, words in question.options.items()]
    return {**found, "values": values} if values else found


def status_of(state: str) -> str:
    """The specification knows two: the city has something to do, or it has not."""
    return "closed" if state in CLOSED else "open"


def request(row: Row) -> dict[str, Any]:
    """A public report. `updated_datetime` is the moment of closing once it is closed, as the specification says."""
    known = labels()
    closed = row["closed_at"] if row["state"] in CLOSED else None
    rough = row["category_id"] in known.coarse
    place = public_place(row["category_id"], row["lat"], row["lon"]) if row["lat"] is not None else None
    return {
        "service_request_id": str(row["number"]),
        "status": status_of(row["state"]),
        "status_notes": row["words"],
        "service_name": text_of(known.categories.get(row["category_id"], {})) or row["category_id"],
        "service_code": row["category_id"],
        "description": plain(row["description"]),
        "agency_responsible": text_of(known.departments.get(row["department_id"], {})) or row["department_id"],
        "service_notice": None,
        "requested_datetime": local(row["filed_at"]),
        "updated_datetime": local(closed or row["updated_at"]),
        "expected_datetime": end_of(row["due_on"]),
        "address": None if rough else row["address"] or None,
        "address_id": None if rough else row["external__address_id"],
        "zipcode": None,
        "lat": place.lat if place else None,
        "long": place.lon if place else None,
        "media_url": picture(row["photo"]),
    }


def extended(row: Row, notes: Sequence[Row]) -> dict[str, Any]:
    """The same with what `extensions=true` adds: the nine states, the district, and the public history."""
    known = labels()
    more = {
        "state": row["state"],
        "state_name": str(State(row["state"]).label),
        "district": row["district_id"],
        "district_name": text_of(known.districts.get(row["district_id"], {})) or None,
        "origin": row["origin"],
        "confirmed_datetime": local(row["confirmed_at"]),
        "page_url": absolute(f"/reports/{row['number']}"),
    }
    return {**request(row), "extended_attributes": more, "notes": [note(one) for one in notes]}


def note(row: Row) -> dict[str, Any]:
    """A line of the public history."""
    return {
        "datetime": local(row["at"]),
        "summary": str(EntryKind(row["kind"]).label),
        "description": plain(row["text"]) or None,
        "status": status_of(row["state_after"]),
        "side": row["side"],
    }


def update(row: Row) -> dict[str, Any]:
    """A line of the public history as mySociety's extension wants it."""
    return {
        "update_id": str(row["id"]),
        "service_request_id": str(row["report_id"]),
        "status": status_of(row["state_after"]),
        "updated_datetime": local(row["at"]),
        "description": plain(row["text"]) or str(EntryKind(row["kind"]).label),
        "media_url": picture(row["photo"]),
    }


def receipt(number: int, category: Category, notices: Sequence[str]) -> dict[str, Any]:
    """The answer to a new request."""
    term = _("Thank you. The city answers within %(days)s.") % {"days": format_days(category.term_days, working=True)}
    hidden = [_("Reports of this kind are not shown in public.")] if category.private else []
    return {
        "service_request_id": str(number),
        "service_notice": " ".join([term, *hidden, *notices]),
        "account_id": None,
    }


def plain(text: str) -> str:
    """A text without HTML, which the specification forbids; web forms take `<` as it is."""
    return strip_tags(text).strip() if "<" in text else text


def local(value: datetime | None) -> datetime | None:
    """A moment in the city's zone."""
    return timezone.localtime(value) if value is not None else None


def end_of(day: date) -> datetime:
    """The last second of a day in the city."""
    return timezone.make_aware(datetime.combine(day, time(23, 59, 59)))


def picture(photo: int | None) -> str | None:
    """The address of a picture."""
    if photo is None:
        return None
    return absolute(reverse("reports:photo", kwargs={"photo_id": photo, "variant": "full"}))
