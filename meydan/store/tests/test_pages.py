"""From the developer's first page to the visitor's: the whole errand through HTTP, with a moderator and an appeal."""

import io
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import transaction
from django.test import Client
from PIL import Image

from meydan.accounts.public import Person
from meydan.kernel.actor import Actor, Role
from meydan.kernel.config import config
from meydan.kernel.errors import Invalid
from meydan.kernel.facts import facts_about
from meydan.kernel.fetch import Fetched
from meydan.kernel.tests.pictures import make_picture
from meydan.moderation.facts import ReviewApproved, ReviewRefused
from meydan.reports.tests.test_pages import signed_in
from meydan.store import actions
from meydan.store.models import App, Kind, Stage, State
from meydan.store.plugins import web_manifest
from meydan.store.plugins.web_manifest import read_web_manifest
from meydan.store.reactions import publish_what_was_approved, return_what_was_refused
from meydan.store.tests.cast import WORDS, draft, hand_in, make_category, make_developer, make_member, publish

pytestmark = pytest.mark.django_db


def body(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:2000]
    text: str = answer.content.decode()
    return text


def picture() -> io.BytesIO:
    file = io.BytesIO(make_picture())
    file.name = "icon.jpg"
    return file


def test_a_developer_publishes_by_the_pages_alone(client: Client) -> None:
    make_category()
    browser = signed_in(make_developer())
    beginning = {"kind": "site", "title": "Casa Bus", "language": "en", "address": "https://bus.example/"}
    assert browser.post("/apps/new", beginning)["Location"] == "/apps/casa-bus/manage"
    at = "/apps/casa-bus"
    words = {"language": "en", "title": "Casa Bus", "summary": "The buses of Casablanca", "description": WORDS}
    assert browser.post(f"{at}/texts", words).status_code == 302
    details = {"category": "transport", "address": "https://bus.example/", "tags": "bus", "languages": ["en", "fr"]}
    assert browser.post(f"{at}/details", details).status_code == 302
    assert browser.post(f"{at}/pictures", {"do": "icon", "icon": picture()}).status_code == 302
    shot = {"do": "screenshot", "screenshot": picture(), "alt": "A map"}
    assert browser.post(f"{at}/pictures", shot).status_code == 302
    answers = {"about_city": "Its buses", "complete": "yes", "ready": "yes"}
    assert browser.post(f"{at}/hand-in", answers).status_code == 302
    assert "number 1 of 1" in body(browser.get(f"{at}/manage"))
    assert client.get(at).status_code == 404
    app = App.objects.get()
    approve(app)
    assert "The buses of Casablanca" in body(client.get(at))
    assert "Published" in body(browser.get("/apps/mine"))
    assert "Handed in" in body(browser.get(f"{at}/history"))


def approve(app: App) -> None:
    """What the reaction does when a moderator has agreed."""
    with transaction.atomic():
        publish_what_was_approved(ReviewApproved(subject=app.reference, review=1))
        publish_what_was_approved(ReviewApproved(subject=app.reference, review=1))  # once is enough


def test_refused_and_published_on_appeal() -> None:
    app = draft(make_developer())
    hand_in_as_owner(app)
    with transaction.atomic():
        return_what_was_refused(ReviewRefused(subject=app.reference, review=1))
        return_what_was_refused(ReviewRefused(subject="article:1", review=1))
    assert App.objects.get().stage == Stage.REFUSED
    approve(app)
    assert App.objects.get().state == State.PUBLISHED
    assert [one.name for one in facts_about(app.reference)].count("store.app_published") == 1


def hand_in_as_owner(app: App) -> None:
    owner = Person.objects.get(pk=str(app.owner_id))
    hand_in(Actor(person_id=owner.pk, name=owner.name, roles=frozenset({Role.DEVELOPER})), app)


@pytest.mark.parametrize(
    ("page", "typed", "kept"),
    [
        ("texts", {"language": "en", "title": "", "summary": "Kept words"}, "Kept words"),
        ("details", {"category": "none", "address": "https://kept.example/"}, "https://kept.example/"),
        ("details", {"category": "transport", "address": "nonsense"}, "nonsense"),
        ("hand-in", {"about_city": "Kept reason"}, "Kept reason"),
        ("team", {"do": "invite", "username": "nobody-there", "role": "editor"}, "nobody-there"),
    ],
)
def test_a_form_with_a_fault_keeps_what_was_typed(page: str, typed: dict[str, str], kept: str) -> None:
    developer = make_developer()
    app = draft(developer)
    text = body(signed_in(developer).post(f"/apps/{app.slug}/{page}", typed), 422)
    assert kept in text and 'role="alert"' in text


def test_a_new_entry_with_faults_keeps_what_was_typed() -> None:
    text = body(signed_in(make_developer()).post("/apps/new", {"kind": "site", "title": "Kept title"}), 422)
    assert "Kept title" in text


def test_an_invitation_is_answered_on_the_page() -> None:
    owner, other = make_developer(), make_developer("otto")
    app = draft(owner)
    invite = {"do": "invite", "username": "otto", "role": "uploader"}
    assert signed_in(owner).post(f"/apps/{app.slug}/team", invite).status_code == 302
    browser = signed_in(other)
    assert "You are asked" in body(browser.get("/apps/mine"))
    assert browser.post(f"/apps/{app.slug}/do/join").status_code == 302
    assert signed_in(other).post(f"/apps/{app.slug}/do/withdraw").status_code == 403


def test_who_downloaded_is_marked_and_owners_do_not_rate(client: Client) -> None:
    developer, user = make_developer(), make_member("uma")
    app = publish(developer)
    browser = signed_in(user)
    browser.get(f"/apps/{app.slug}/open")
    rated = browser.post("/comments/rate", {"about": app.reference, "stars": "4"})
    assert rated.status_code == 302
    own = signed_in(developer).post("/comments/rate", {"about": app.reference, "stars": "5"})
    assert own.status_code == 403
    assert "Open the web site" in body(client.get(f"/apps/{app.slug}"))


def test_the_repository_is_served_and_nothing_beside_it(client: Client) -> None:
    for path in ("entry.jar", "../secrets/fdroid.pem", "state.sqlite3", ".hidden", "a//b", "ma.nobody_1.apk"):
        assert client.get(f"/fdroid/repo/{path}").status_code == 404
    assert "F-Droid" in body(client.get("/apps/repository"))


MANIFEST = (
    b'{"name": "Casa Bus", "start_url": "/", "display": "standalone", "icons": [{"src": "i.png", "sizes": "512x512"}]}'
)


@pytest.mark.parametrize(
    ("manifest", "lacks"),
    [
        (MANIFEST, ()),
        (b"{}", ("name", "start_url", "display", "icon")),
        (b"[1]", ("manifest",)),
        (b'{"icons": [7, {"sizes": "x"}], "name": 5}', ("name", "start_url", "display", "icon")),
        (b"\xff", ("manifest",)),
    ],
)
def test_what_keeps_a_web_app_from_being_installed(
    monkeypatch: pytest.MonkeyPatch, manifest: bytes, lacks: tuple[str, ...]
) -> None:
    pages = {
        "https://bus.example/": Fetched(b'<link rel="manifest" href="/m.json">', "text/html", "https://bus.example/"),
        "https://bus.example/m.json": Fetched(manifest, "application/json", "https://bus.example/m.json"),
        "https://bus.example/i.png": Fetched(make_picture(), "image/jpeg", "https://bus.example/i.png"),
    }
    monkeypatch.setattr(web_manifest, "fetch", lambda address, **_bounds: pages[address])
    assert read_web_manifest("https://bus.example/").lacks == lacks


def test_the_first_screenshots_are_read_with_what_they_show(monkeypatch: pytest.MonkeyPatch) -> None:
    named = ", ".join(f'{{"src": "{number}.png", "label": "Page {number}"}}' for number in range(9))
    told = b'{"name": "Bus", "screenshots": [7, {"src": 5}, ' + named.encode() + b"]}"
    asked: list[str] = []

    def fetch(address: str, **_bounds: object) -> Fetched:
        asked.append(address)
        if address.endswith("/0.png"):
            raise Invalid
        page = {"https://bus.example/": b'<link rel="manifest" href="/m.json">', "https://bus.example/m.json": told}
        return Fetched(page.get(address, make_picture()), "image/jpeg", address)

    monkeypatch.setattr(web_manifest, "fetch", fetch)
    assert [one.label for one in read_web_manifest("https://bus.example/").screens] == ["", "Page 1", "Page 2"]
    assert len(asked) == 2 + web_manifest.MAX_SCREENS


def test_a_web_apps_icon_and_screenshots_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    developer = make_developer()
    app = actions.draft_app(developer, kind=Kind.WEB_APP, title="Bus", language="en", address="https://bus.example/")
    screens = web_manifest.Screen("The timetable", make_picture(320)), web_manifest.Screen("", make_picture(360))
    none = web_manifest.Screen("No picture", b"GIF89a")
    found = web_manifest.Manifest(name="Bus", icon=make_picture(), screens=(*screens, none))
    monkeypatch.setattr("meydan.store.actions.reading.read_web_manifest", lambda address: found)
    actions.read_manifest(developer, app.slug)
    live = App.objects.get()
    assert live.icon_id is not None and live.manifest["lacks"] == []
    assert [one.alt for one in live.screenshots.order_by("order")] == ["The timetable", "Bus, screenshot 2"]
    actions.read_manifest(developer, app.slug)
    assert live.screenshots.count() == 2, "what the entry has is its developer's"


def test_what_is_shared_shows_a_card_of_ours(client: Client) -> None:
    app = publish(make_developer())
    page = body(client.get(f"/apps/{app.slug}", headers={"accept-language": "fa"}))
    (address,) = re.findall(r'<meta property="og:image" content="([^"]+)">', page)
    assert address == f"{config().base_url}/apps/{app.slug}/card/fa.png"
    card = client.get(urlsplit(address).path)
    assert card["Content-Type"] == "image/png"
    assert Image.open(io.BytesIO(card.content)).size == (1200, 630)
    assert client.get(f"/apps/{app.slug}/card/xx.png").status_code == 404
