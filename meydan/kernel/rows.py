"""Rows read and inserted in plain SQL, for the few reads that most pages make, and the few writes that every report or
payment makes.

Django's ORM plans a statement anew each time, which costs the web process more than all else in it; here it is made
once for each model.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any, LiteralString, NamedTuple, TypeVar

from django.db import connection
from django.db.models import Field, Model
from psycopg.sql import SQL, Identifier, Placeholder

M = TypeVar("M", bound=Model)


def insert(rows: Sequence[M], *, on_conflict: LiteralString = "") -> None:
    """Insert these rows of one model, in one statement, and set their keys as the database gave them.

    All columns are written, as `save(force_insert=True)` does it; no signals are sent. `on_conflict` is SQL that stands
    after the values. Raises IntegrityError as the ORM does.
    """
    if not rows:
        return
    model = type(rows[0])
    fields = _written(model)
    values = [field.get_db_prep_save(field.pre_save(row, True), connection) for row in rows for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(_statement(model, len(rows), on_conflict), values)
        keys = cursor.fetchall()
    for row, (key,) in zip(rows, keys, strict=True):
        row.pk = key
        row._state.adding, row._state.db = False, connection.alias


def read(model: type[M], where: LiteralString, values: Sequence[Any], *, without: tuple[str, ...] = ()) -> list[M]:
    """The rows of a model for which this holds; `where` is what stands after the table's name. They are whole, and as
    the ORM would have read them; the fields of `without` are deferred."""
    return [row for row, _none in read_beside(model, "", where, values, without=without)]


def read_beside(
    model: type[M],
    beside: LiteralString,
    where: LiteralString,
    values: Sequence[Any] | Mapping[str, Any],
    *,
    without: tuple[str, ...] = (),
) -> list[tuple[M, Sequence[Any]]]:
    """The same, each with what the columns `beside` hold: SQL, which knows the row by the table's name."""
    shape = _shape(model, without)
    with connection.cursor() as cursor:
        cursor.execute(f"{shape.columns}{', ' if beside else ''}{beside} {shape.table} {where}", values)
        rows = [list(row) for row in cursor.fetchall()]
    for at, reader in shape.readers:
        for row in rows:
            row[at] = reader(row[at], None, connection)
    count = len(shape.names)
    return [(model.from_db(connection.alias, shape.names, row[:count]), row[count:]) for row in rows]


class _Shape(NamedTuple):
    """How to ask for whole rows, what their columns are called, and which must be read (JSON) after the database."""

    columns: str
    table: str
    names: Collection[str]
    readers: Sequence[tuple[int, Any]]


@lru_cache(maxsize=64)
def _shape(model: type[Model], without: tuple[str, ...]) -> _Shape:
    fields = [field for field in model._meta.concrete_fields if field.name not in without]
    columns = SQL("select {}").format(SQL(", ").join(Identifier(str(field.column)) for field in fields))
    table = SQL("from {}").format(Identifier(model._meta.db_table))
    readers = [(at, field.from_db_value) for at, field in enumerate(fields) if hasattr(field, "from_db_value")]
    names = dict.fromkeys(field.attname for field in fields)
    return _Shape(columns.as_string(), table.as_string(), names, readers)


@lru_cache(maxsize=64)
def _written(model: type[Model]) -> "Sequence[Field[Any, Any]]":
    """The columns that are ours to write: keys that count by themselves are the database's."""
    fields = model._meta.local_concrete_fields
    return [field for field in fields if not field.generated and not field.db_returning]


@lru_cache(maxsize=256)
def _statement(model: type[Model], count: int, on_conflict: LiteralString) -> str:
    columns = [Identifier(str(field.column)) for field in _written(model)]
    row = SQL("({})").format(SQL(", ").join([Placeholder()] * len(columns)))
    statement = SQL("insert into {} ({}) values {} {} returning {}").format(
        Identifier(model._meta.db_table),
        SQL(", ").join(columns),
        SQL(", ").join([row] * count),
        SQL(on_conflict),
        Identifier(str(model._meta.pk.column)),
    )
    return statement.as_string()
