"""Rows inserted in plain SQL are those that the ORM would have inserted."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Model

from meydan.kernel.clock import now
from meydan.kernel.models import FactRecord
from meydan.kernel.rows import insert, read

pytestmark = pytest.mark.django_db


def make_fact(name: str) -> FactRecord:
    return FactRecord(name=name, subject="x:1", persons=[uuid4()], channel="web", data={"a": [1]}, recorded_at=now())


def columns(row: Model) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_rows_come_back_as_they_were_and_know_their_keys() -> None:
    rows = [make_fact("first"), make_fact("second")]
    insert(rows)
    assert rows[0].pk < rows[1].pk
    for row in rows:
        assert columns(FactRecord.objects.get(pk=row.pk)) == columns(row)


def test_a_row_that_was_inserted_is_no_new_row_for_the_orm() -> None:
    row = make_fact("once")
    insert([row])
    assert not row._state.adding


def test_no_rows_are_no_statement(django_assert_num_queries: Callable[[int], AbstractContextManager[object]]) -> None:
    with django_assert_num_queries(0):
        insert([])


def test_what_the_database_refuses_is_an_integrity_error() -> None:
    row = make_fact("timeless")
    row.recorded_at = None  # type: ignore[assignment]  # what no action does
    with pytest.raises(IntegrityError), transaction.atomic():
        insert([row])
    assert row.pk is None


def test_what_is_read_is_what_the_orm_reads() -> None:
    insert([make_fact("one"), make_fact("two"), make_fact("three")])
    found = read(FactRecord, "where name = any(%s) order by id desc", [["one", "three"]])
    assert list(map(columns, found)) == list(
        map(columns, FactRecord.objects.filter(name__in=["one", "three"]).order_by("-id"))
    )
    assert not found[0]._state.adding
