"""Rows read and inserted in plain SQL, for the few reads that most pages make, and the few writes that every report or
payment makes.

Django's ORM plans a statement anew each time, which costs the web process more than all else in it; here it is made
once for each model.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, LiteralString, TypeVar

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
    columns, names, readers = _shape(model, without)
    with connection.cursor() as cursor:
        cursor.execute(f"{columns} {where}", values)
        rows = [list(row) for row in cursor.fetchall()]
    for at, reader in readers:
        for row in rows:
            row[at] = reader(row[at], None, connection)
    return [model.from_db(connection.alias, names, row) for row in rows]


@lru_cache(maxsize=64)
def _shape(model: type[Model], without: tuple[str, ...]) -> tuple[str, Sequence[str], Sequence[tuple[int, Any]]]:
    """How to ask for whole rows, what their columns are called, and which must be read (JSON) after the database."""
    fields = [field for field in model._meta.concrete_fields if field.name not in without]
    columns = SQL(", ").join(Identifier(str(field.column)) for field in fields)
    statement = SQL("select {} from {}").format(columns, Identifier(model._meta.db_table)).as_string()
    readers = [(at, field.from_db_value) for at, field in enumerate(fields) if hasattr(field, "from_db_value")]
    return statement, [field.attname for field in fields], readers


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
