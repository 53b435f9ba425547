"""What every answer to a malformed request must be: no fault of ours, nothing of our insides, and a reason."""

import json
import re
from html import unescape
from xml.etree import ElementTree

from django.http import HttpResponseBase

INSIDES = re.compile(
    rb"Traceback \(most recent|File \"/|django\.(core|db|http)|psycopg|site-packages|OperationalError|DataError"
)
SHORTEST_REASON = 12
"""Letters; "Not found." would be too short to help anybody."""


def judge(response: HttpResponseBase, *, method: str = "GET") -> None:
    """Raises AssertionError, saying what is wrong with the answer."""
    body = b"".join(response) if response.streaming else bytes(getattr(response, "content", b""))
    kind = response.headers.get("Content-Type", "")
    is_health = response.status_code == 503 and kind == "application/json" and b'"worker"' in body
    assert response.status_code < 500 or is_health, f"{response.status_code}: {body[:300]!r}"
    assert not INSIDES.search(body), f"our insides show: {INSIDES.search(body)}"
    if 400 <= response.status_code < 500 and method != "HEAD":
        reason = reason_in(body, kind)
        assert len(reason) >= SHORTEST_REASON, f"{response.status_code} without a reason: {kind} {body[:200]!r}"


def reason_in(body: bytes, kind: str) -> str:
    """The sentence for the reader: of a page its main part, of a JSON door `detail`, of Open311 the descriptions."""
    if kind.startswith("application/problem+json"):
        return str(json.loads(body)["detail"])
    if kind.startswith("application/json"):
        found = json.loads(body)  # a list is Open311's; an object allauth's, with its sentences inside
        return " ".join(str(one["description"]) for one in found) if isinstance(found, list) else str(found)
    if kind.startswith("text/xml"):
        return " ".join(one.text or "" for one in ElementTree.fromstring(body).iter("description"))
    if kind.startswith("text/html"):
        return text_of_main(body.decode())
    return body.decode("utf-8", "replace").strip()


def text_of_main(page: str) -> str:
    """The words of a page between the bar and the footer."""
    main = re.search(r"<main\b.*?</main>", page, re.DOTALL)
    words = re.sub(r"<[^>]*>", " ", main[0] if main else "")
    return " ".join(unescape(words).split())
