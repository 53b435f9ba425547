"""From a draft to an entry that everybody finds, and what is looked at again when it changes."""

from typing import Any, Literal

import pytest
from django.test import Client

from meydan.articles.tests.cast import signed_in
from meydan.kernel.actor import SYSTEM, VISITOR, Role
from meydan.kernel.errors import Conflict, Invalid, NotFound, Refused, SignInFirst
from meydan.moderation.public import find_review
from meydan.store import actions
from meydan.store.models import App, Kind, Stage, State
from meydan.store.models.rules import StoreRules
from meydan.store.queries import Wanted, find_app, list_public, suggest
from meydan.store.tests.cast import (
    ANSWERS,
    agree,
    draft,
    hand_in,
    handed_in,
    make_category,
    make_developer,
    make_member,
    names_of_facts,
    publish,
    sha256_of_picture,
)

pytestmark = pytest.mark.django_db


def test_only_developers_begin_an_entry() -> None:
    wanted: dict[str, Any] = {
        "kind": Kind.SITE,
        "title": "Casa Bus",
        "language": "en",
        "address": "https://bus.example/",
    }
    with pytest.raises(SignInFirst):
        actions.draft_app(VISITOR, **wanted)
    with pytest.raises(Refused):
        actions.draft_app(make_member("uma"), **wanted)
    assert actions.draft_app(make_developer(), **wanted).slug == "casa-bus"


def test_a_draft_is_its_developers_and_a_moderators() -> None:
    developer = make_developer()
    app = draft(developer)
    assert find_app(developer, app.slug).state == State.DRAFT
    assert find_app(make_member("mina", Role.MODERATOR), app.slug)
    for other in (VISITOR, make_developer("otto")):
        with pytest.raises(NotFound):
            find_app(other, app.slug)
    assert list_public(VISITOR, Wanted()).rows == []


def test_what_lacks_something_cannot_be_handed_in() -> None:
    developer = make_developer()
    app = actions.draft_app(developer, kind=Kind.SITE, title="Casa Bus", language="en", address="https://bus.example/")
    with pytest.raises(Invalid) as refusal:
        hand_in(developer, app)
    assert refusal.value.code == "checks"
    with pytest.raises(Invalid) as unanswered:
        actions.hand_in_app(developer, app.slug, answers={**ANSWERS, "ready": ""})
    assert set(unanswered.value.fields) == {"ready"}


def test_a_moderators_yes_makes_it_public_and_searchable() -> None:
    app = publish(make_developer())
    assert [row.slug for row in list_public(VISITOR, Wanted()).rows] == [app.slug]
    assert [row.slug for row in list_public(VISITOR, Wanted(words="buses")).rows] == [app.slug]
    assert suggest(VISITOR, "cas") == [(app.slug, "Casa Bus")]
    assert names_of_facts(app)[-1] == "store.app_published"
    with pytest.raises(Conflict):
        agree(app)


def test_of_a_published_entry_only_what_matters_waits() -> None:
    developer = make_developer()
    app = publish(developer)
    actions.change_details(
        developer, app.slug, category="transport", address=app.address, tags="bus, metro", licence="MIT"
    )
    live = App.objects.get(pk=app.pk)
    assert (live.tags, live.licence, live.pending) == (["bus", "metro"], "MIT", {})
    with pytest.raises(Conflict):
        hand_in(developer, live)
    actions.change_texts(developer, app.slug, language="en", title="Casa Bus 2", summary="Buses", description="x" * 90)
    assert find_app(VISITOR, app.slug).title == {"en": "Casa Bus"}
    hand_in(developer, app)
    with pytest.raises(Refused):
        actions.change_texts(developer, app.slug, language="en", title="Other", summary="s", description="d")
    changed = agree(app)
    assert (changed.title, changed.pending, changed.stage) == ({"en": "Casa Bus 2"}, {}, Stage.NONE)
    assert [one.first for one in handed_in(app)] == [True, False]


def test_a_new_screenshot_of_a_published_entry_waits() -> None:
    developer = make_developer()
    app = publish(developer)
    shot = app.screenshots.get()
    actions.remove_screenshot(developer, app.slug, screenshot=shot.pk)
    assert app.screenshots.get().live
    actions.add_screenshot(developer, app.slug, sha256=sha256_of_picture(), alt="The same again")
    assert app.screenshots.get().alt == "The same again"


def test_taken_back_sent_back_and_refused() -> None:
    developer = make_developer()
    app = draft(developer)
    hand_in(developer, app)
    actions.take_app_back(developer, app.slug)
    hand_in(developer, app)
    actions.return_app(SYSTEM, app.reference, refused=False)
    assert App.objects.get().stage == Stage.SENT_BACK
    hand_in(developer, app)
    actions.return_app(SYSTEM, app.reference, refused=True)
    with pytest.raises(Refused):
        hand_in(developer, app)
    assert agree(app).state == State.PUBLISHED  # another moderator, on appeal


def test_withdrawn_and_taken_off_leave_the_store() -> None:
    developer = make_developer()
    app = publish(developer)
    actions.withdraw_app(developer, app.slug)
    assert list_public(VISITOR, Wanted(words="bus")).rows == []
    hand_in(developer, app)
    agree(app)
    actions.take_app_off(SYSTEM, app.reference, decision=1)
    with pytest.raises(NotFound):
        find_app(VISITOR, app.slug)
    actions.put_app_back(SYSTEM, app.reference)
    assert find_app(VISITOR, app.slug).is_public


def test_what_the_machine_does_nobody_else_does() -> None:
    app = draft(make_developer())
    for actor in (make_member("mina", Role.MODERATOR, Role.ADMIN),):
        with pytest.raises(Refused):
            actions.publish_app(actor, app.reference)


def test_a_visitor_reads_and_opens_without_an_account(client: Client) -> None:
    app = publish(make_developer())
    page = client.get(f"/apps/{app.slug}").content.decode()
    assert "The buses of Casablanca" in page and "Where the bus is now" in page
    opened = client.get(f"/apps/{app.slug}/open")
    assert (opened.status_code, opened["Location"]) == (302, "https://bus.example/")
    actions.refresh_trends()
    app.refresh_from_db()
    assert (app.downloads, app.trend) == (1, 1.0)
    assert "Casa Bus" in client.get("/apps/?q=buss").content.decode()
    assert client.get(f"/api/apps/{app.slug}").json()["title"] == {"en": "Casa Bus"}
    assert client.get("/api/apps/suggest?q=ca").json() == {"apps": [{"slug": app.slug, "title": "Casa Bus"}]}


def test_markdown_shows_no_html_of_strangers() -> None:
    developer = make_developer()
    app = draft(developer)
    bad = "<script>alert(1)</script> [x](javascript:alert(1)) ![p](https://spy.example/p.png) " + "word " * 30
    actions.change_texts(developer, app.slug, language="en", title="T app", summary="s", description=bad)
    shown = App.objects.get().shown["en"]
    assert "<script" not in shown and 'href="javascript' not in shown and "<img" not in shown


def test_categories_are_administrators() -> None:
    with pytest.raises(Refused):
        actions.set_category(make_developer(), code="x", name={"en": "X"}, icon="bus", order=1)
    assert make_category("city") == "city"


@pytest.mark.parametrize(
    ("strictness", "asked", "answered"),
    [
        ("closely", "What has it to do with this city?", "It is closely related to this city."),
        ("exclusively", "What has it to do with this city, and with no other?", "It is about this city alone."),
    ],
)
def test_the_city_says_how_much_an_app_must_be_about_it(
    strictness: Literal["closely", "exclusively"], asked: str, answered: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("pages.managing", "queries.checking", "queries.neighbours"):
        monkeypatch.setattr(f"meydan.store.{module}.store_rules", lambda: StoreRules(about_city=strictness))
    developer, desk = make_developer(), signed_in(make_member("mina", Role.MODERATOR))
    app = draft(developer)
    assert asked in signed_in(developer).get(f"/apps/{app.slug}/hand-in").content.decode()
    hand_in(developer, app)
    review = find_review(app.reference)
    assert review and answered in desk.get(f"/moderation/reviews/{review.key}").content.decode()
