"""`bench square` fills its store by COPY: its rows are those that the actions make of the same words."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model

from bench import square_fill
from bench.square_words import Content, content, is_well_known
from meydan.accounts.public import Person
from meydan.comments import actions as talk
from meydan.comments.models import Comment, Discussion, GivenRating
from meydan.kernel.actor import Actor, Role
from meydan.kernel.models import StoredFile
from meydan.kernel.tests.pictures import make_picture
from meydan.store import actions
from meydan.store.models import App, Category, Kind, Release, Screenshot
from meydan.store.tests.cast import ANSWERS, agree, make_category, make_developer, sha256_of_picture
from meydan.store.tests.test_releases import package

pytestmark = pytest.mark.django_db
KNOWN = next(number for number in range(100) if is_well_known(number))
PLAIN = next(
    number for number in range(200) if not content(number).versions and content(number).reviews and number != KNOWN
)


def make_by_actions(said: Content, city: square_fill.City, folder: Path) -> App:
    """The entry as its developer, a moderator and its readers make it."""
    owner = Actor(person_id=city.owner.pk, name=city.owner.name, roles=frozenset({Role.USER, Role.DEVELOPER}))
    owner = Actor(**{**vars_of(owner), "language": said.language})
    address = "" if said.kind == Kind.ANDROID else f"https://{said.slug}.example/"
    app = actions.draft_app(owner, kind=Kind(said.kind), title=said.title, language=said.language, address=address)
    texts = {"title": said.title, "summary": said.summary, "description": said.description}
    actions.change_texts(owner, app.slug, language=said.language, **texts)
    category = city.categories[said.category % len(city.categories)]
    actions.change_details(owner, app.slug, category=category.pk, address=address)
    actions.set_icon(owner, app.slug, sha256=city.pictures[said.icon % len(city.pictures)])
    for name in dict.fromkeys(city.pictures[shot % len(city.pictures)] for shot in said.shots):
        actions.add_screenshot(owner, app.slug, sha256=name, alt=said.title)
    for number, name in enumerate(said.versions, 1):
        path = folder / f"{number}.apk"
        path.write_bytes(f"by actions {said.slug} {name}".encode())
        signer = hashlib.sha256(b"bench signer").hexdigest()
        read = package(path.read_bytes(), version_code=number, version_name=name, signers=(signer,))
        actions.add_release(owner, app.slug, path=path, package=read, changelog=said.summary)
    actions.hand_in_app(owner, app.slug, answers={**ANSWERS, "about_city": "It is about this city."})
    app = agree(App.objects.get(pk=app.pk))
    for review in said.reviews:
        person = Person.objects.get(pk=square_fill.reader_key(review.person))
        reader = Actor(person_id=person.pk, name=person.name, roles=frozenset({Role.USER}), language=said.language)
        talk.write_comment(reader, about=app.reference, text=review.text)
        talk.rate_thing(reader, about=app.reference, stars=review.stars)
    return app


def vars_of(actor: Actor) -> dict[str, Any]:
    return {name: getattr(actor, name) for name in actor.__dataclass_fields__}


def rows(model: type[Model], where: str, value: Any, without: Sequence[str]) -> list[dict[str, Any]]:
    """The rows as the table holds them, but for what tells two entries apart: keys, moments, names of files."""
    with connection.cursor() as cursor:
        key = model._meta.pk.column if model._meta.pk else "id"
        cursor.execute(f"select * from {model._meta.db_table} where {where} = %s order by {key}", [value])
        names = [column.name for column in cursor.description]
        found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return [{name: value for name, value in row.items() if name not in without} for row in found]


@pytest.mark.parametrize("number", [KNOWN, PLAIN], ids=["an app with versions", "another"])
def test_the_rows_are_those_of_the_actions(number: int, tmp_path: Path) -> None:
    said = content(number)
    make_developer()
    owner = Person.objects.get(username="dana")
    pictures = [sha256_of_picture(), *(_other_picture(shade) for shade in (40, 90))]
    city = square_fill.City(owner, [Category.objects.get(pk=make_category())], pictures)
    square_fill.copy_rows(square_fill.readers([review.person for review in said.reviews]))
    made = make_by_actions(said, city, tmp_path)
    square_fill.copy_rows(square_fill.rows_of(said, city))
    filled = App.objects.get(slug=said.slug)

    keys, moments = ("id", "app_id", "about"), ("at", "first_at", "added_at", "published_at", "stored_at")
    own = ("slug", "address", "package", "owned_since", "made_at", "changed_at", "updated_at")
    for model, column, values, without in (
        (App, "id", (made.pk, filled.pk), (*own, "downloads", "trend")),
        (Screenshot, "app_id", (made.pk, filled.pk), ()),
        (Release, "app_id", (made.pk, filled.pk), ("file_id", "size")),
        (Comment, "about", (made.reference, filled.reference), ()),
        (GivenRating, "about", (made.reference, filled.reference), ()),
        (Discussion, "about", (made.reference, filled.reference), ()),
    ):
        one, other = (rows(model, column, value, (*keys, *moments, *without)) for value in values)
        assert one == other, model.__name__
        assert one or (model is Release and not said.versions)
    assert App.objects.filter(pk=filled.pk).values_list("downloads", "trend").get() == (0, 0.0)
    files = StoredFile.objects.filter(pk__in=Release.objects.filter(app__in=(made, filled)).values("file_id"))
    assert len({(file.media_type, file.width, file.height, file.purpose, *file.variants) for file in files}) <= 1


def _other_picture(shade: int) -> str:
    return square_fill.keep_picture(make_picture(width=600 + shade))
