"""Every page that the role table knows, as the person who sees most of it, in every language, on a phone."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import psycopg
import pytest
from playwright.sync_api import Page, Response

from meydan.kernel.i18n import LANGUAGES
from meydan.site.frontend import has_test_tools
from meydan.site.stamps import connection_arguments
from tests.journeys.looks import (
    ask_axe,
    bring_axe,
    find_covered,
    find_sideways_scrolling,
    find_small_targets,
    tell,
    weigh,
)
from tests.journeys.people import PASSWORD, City
from tests.long.harness import House, wait_for
from tests.role_table import ROLES
from tests.test_roles import ROWS, Row

pytestmark = pytest.mark.browser

DESKTOP = {"width": 1280, "height": 800}
HEAVIEST = 30_000
"""Bytes of the whole first view, compressed: house rule."""
SEES_MOST = ("admin", "officer", "moderator", "developer", "reporter", "visitor")
"""Who looks at a page: the first of these that may."""
SIGN_IN = {"reporter": "citizen", "visitor": ""}
ALSO = {"visitor": ["/nowhere", "/reports/work"], "reporter": ["/reports/work"]}
"""Refusals are pages too: they are looked at as well."""
PARTS = ("/reports/questions", "/reports/near")
"""Pieces that a script puts into a page."""
AXE_IN = ("ar", "en")
WORDS_ALONE = ("fr", "fa", "tg")
"""Languages that differ from another one here by their words alone: theirs are looked at in the long run."""


# What the table's paths name in braces, in the demo city as it was seeded.
EXAMPLES = {
    "review": "select id from moderation_review order by id limit 1",
    "public": "select number from reports_report where public and state = 'confirmed' order by 1 limit 1",
    "private": "select number from reports_report order by public, number limit 1",
    "asked": "select number from reports_report where state = 'asked' order by 1 limit 1",
    "solved": "select number from reports_report where state = 'solved' order by 1 limit 1",
    "person": "select id from accounts_person where username = 'officer'",
    "letter": "select id from notifications_mail order by posted_at limit 1",
    "team": "select code from reports_team order by 1 limit 1",
    "rule": "select id from reports_routingrule order by 1 limit 1",
    "badge": "select code from club_badge order by 1 limit 1",
    "award": "select id from club_award order by earned_at limit 1",
    "reply": "select code from reports_replytemplate order by 1 limit 1",
    "app": "select slug from store_app where state = 'published' order by id limit 1",
    "draft_app": "select slug from store_app where state = 'published' order by id limit 1",
    "picture": "select icon_id from store_app where state = 'published' order by id limit 1",
    "article": "select slug from articles_article where language = 'en' order by id limit 1",
    "article_draft": "select slug from articles_article where language = 'ar' order by id limit 1",
    "event": "select id from events_event order by id limit 1",
    "event_draft": "select id from events_event order by id desc limit 1",
    "event_date": "select id from events_occurrence order by id limit 1",
    "photo": "select id from reports_photo order by 1 limit 1",
    "marked_photo": "select id from reports_photo order by 1 limit 1",
}


NOT_IN_A_DEMO = {
    "article_picture": 0,
    **dict.fromkeys(("letter_report", "refused", "forwarded", "forward", "called"), 0),
    **dict.fromkeys(("phone_app", "party", "counter", "sign_in_party"), "none"),
    **dict.fromkeys(("sign_in", "signing_in", "letting_in"), "client_id=none"),
    **dict.fromkeys(("hook", "watch", "change", "wallet", "ask", "wish"), UUID(int=0)),
}
"""`test_outside`, `test_desk` and `test_signing_in_elsewhere` look at these pages with something in them."""


@pytest.fixture(scope="module")
def examples(house: House, city: City) -> dict[str, Any]:
    """What there is; a new city's letters are still being written when it opens."""
    wait_for(lambda: None not in find_examples(house).values(), 60, "the demo city has an example of everything")
    none = {"draft": "none", "hidden_photo": 0, "nobody": 0, "sealed": "none", "device": "none", "told": "none"}
    return find_examples(house) | none | NOT_IN_A_DEMO | ask_in(city)


def ask_in(city: City) -> dict[str, str]:
    """What a program that makes itself known asks the page of consent with, and the code that its device shows."""
    back = "https://app.example/back"
    said = {
        "client_name": "App",
        "client_uri": "https://app.example",
        "redirect_uris": [back],
        "grant_types": ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
    }
    ask = city.open_window().request
    answer = ask.post("/oauth/register", data=said)
    assert answer.status == 201, answer.text()
    who = {
        "client_id": answer.json()["client_id"],
        "scope": "urn:matrix:client:api:* urn:matrix:client:device:APPLICATION",
    }
    shown = ask.post("/oauth/device", form=who)
    assert shown.status == 200, shown.text()
    asked_in = who | {
        "redirect_uri": back,
        "response_type": "code",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
    }
    return {"asked_in": urlencode(asked_in), "user_code": shown.json()["user_code"]}


def find_examples(house: House) -> dict[str, Any]:
    with psycopg.connect(**connection_arguments(house.database())) as session:
        rows = {name: session.execute(query).fetchone() for name, query in EXAMPLES.items()}
    return {name: row and row[0] for name, row in rows.items()}


@dataclass(frozen=True)
class Visit:
    """One person's round through the pages, in one language."""

    role: str
    language: str


VISITS = [
    pytest.param(Visit(role, language), marks=[pytest.mark.long] * (language in WORDS_ALONE))
    for role in SEES_MOST
    for language in LANGUAGES
]


@pytest.mark.parametrize("visit", VISITS, ids=lambda visit: f"{visit.role} {visit.language}")
def test_every_page_is_fit_for_everybody(city: City, examples: dict[str, Any], visit: Visit) -> None:
    assert has_test_tools(), "axe-core is missing: run `meydan frontend --test-tools`"
    page = city.open_window(visit.language, role=SIGN_IN.get(visit.role, visit.role), workers="block")
    if visit.language in AXE_IN:
        bring_axe(page)
    faults = [fault for path in paths_of(visit.role, examples) for fault in look_over(page, path, visit.language)]
    assert not faults, "\n".join(faults)


def paths_of(role: str, examples: dict[str, Any]) -> Iterator[str]:
    """What this role looks at: pages (not pictures, feeds or downloads) that nobody before it in the row may see."""
    for row in ROWS:
        if row.method == "GET" and _first_to_see(row) == role and not _is_for_programs(row.path):
            yield row.path.format_map(examples)
    yield from ALSO.get(role, [])


def _first_to_see(row: Row) -> str:
    answers = dict(zip(ROLES, row.answers, strict=True))
    if answers["reporter"] == "again" or row.path.startswith("/me"):
        return "reporter"
    return next((role for role in SEES_MOST if answers[role] in ("200", "404")), "")


def _is_for_programs(path: str) -> bool:
    if path == "/dev/look":  # a developer's page: shows parts with no words in them on purpose
        return True
    if path.partition("?")[0] in PARTS:
        return True
    dotted = path.rpartition("/")[2].partition("?")[0].count(".") > 0
    bare = path.partition("?")[0]
    is_door = path.startswith(("/api/", "/open311/", "/health", "/.well-known/")) or bare.endswith((".svg", "/card"))
    is_list = path.startswith(("/club/status/", "/statuslists/"))  # of what was taken back, for who checks it
    is_door = is_door or path.startswith(("/id/offers/", "/id/nonce", "/id/credentials/", "/verify/requests/"))
    return dotted or is_door or is_picture(path) or is_list or "download" in path


def is_picture(path: str) -> bool:
    is_photo = path.startswith("/reports/photos/") and path.count("/") > 3
    return is_photo or ("/pictures/" in path and not path.endswith("/remove"))


def look_over(page: Page, path: str, language: str) -> list[str]:
    """Everything that is wrong with one page in one language."""
    go(page, path)
    if page.locator("[data-library]:visible").count():
        page.locator(".maplibregl-ctrl").first.wait_for()
    faults = find_sideways_scrolling(page) + find_small_targets(page)
    if page.locator("html").get_attribute("lang") != language:
        faults.append(f"it speaks {page.locator('html').get_attribute('lang')}")
    if language in AXE_IN and _is_new(page, path):
        faults += look_with_axe(page)
    return tell(f"{path} [{language}]", faults)


def go(page: Page, path: str) -> None:
    """Open a page; where the password is asked again, give it."""
    page.goto(path)
    if "/accounts/reauthenticate/" in page.url and not path.startswith("/accounts/reauthenticate/"):
        page.fill("[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda address: "/reauthenticate/" not in address or path in address)


_seen: set[str] = set()
_OWN = re.compile(r'(name="csrfmiddlewaretoken" value=")[^"]+')


def _is_new(page: Page, path: str) -> bool:
    """Whether no page before had the same document: a dozen addresses answer with one "not found", which axe need read
    once in each language."""
    document = _OWN.sub(r"\1", page.content()).replace(html.escape(path), "")
    is_new = document not in _seen
    _seen.add(document)
    return is_new


def look_with_axe(page: Page) -> list[str]:
    """By all rules on the phone; what may change with the colours and the width again by the rules about it."""
    faults = ask_axe(page) + find_covered(page)
    page.emulate_media(color_scheme="dark")
    faults += tell("dark", ask_axe(page, "color-contrast"))
    page.emulate_media(color_scheme="light")
    phone = page.viewport_size
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]  # a TypedDict of its own
    faults += tell("1280 px", find_sideways_scrolling(page) + ask_axe(page, "color-contrast"))
    if phone:
        page.set_viewport_size(phone)
    return faults


@pytest.mark.parametrize(
    "path", ["/", "/reports/", "/reports/new", "/reports/{public}", "/accounts/login/", "/charter"]
)
def test_the_first_view_is_light(city: City, examples: dict[str, Any], path: str) -> None:
    """What must come before there is something to see and to use; what the device itself has, and the map, do not."""
    answers: list[Response] = []
    page = city.open_window("en", workers="block")
    page.on("response", lambda answer: answers.append(answer))
    page.goto(path.format_map(examples), wait_until="load")
    weights = {url: size for url, size in weigh(answers).items() if "/vendor/" not in url}
    print(path, sum(weights.values()), "bytes")
    assert all(weights.values()), "a file that is empty weighs nothing, and does nothing either"
    assert sum(weights.values()) <= HEAVIEST, weights
