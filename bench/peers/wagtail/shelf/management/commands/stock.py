"""Fills the store from the lines that `bench.square_fill` wrote: the same entries, by COPY, as Wagtail itself would
keep them (paths of treebeard, addresses, one translation key each)."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.management.base import BaseCommand
from django.db import connection
from wagtail.models import Page, Site

from shelf.models import AppPage, Category, Review, ShelfPage, Shot, Version

START = datetime(2026, 1, 1, tzinfo=UTC)
CATEGORIES = 12
FIRST = 1_000


class Command(BaseCommand):
    """One index page at /apps/ with a child for each line, and a menu of three more pages."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("lines", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        home = Page.objects.get(depth=2)
        shelf = home.add_child(instance=ShelfPage(title="Apps", slug="apps", show_in_menus=True))
        for title in ("Map", "City", "Me"):
            home.add_child(instance=Page(title=title, slug=title.lower(), show_in_menus=True))
        Site.objects.update(hostname="127.0.0.1", root_page=home)
        Category.objects.bulk_create(Category(pk=1 + at, name=f"Category {at}") for at in range(CATEGORIES))
        ContentType.objects.get_for_model(AppPage)
        wanted = ((Page, _pages), (AppPage, _apps), (Shot, _shots), (Version, _versions), (Review, _reviews))
        for model, rows in wanted:
            _copy(model, rows(shelf, options["lines"]))
        count = AppPage.objects.count()
        Page.objects.filter(pk=shelf.pk).update(numchild=count)
        with connection.cursor() as cursor:
            for model in (Page, Shot, Version, Review, Category):
                table = model._meta.db_table
                cursor.execute(f"select setval(pg_get_serial_sequence('{table}', 'id'), (select max(id) from {table}))")
            cursor.execute("vacuum (analyze, freeze)")
        sys.stdout.write(f"... {count:,} pages of Wagtail\n")


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def _pages(shelf: ShelfPage, path: Path) -> Iterator[Page]:
    kind = ContentType.objects.get_for_model(AppPage)  # remembered: the connection is busy copying
    for at, line in enumerate(_lines(path), 1):
        slug = f"bench-{line['number']}"
        moment = START + timedelta(seconds=line["number"])
        yield Page(
            pk=FIRST + at,
            path=Page._get_path(shelf.path, shelf.depth + 1, at),
            depth=shelf.depth + 1,
            numchild=0,
            title=line["title"],
            draft_title=line["title"],
            slug=slug,
            url_path=f"{shelf.url_path}{slug}/",
            content_type=kind,
            locale_id=shelf.locale_id,
            first_published_at=moment,
            last_published_at=moment,
        )


def _apps(shelf: ShelfPage, path: Path) -> Iterator[AppPage]:
    for at, line in enumerate(_lines(path), 1):
        recent, old = line["used"]
        yield AppPage(
            page_ptr_id=FIRST + at,
            language=line["language"],
            kind=line["kind"],
            summary=line["summary"],
            description=f"<p>{line['description']}</p>",
            category_id=1 + line["category"] % CATEGORIES,
            developer="Developer",
            address="" if line["kind"] == "android" else f"https://bench-{line['number']}.example/",
            icon=f"/media/icons/{line['icon'] % 50}.jpg",
            downloads=recent + old,
            trend=recent * 0.5 ** (line["number"] % 10 / 3),
        )


def _shots(shelf: ShelfPage, path: Path) -> Iterator[Shot]:
    for at, line in enumerate(_lines(path), 1):
        for order, shot in enumerate(line["shots"]):
            key, address = 10 * (FIRST + at) + order, f"/media/shots/{shot % 50}.jpg"
            yield Shot(pk=key, app_id=FIRST + at, sort_order=order, address=address, alt=line["title"])


def _versions(shelf: ShelfPage, path: Path) -> Iterator[Version]:
    for at, line in enumerate(_lines(path), 1):
        for order, name in enumerate(line["versions"]):
            moment = START + timedelta(seconds=line["number"])
            key, size = 10 * (FIRST + at) + order, 4_000_000 + line["number"]
            more: dict[str, Any] = {"changelog": line["summary"], "size": size, "published_at": moment}
            yield Version(pk=key, app_id=FIRST + at, sort_order=order, name=name, **more)


def _reviews(shelf: ShelfPage, path: Path) -> Iterator[Review]:
    for at, line in enumerate(_lines(path), 1):
        version = line["versions"][-1] if line["versions"] else ""
        for order, one in enumerate(line["reviews"]):
            moment = START + timedelta(seconds=line["number"], hours=order + 1)
            said: dict[str, Any] = {"name": f"Reader {one['person']}", "stars": one["stars"], "text": one["text"]}
            yield Review(pk=100 * (FIRST + at) + order, app_id=FIRST + at, version=version, at=moment, **said)


def _copy(model: Any, rows: Iterator[Any]) -> None:
    fields = model._meta.local_concrete_fields
    names = ", ".join(f'"{field.column}"' for field in fields)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"copy {model._meta.db_table} ({names}) from stdin") as copy,
    ):
        for row in rows:
            copy.write_row([field.get_db_prep_save(field.value_from_object(row), connection) for field in fields])
