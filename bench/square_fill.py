"""Fills a city's store with so many published entries in five languages, for `bench square`.

Started by `harness.run_in_django` in a migrated database; the argument is how many. Rows are made of the models, as the
actions make them (tests/test_square_fill.py holds that they are the same), and written by COPY from two processes, the
indexes built after them. What was downloaded is counted by day, and summed up as the worker does it. Left out is what
no public page reads: facts, jobs, and the moderators' table.
"""

import io
import json
import multiprocessing
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from django.db import connection, connections
from django.db.models import Field, Model
from PIL import Image

from bench.square_words import PEOPLE, Content, content
from meydan.accounts.public import Person
from meydan.comments.models import Comment, Discussion, GivenRating
from meydan.kernel.city import city_today
from meydan.kernel.files import store_image
from meydan.kernel.models import StoredFile
from meydan.site import prepare
from meydan.store.actions import MEDIA_TYPE, refresh_trends
from meydan.store.actions.steps import shown_of, words_in
from meydan.store.models import App, Category, Day, Kind, Release, Screenshot, State, Step, Word
from meydan.store.queries import list_categories

FIRST = 1_000_000
"""Numbers of filled rows begin here: those of the demo are far below."""
START = datetime(2026, 1, 1, tzinfo=UTC)
PICTURES = 50
AT_ONCE = 500
READERS = UUID("6f1d3c1e-5b7a-5c55-9d0e-0b8f6a1c2d3e")
MODELS: tuple[type[Model], ...] = (StoredFile, App, Screenshot, Release, Day, Discussion, Comment, GivenRating)
INDEXED: tuple[type[Model], ...] = (*MODELS, Word)
_ALL: tuple[type[Model], ...] = (*INDEXED, Person)
PROCESSES = 2


@dataclass(frozen=True)
class City:
    """What entries are made with: who owns them, categories by number, stored pictures by number."""

    owner: Person
    categories: Sequence[Category]
    pictures: Sequence[str]


def main() -> None:
    """Fill, and write down what the peer shall be filled with."""
    count, told = int(sys.argv[1]), Path(sys.argv[2])
    prepare.lay_out_static()
    prepare.seed()
    city = City(Person.objects.get(username="developer"), list_categories(), pictures())
    copy_rows(readers(range(PEOPLE)))
    indexes = take_indexes(INDEXED)
    connections.close_all()
    starts = range(0, count, AT_ONCE)
    with _said("rows"), multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
        slices = [(city, start, min(start + AT_ONCE, count)) for start in starts]
        for done, _none in enumerate(pool.imap_unordered(_fill, slices), 1):
            if done % 20 == 0:
                print(f"... {done * AT_ONCE:,} of {count:,} entries", flush=True)
    finish(indexes)
    with _said("the peer's rows"), told.open("w", encoding="utf-8") as file:
        for number in range(count):
            file.write(json.dumps(asdict(content(number)), ensure_ascii=False) + "\n")


def _fill(slice_: tuple[City, int, int]) -> None:
    city, start, end = slice_
    copy_rows(row for number in range(start, end) for row in rows_of(content(number), city))


def pictures() -> list[str]:
    """The names of some stored pictures, which entries share."""
    return [_picture(number) for number in range(PICTURES)]


def _picture(number: int) -> str:
    body = io.BytesIO()
    Image.new("RGB", (540, 960), (5 * number, 120, 200)).save(body, "JPEG")
    return keep_picture(body.getvalue())


def keep_picture(body: bytes) -> str:
    """The name of a picture, stored as one of an entry."""
    return store_image(io.BytesIO(body), purpose="store_picture").sha256


def readers(numbers: Sequence[int]) -> Iterator[Person]:
    """The people who review."""
    for number in numbers:
        name = f"Reader {number}"
        yield Person(
            pk=reader_key(number), username=f"bench-reader-{number}", name=name, email=f"reader{number}@bench.example"
        )


def reader_key(number: int) -> UUID:
    """The key of the person with this number."""
    return uuid5(READERS, str(number))


def rows_of(said: Content, city: City) -> Iterator[Model]:
    """All rows of an entry, in the order in which they refer to each other."""
    app = app_of(said, city)
    releases = list(_releases(said, app))
    if releases:
        app.package, app.signer = f"city.bench.app{said.number}", releases[0].signers[0]
        yield from (release.file for release in releases)
    yield app
    yield from _screenshots(said, app, city)
    yield from releases
    yield from _days(said, app)
    yield from _talk(said, app, releases[-1].version_name if releases else "")


def app_of(said: Content, city: City) -> App:
    """The entry itself, as it is when a moderator has agreed."""
    moment = START + timedelta(seconds=said.number)
    android = said.kind == Kind.ANDROID
    app = App(
        pk=FIRST + said.number,
        slug=said.slug,
        kind=Kind(said.kind),
        state=State.PUBLISHED,
        language=said.language,
        title={said.language: said.title},
        summary={said.language: said.summary},
        description={said.language: said.description},
        category=city.categories[said.category % len(city.categories)],
        languages=[said.language],
        address="" if android else f"https://{said.slug}.example/",
        icon_id=city.pictures[said.icon % len(city.pictures)],
        answers={"about_city": "It is about this city.", "complete": "yes", "ready": "yes"},
        owner=city.owner,
        developer=city.owner.name,
    )
    app.owned_since = app.made_at = app.changed_at = app.published_at = app.updated_at = moment
    app.shown = shown_of(app)
    app.title_words, app.body_words = map(_as_vector, words_in(app))
    return app


def _as_vector(words: Sequence[str]) -> str:
    """Words as PostgreSQL writes a tsvector without places."""
    return " ".join(f"'{word}'" for word in words)


def _screenshots(said: Content, app: App, city: City) -> Iterator[Screenshot]:
    for order, name in enumerate(dict.fromkeys(city.pictures[shot % len(city.pictures)] for shot in said.shots)):
        key = 10 * app.pk + order
        yield Screenshot(pk=key, app=app, file_id=name, alt=said.title, live=True, order=order)


def _releases(said: Content, app: App) -> Iterator[Release]:
    signer = sha256(b"bench signer").hexdigest()
    for number, name in enumerate(said.versions, 1):
        body = f"{said.slug} {name}".encode()
        digest, size = sha256(body).hexdigest(), 4_000_000 + said.number
        variant = {"sha256": digest, "media_type": MEDIA_TYPE, "size": size, "width": 0, "height": 0}
        shape: dict[str, Any] = {**variant, "purpose": "store_package", "stored_at": app.made_at}
        yield Release(
            pk=10 * app.pk + number,
            app=app,
            version_code=number,
            version_name=name,
            changelog={said.language: said.summary},
            step=Step.PUBLISHED,
            file=StoredFile(**shape, variants={"full": variant}),
            size=size,
            min_sdk=23,
            target_sdk=34,
            permissions=["android.permission.INTERNET"],
            signers=[signer],
            matters=["first"] if number == 1 else [],
            added_at=app.made_at,
            published_at=app.published_at,
        )


def _days(said: Content, app: App) -> Iterator[Day]:
    today = city_today()
    for order, (count, ago) in enumerate(zip(said.used, (said.number % 10, 100), strict=True)):
        if count:
            yield Day(pk=10 * app.pk + order, app=app, day=today - timedelta(days=ago), count=count)


def _talk(said: Content, app: App, version: str) -> Iterator[Model]:
    """What people wrote and gave: a comment and stars of each."""
    if not said.reviews:
        return
    stars = [review.stars for review in said.reviews]
    counts = {f"n{number}": stars.count(number) for number in range(1, 6)}
    yield Discussion(about=app.reference, comments=len(stars), **counts)
    for order, review in enumerate(said.reviews):
        at = app.made_at + timedelta(hours=order + 1)
        given: dict[str, Any] = {"about": app.reference, "person_id": reader_key(review.person), "version": version}
        key = 100 * app.pk + order
        yield Comment(pk=key, text=review.text, language=said.language, at=at, **given)
        yield GivenRating(pk=key, stars=review.stars, first_at=at, at=at, **given)


def copy_rows(rows: Iterator[Model]) -> None:
    """Write these rows, table after table, in one transaction."""
    by_model: dict[type[Model], list[Model]] = {}
    for row in rows:
        by_model.setdefault(type(row), []).append(row)
    order = [one for one in MODELS if one in by_model] + [one for one in by_model if one not in MODELS]
    with connection.cursor() as cursor:
        for model in order:
            fields = _written(model)
            names = ", ".join(f'"{field.column}"' for field in fields)
            with cursor.copy(f"copy {model._meta.db_table} ({names}) from stdin") as copy:
                for row in by_model[model]:
                    copy.write_row(
                        [field.get_db_prep_save(field.value_from_object(row), connection) for field in fields]
                    )


def _written(model: type[Model]) -> "list[Field[Any, Any]]":
    return [field for field in model._meta.local_concrete_fields if not field.generated]


def take_indexes(models: Sequence[type[Model]]) -> list[str]:
    """Drop the indexes of these tables that no constraint needs; what makes them again."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select pg_get_indexdef(indexrelid), indexrelid::regclass::text from pg_index
                where indrelid = any(%s::regclass[]) and not indisunique""",
            [[model._meta.db_table for model in models]],
        )
        found = cursor.fetchall()
        for _definition, name in found:
            cursor.execute(f"drop index {name}")
    return [definition for definition, _name in found]


def finish(indexes: Sequence[str]) -> None:
    """What a city's own work does over the months: trends, numbers that go on, indexes, statistics."""
    with _said("trends"):
        refresh_trends()
    with connection.cursor() as cursor:
        for model in MODELS:
            if (key := model._meta.pk) is not None and key.db_returning:
                table = model._meta.db_table
                cursor.execute(f"select setval(pg_get_serial_sequence('{table}', 'id'), (select max(id) from {table}))")
        with _said("words"):
            cursor.execute(
                """insert into store_word (word) select word from ts_stat('select body_words from store_app')
                    where word not like '~%' on conflict do nothing"""
            )
        with _said("indexes"):
            cursor.execute("set maintenance_work_mem = '512MB'")
            for definition in indexes:
                cursor.execute(definition)
        with _said("vacuum"):
            tables = ", ".join(model._meta.db_table for model in _ALL)
            cursor.execute(f"vacuum (analyze, freeze) {tables}")


@contextmanager
def _said(name: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    print(f"... {name}: {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
