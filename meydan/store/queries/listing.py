"""Lists of public entries: keyset pages in plain SQL, one query each, whatever the size of the table.

With words, `queries.finding` says what comes first.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString, NamedTuple

from django.db import connection

from meydan.kernel.actor import Actor
from meydan.kernel.analyser import fold_words, search_query, without_small
from meydan.kernel.clock import now
from meydan.kernel.errors import Invalid
from meydan.kernel.i18n import current_language
from meydan.store.models import App
from meydan.store.queries.finding import LIVE, MOST_FOUND, Among, find_ids, growing_words

PAGE = 24
MOST_WORDS = 8
FEATURED = 6
SUGGESTED = 8


@dataclass(frozen=True)
class Wanted:
    """What a list is narrowed to; `words` as somebody typed them."""

    words: str = ""
    kind: str = ""
    category: str = ""
    language: str = ""
    sort: str = "trend"


class Row(NamedTuple):
    """An entry in a list, in the reader's language."""

    id: int
    slug: str
    kind: str
    title: str
    summary: str
    category: str | None
    icon: str | None
    downloads: int
    developer: str


@dataclass(frozen=True)
class Page:
    """A part of a list. `next` is where the following part starts, None at the end; `more`: with words, whether there
    may be others beyond those that were looked through."""

    rows: list[Row]
    next: str | None
    more: bool = False


_COLUMNS = """id, slug, kind, coalesce(title->>%(language)s, title->>language, ''),
       coalesce(summary->>%(language)s, summary->>language, ''), category_id, icon_id, downloads, developer"""
_ORDERS: dict[str, LiteralString] = {"trend": "trend", "new": "published_at", "downloads": "downloads"}


def list_public(actor: Actor, wanted: Wanted, *, after: str = "", limit: int = PAGE) -> Page:
    """Public entries that fit, in the wanted order; `after` is a `next`. `Invalid` when that is none of ours."""
    words = without_small(fold_words(wanted.words))[:MOST_WORDS]
    if words:
        return _search(current_language(), wanted, words, after, limit)
    order = _ORDERS[wanted.sort]
    conditions, values = _narrowed(wanted)
    if after:
        value, number = read_cursor(after, wanted.sort)
        conditions.append(f"({order}, id) < (%(value)s, %(number)s)")
        values |= {"value": value, "number": number}
    sql = _sorted(order, " and ".join(conditions), "limit")
    return _page(_rows(sql, {**values, "language": current_language(), "limit": limit + 1}), limit)


def list_front(actor: Actor) -> tuple[list[Row], Page]:
    """What the list begins with, in one query: `list_featured`, and the liveliest entries."""
    sql = f"select true, one.* from ({_FEATURED}) one union all select false, one.* from ({_LIVELIEST}) one"
    values = {"now": now(), "featured": FEATURED, "language": current_language(), "limit": PAGE + 1}
    found = sorted(_rows(sql, values), key=lambda row: (row[-1], row[1]), reverse=True)  # a union has no order
    featured, live = ([row[1:] for row in found if row[0] is top] for top in (True, False))
    return [Row(*row[:-1]) for row in featured], _page(live, PAGE)


def list_featured(actor: Actor) -> list[Row]:
    """What moderators have put on top, the newest choice first."""
    values = {"now": now(), "language": current_language(), "featured": FEATURED}
    return [Row(*row[:-1]) for row in _rows(_FEATURED, values)]


def _sorted(order: str, condition: str, limit: str) -> str:
    """The entries for which this holds, each with the value that it is sorted by at the end."""
    return (
        f"select {_COLUMNS}, {order} from store_app where {condition} order by {order} desc, id desc limit %({limit})s"
    )


_FEATURED = _sorted("extract(epoch from featured_until)::float8", f"{LIVE} and featured_until > %(now)s", "featured")
_LIVELIEST = _sorted("trend", LIVE, "limit")


def _page(found: list[Any], limit: int) -> Page:
    """The rows of a part; one more than the limit says that another part follows."""
    rows = [Row(*one[:-1]) for one in found[:limit]]
    if len(found) <= limit:
        return Page(rows, None)
    last = found[limit - 1][-1]
    return Page(rows, f"{last.isoformat() if isinstance(last, datetime) else last}_{rows[-1].id}")


def _narrowed(wanted: Wanted) -> tuple[list[str], dict[str, Any]]:
    conditions, values = [LIVE], dict[str, Any]()
    for column, value in (("kind", wanted.kind), ("category_id", wanted.category)):
        if value:
            conditions.append(f"{column} = %({column})s")
            values[column] = value
    if wanted.language:
        conditions.append("%(spoken)s = any(languages)")
        values["spoken"] = wanted.language
    return conditions, values


def read_cursor(cursor: str, sort: str) -> tuple[Any, int]:
    """The value and number of a `next`. `Invalid` when it is none."""
    value, _underscore, number = cursor.rpartition("_")
    try:
        # Of the column's own type: PostgreSQL compares a count with a fraction, but not by the index.
        read: Any = (
            datetime.fromisoformat(value) if sort == "new" else int(value) if sort == "downloads" else float(value)
        )
        if (
            len(number) > 18
            or len(value) > 40
            or (sort == "downloads" and len(value) > 18)
            or read != read
            or (sort == "new" and read.tzinfo is None)
        ):
            raise ValueError
        return read, int(number)
    except ValueError as error:
        raise Invalid(fields={"after": "1.5_12"}) from error


def _search(language: str, wanted: Wanted, words: list[str], after: str, limit: int) -> Page:
    """Pages are counted, for there are never more than `MOST_FOUND`. Where nothing but the trend says what comes first,
    entries in the reader's language do."""
    start = int(after) if after.isdecimal() and len(after) < 5 else 0
    conditions, values = _narrowed(wanted)
    among = Among(conditions, values, _ORDERS[wanted.sort], language if wanted.sort == "trend" else None)
    found = find_ids(among, words, _rows)
    chosen = found[start : start + limit]
    rows = read_rows(chosen, language)
    following = start + limit
    return Page(rows, str(following) if following < len(found) else None, len(found) >= MOST_FOUND)


def read_rows(ids: list[int], language: str) -> list[Row]:
    """These entries, in this order."""
    if not ids:
        return []
    sql = f"select {_COLUMNS} from store_app where id = any(%(ids)s) and {LIVE}"
    known = {one[0]: Row(*one) for one in _rows(sql, {"ids": ids, "language": language})}
    return [known[one] for one in ids if one in known]


def suggest(actor: Actor, typed: str) -> list[tuple[str, str]]:
    """Names (slug, title) that go on from what is being typed, the liveliest first."""
    words = fold_words(typed)[:MOST_WORDS]
    if not words:
        return []
    sql = f"""select slug, coalesce(title->>%(language)s, title->>language, '') from store_app
               where {LIVE} and title_words @@ %(query)s::tsquery order by trend desc, id desc limit %(limit)s"""
    query = search_query(growing_words(typed, words), growing=not typed.endswith(" "))
    return _rows(sql, {"language": current_language(), "query": query, "limit": SUGGESTED}) if query else []


def list_own(actor: Actor) -> list[App]:
    """The entries that the actor owns, works on, or is asked to."""
    if actor.person_id is None:
        return []
    mine = App.objects.filter(owner=actor.person_id) | App.objects.filter(successor=actor.person_id)
    shared = App.objects.filter(members__person=actor.person_id)
    return sorted({*mine, *shared}, key=lambda app: app.changed_at, reverse=True)[:MOST_FOUND]


def _rows(sql: str, values: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
