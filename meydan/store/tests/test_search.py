"""What is found: in every language, narrowed, in order, from page to page; and nothing that is not public."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override

from meydan.kernel.actor import VISITOR
from meydan.kernel.errors import Invalid
from meydan.store.actions.steps import index
from meydan.store.models import App, Kind, State, Word
from meydan.store.queries import Wanted, finding, list_featured, list_front, list_public, suggest
from meydan.store.queries.listing import read_cursor

pytestmark = pytest.mark.django_db
MOMENT = datetime(2026, 11, 1, tzinfo=UTC)
TITLES = {
    "library": {"ar": "المكتبات العمومية", "fr": "Bibliothèques de quartier"},
    "hall": {"fa": "کتاب‌های شهرداری", "tg": "Китобҳои шаҳр"},
    "bus": {"en": "City buses"},
}


def make_app(slug: str, title: dict[str, str], **values: Any) -> App:
    moments = dict.fromkeys(("owned_since", "made_at", "changed_at", "published_at", "updated_at"), MOMENT)
    wanted = {"kind": Kind.SITE, "state": State.PUBLISHED, "language": next(iter(title)), "languages": list(title)}
    app = App.objects.create(slug=slug, title=title, **{**moments, **wanted, **values})
    index(app)
    return app


def found(words: str, **values: Any) -> list[str]:
    return [row.slug for row in list_public(VISITOR, Wanted(words=words, **values)).rows]


@pytest.fixture
def shelf() -> None:
    for slug, title in TITLES.items():
        make_app(slug, title)


@pytest.mark.parametrize(
    ("words", "slug"),
    [
        ("مكتبة", "library"),
        ("bibliotheque", "library"),
        ("كتاب", "hall"),
        ("شهرداري", "hall"),
        ("китоб", "hall"),
        ("шахр", "hall"),
        ("bus", "bus"),
        ("CITY bus", "bus"),
        ("biblotheques", "library"),
    ],
)
def test_found_in_every_language_and_spelling(shelf: None, words: str, slug: str) -> None:
    assert slug in found(words)


def test_all_words_are_wanted_where_an_entry_has_them_all(shelf: None) -> None:
    make_app("both", {"en": "Library"}, summary={"en": "In the middle of the city"})
    assert found("city library")[0] == "both"
    assert found("city harbour") == ["bus", "both"]  # no entry has both: those with one of them, names first


def test_hidden_entries_are_never_found(shelf: None) -> None:
    App.objects.filter(slug="bus").update(state=State.WITHDRAWN)
    assert found("bus") == []
    assert suggest(VISITOR, "cit") == []


def test_names_come_before_descriptions(shelf: None) -> None:
    make_app("other", {"en": "Other"}, summary={"en": "Not a bus"}, trend=99.0)
    assert found("bus") == ["bus", "other"]


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("الحدائق", "حديقة"),  # a plural that changes the word itself
        ("مَدارِس", "مدرسه"),
        ("لوله‌کش", "لوله كش"),  # written apart
        ("Swimming pools", "swimmign"),
        ("Bibliothèque", "la bibliotheqe"),
        ("Football", "foot"),
    ],
)
def test_what_comes_near_is_found(title: str, words: str) -> None:
    make_app("near", {"en": title})
    make_app("other", {"en": "Harbour"})
    assert found(words) == ["near"]


def test_the_readers_own_language_comes_first_unless_another_order_is_chosen() -> None:
    make_app("theirs", {"fr": "Bus"}, trend=9.0)
    make_app("own", {"en": "Bus"}, trend=1.0)
    assert found("bus") == ["own", "theirs"]
    App.objects.filter(slug="theirs").update(downloads=5)
    assert found("bus", sort="downloads") == ["theirs", "own"]


@pytest.mark.parametrize("sort", ["trend", "new", "downloads"])
@pytest.mark.parametrize("words", ["bus", "city bus", "habour", "buss harbour"])
def test_walking_and_the_index_find_the_same(monkeypatch: pytest.MonkeyPatch, words: str, sort: str) -> None:
    for number in range(12):
        values = {"trend": float(number % 5), "downloads": number % 3, "kind": Kind.IOS if number % 4 else Kind.SITE}
        title, told = ("City bus", "Harbour") if number % 3 else ("Harbour", "The bus of the city")
        state = State.PUBLISHED if number % 6 else State.TAKEN_OFF
        make_app(f"app-{number}", {"en": title}, summary={"en": told}, state=state, **values)
    monkeypatch.setattr(finding, "MOST_FOUND", 3)
    for kind in ("", "ios"):
        walked = found(words, kind=kind, sort=sort)
        with monkeypatch.context() as patch:
            patch.setattr(finding, "BEGINNING", 0)
            by_index = found(words, kind=kind, sort=sort)
        assert len(walked) == 3
        assert walked == by_index


def test_a_walk_knows_the_words_of_now(monkeypatch: pytest.MonkeyPatch) -> None:
    app = make_app("changing", {"en": "Harbour"})
    app.title = {"en": "Library"}
    app.save()
    index(app)
    monkeypatch.setattr(finding, "MOST_FOUND", 1)
    assert found("library") == ["changing"]
    assert found("harbour") == []


def test_words_of_drafts_correct_nobody() -> None:
    make_app("draft", {"en": "Secretary"}, state=State.DRAFT)
    make_app("public", {"en": "Harbour"})
    words = set(Word.objects.values_list("word", flat=True))
    assert "harbour" in words
    assert not any(word.startswith("secret") for word in words)


def test_narrowed_by_kind_and_language(shelf: None) -> None:
    make_app("phone", {"en": "Phone bus"}, kind=Kind.IOS)
    assert found("bus", kind="ios") == ["phone"]
    assert found("", language="tg") == ["hall"]


@pytest.mark.parametrize("sort", ["trend", "new", "downloads"])
def test_pages_go_on_without_gap_or_double(sort: str) -> None:
    for number in range(5):
        make_app(f"app-{number}", {"en": f"App {number}"}, trend=float(number // 2), downloads=number // 2)
    seen: list[str] = []
    after = ""
    while True:
        page = list_public(VISITOR, Wanted(sort=sort), after=after, limit=2)
        seen += [row.slug for row in page.rows]
        if page.next is None:
            break
        after = page.next
    assert sorted(seen) == [f"app-{number}" for number in range(5)]
    assert seen[0] == "app-4"


def test_a_cursor_is_of_the_type_of_its_column() -> None:
    assert type(read_cursor("5_1", "downloads")[0]) is int
    with pytest.raises(Invalid):
        read_cursor("9" * 30 + "_1", "downloads")


@pytest.mark.parametrize("cursor", ["x", "nan_1", "1_x", "1_" + "9" * 30, "2026-01-01_1"])
def test_a_made_up_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid):
        read_cursor(cursor, "new" if "-" in cursor else "trend")


def test_a_reader_gets_their_own_language(shelf: None) -> None:
    with override("fr"):
        assert [row.title for row in list_public(VISITOR, Wanted(words="bibliotheque")).rows] == [
            "Bibliothèques de quartier"
        ]


def test_the_list_is_few_queries_however_long(client: Client, django_assert_max_num_queries: Any) -> None:
    for number in range(24):
        make_app(f"app-{number}", {"en": f"App {number}"})
    client.get("/apps/")
    with django_assert_max_num_queries(3):
        assert client.get("/apps/").status_code == 200


def test_strange_words_find_nothing_and_break_nothing(client: Client) -> None:
    for words in ("'", "\\", "a:*", "&", "!", "(", "\u200c", "%", "x" * 200):
        assert client.get("/apps/", {"q": words}).status_code == 200
        assert client.get("/api/apps/suggest", {"q": words[:100]}).status_code == 200
    assert client.get("/apps/", {"after": "zzz"}).status_code == 422


def test_what_is_featured_stands_on_top_until_its_day() -> None:
    make_app("top", {"en": "Top"}, featured_until=datetime(2999, 1, 1, tzinfo=UTC))
    make_app("past", {"en": "Past"}, featured_until=MOMENT)
    make_app("newer", {"en": "Newer"}, featured_until=datetime(2999, 1, 2, tzinfo=UTC), trend=-1.0)
    assert [row.slug for row in list_featured(VISITOR)] == ["newer", "top"]
    assert list_front(VISITOR) == (list_featured(VISITOR), list_public(VISITOR, Wanted()))
