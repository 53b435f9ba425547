"""Another authority's Open311 server (GeoReport v2), as a client: file a request, find it again, ask how it stands.

The other side may be slow, repeat itself or answer nonsense. What is no answer by the standard raises `Nonsense`: after
a POST that means that the request may well have arrived.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.utils.html import strip_tags
from django.utils.translation import gettext_lazy as _

from meydan.kernel.errors import MeydanError, Sentence, Unavailable
from meydan.kernel.fetch import Answer, call, explain
from meydan.kernel.vault import take_out
from meydan.reports.models import MAX_DESCRIPTION, Authority

MAX_BYTES = 2_000_000
MAX_ROWS = 1_000
MAX_PAGES = 10
TIMEOUT = 20.0
FORM = "application/x-www-form-urlencoded; charset=utf-8"
LATER = frozenset({408, 429, 503})
"""Statuses that say: not now, and nothing was done."""
Row = dict[str, str]


class Nonsense(Unavailable):
    """The other side answered, but not by the standard: what it has done is not known."""

    code = "nonsense"
    default = _("The other server's answer could not be understood.")


class Declined(MeydanError):
    """The other side will not take the request, and says why in `message`."""

    status = 502
    code = "declined"
    default = _("The other server does not take this request.")


class NotNow(Unavailable):
    """The other side is busy and says so: nothing was done."""

    code = "not_now"
    default = _("The other server is busy.")


def explain_fault(said: str) -> Sentence:
    """What is kept of a try that failed, for its reader: the sentence of a code of ours, else their own words."""
    return next((kind.default for kind in (Nonsense, NotNow) if kind.code == said), explain(said))


@dataclass(frozen=True)
class Receipt:
    """What the other side calls the request: its number, or a token that will lead to one."""

    request_id: str = ""
    token: str = ""


@dataclass(frozen=True)
class Standing:
    """How a request stands there: "open" or "closed", and the words to it, without HTML."""

    status: str
    notes: str


def send_request(authority: Authority, fields: Mapping[str, str]) -> Receipt:
    """POST a request. Raises `Declined`, `NotNow`, `Nonsense`, and as `kernel.fetch.call` does."""
    given = {**_house(authority), **fields, "api_key": take_out(authority.api_key)}
    body = urlencode({name: value for name, value in given.items() if value}).encode()
    answer = _call(authority, "POST", "requests", body=body)
    if answer.status in LATER:
        raise NotNow
    if 400 <= answer.status < 500:
        raise Declined(_complaint(authority, answer))
    rows = _rows(authority, answer, "request") if 200 <= answer.status < 300 else []
    receipt = Receipt(rows[0].get("service_request_id", ""), rows[0].get("token", "")) if rows else Receipt()
    if not (receipt.request_id or receipt.token) or max(len(receipt.request_id), len(receipt.token)) > 120:
        raise Nonsense
    return receipt


def find_by_mark(authority: Authority, mark: str, since: datetime) -> Receipt | None:
    """The request whose description holds our mark, if the other side lists it. None when it is not there."""
    span = {"start_date": _moment(since - timedelta(days=1)), "end_date": _moment(since + timedelta(days=60))}
    seen: set[str] = set()
    for page in range(1, MAX_PAGES + 1):
        rows = _get(authority, "requests", {**span, "page": str(page), "page_size": "100"})
        for row in rows:
            if mark in row.get("description", "") and row.get("service_request_id"):
                return Receipt(row["service_request_id"][:120])
        fresh = {row.get("service_request_id", "") for row in rows} - seen
        if not fresh:  # the end, or a server that knows no pages
            return None
        seen |= fresh
    return None


def ask_token(authority: Authority, token: str) -> str:
    """The number of the request that a token stands for; "" while there is none yet."""
    rows = _get(authority, f"tokens/{quote(token, safe='')}")
    mine = [row for row in rows if row.get("token", token) == token]
    return mine[0].get("service_request_id", "")[:120] if mine else ""


def ask_standing(authority: Authority, request_id: str) -> Standing:
    """How a request stands. Raises `Nonsense` also when the answer is about another one."""
    rows = _get(authority, f"requests/{quote(request_id, safe='')}")
    mine = [row for row in rows if row.get("service_request_id") == request_id]
    if not mine or mine[0].get("status", "").lower() not in ("open", "closed"):
        raise Nonsense
    notes = strip_tags(mine[0].get("status_notes", "")).strip()
    return Standing(mine[0]["status"].lower(), notes[:MAX_DESCRIPTION])


def _get(authority: Authority, what: str, query: Mapping[str, str] | None = None) -> list[Row]:
    answer = _call(authority, "GET", what, query={**_house(authority), **(query or {})})
    if answer.status in LATER:
        raise NotNow
    if answer.status != 200:
        raise Nonsense
    return _rows(authority, answer, "request")


def _house(authority: Authority) -> dict[str, str]:
    return {"jurisdiction_id": authority.jurisdiction} if authority.jurisdiction else {}


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _call(
    authority: Authority, method: str, what: str, *, body: bytes = b"", query: Mapping[str, str] | None = None
) -> Answer:
    url = f"{authority.endpoint.rstrip('/')}/{what}.{authority.form}{f'?{urlencode(query)}' if query else ''}"
    headers = {"Content-Type": FORM} if body else None
    return call(method, url, body=body, headers=headers, max_bytes=MAX_BYTES, timeout=TIMEOUT)


def _rows(authority: Authority, answer: Answer, name: str) -> list[Row]:
    """The answer's elements called `name`, each by its fields. Raises `Nonsense`."""
    if not answer.whole:
        raise Nonsense
    try:
        if authority.form == "json":
            return _json_rows(answer.body)
        return [_fields(one) for one in list(fromstring(answer.body.decode("utf-8")).iter(name))[:MAX_ROWS]]
    except (ValueError, RecursionError, ParseError, DefusedXmlException) as error:
        raise Nonsense from error


def _json_rows(body: bytes) -> list[Row]:
    """A bare array, as the standard says; many servers give one object, or an object around the array."""
    found: Any = json.loads(body)
    if isinstance(found, dict):
        inner = [value for value in found.values() if isinstance(value, list)]
        found = inner[0] if inner else [found]
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise ValueError("neither an array nor an object")
    return [{str(key): _text(value) for key, value in one.items()} for one in found[:MAX_ROWS]]


def _text(value: Any) -> str:
    """Numbers are taken for texts; what is nested says nothing to us."""
    is_plain = isinstance(value, str | int | float) and not isinstance(value, bool)
    return str(value).strip() if is_plain else ""


def _fields(element: Element) -> Row:
    return {child.tag: (child.text or "").strip() for child in element}


def _complaint(authority: Authority, answer: Answer) -> str:
    """What the other side says is wrong, in its own words."""
    try:
        rows = _rows(authority, answer, "error")
    except Nonsense:
        rows = []
    words = " ".join(strip_tags(row.get("description", "")) for row in rows).strip()
    return f"{answer.status}: {words}"[:1000] if words else str(answer.status)
