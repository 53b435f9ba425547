"""The daily seal on a real database: what is sealed, proven, and found out when somebody changes it."""

import json
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import rfc8785
from django.db import DatabaseError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from meydan.kernel import merkle, seals
from meydan.kernel.config import config
from meydan.kernel.errors import NotFound
from meydan.kernel.leaves import FactRow, canonical, digest_of, make_leaf
from meydan.kernel.models import FactRecord, Seal
from meydan.kernel.recount import recount
from meydan.kernel.seals import leaf_hashes, prove, publish_seal, statement_of
from meydan.kernel.statement import NOTHING_BEFORE, Published
from meydan.kernel.tests.sealing import NOON, make_fact, seal_until

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture
def sealed(db: None, monkeypatch: pytest.MonkeyPatch) -> list[Seal]:
    """Two days with facts and one without between them, sealed on the fourth."""
    monkeypatch.setattr(merkle, "BLOCK", 4)
    for number in range(11):
        make_fact(NOON + timedelta(minutes=number))
    make_fact(NOON + timedelta(days=2))
    return seal_until(NOON + timedelta(days=3))


def tamper(sql: str, *values: int) -> None:
    """As a superuser would: past the triggers."""
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("alter table kernel_fact disable trigger user")
        cursor.execute("alter table kernel_seal disable trigger user")
        cursor.execute("alter table kernel_seal_part disable trigger user")
        cursor.execute(sql, values)


def forget_what_the_others_did() -> None:
    """Within one transaction PostgreSQL looks at the other sessions once only."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_stat_clear_snapshot()")


def faults() -> list[str]:
    return [f"{counted.day}: {fault}" for counted in recount() for fault in counted.faults]


@settings(max_examples=50, derandomize=True, database=None, deadline=None)
@given(JSON)
def test_the_quick_way_writes_what_the_standard_says(value: Any) -> None:
    assert canonical([value]) == rfc8785.dumps([value])


def test_numbers_that_the_standard_cannot_write_become_texts() -> None:
    assert canonical({"a": [2**60, float("inf"), True]}) == b'{"a":["1152921504606846976","inf",true]}'


def test_a_leaf_is_canonical_whatever_stands_in_it() -> None:
    odd = 'a "quoted" \\ line\n\x7f\u2028 😀 مصباح'
    row = FactRow(7, odd, odd, [odd, "b"], odd, [odd], [], odd, json.dumps({odd: odd, "ﬁ": 1.0}), odd)
    leaf = make_leaf(row, b"key")
    for text in (leaf.text, *leaf.openings.values()):
        assert rfc8785.dumps(json.loads(text)) == text
    assert json.loads(leaf.text)["subject"] == odd


def naive_root(leaves: list[bytes]) -> bytes:
    """RFC 9162, section 2.1.1, as it is written there."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256().digest()
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01" + naive_root(leaves[:half]) + naive_root(leaves[half:])).digest()


@pytest.mark.parametrize("size", range(20))
def test_the_tree_is_that_of_the_standard(size: int) -> None:
    leaves = [merkle.leaf_hash(bytes([number])) for number in range(size)]
    root = naive_root(leaves)
    assert merkle.root_of(leaves) == root
    blocks = [leaves[start : start + 4] for start in range(0, size, 4)]
    roots = [merkle.root_of(block) for block in blocks]
    assert merkle.root_of(roots) == root
    for index, leaf in enumerate(leaves):
        path = merkle.path_of(blocks[index // 4], index % 4) + merkle.path_of(roots, index // 4)
        assert merkle.is_included(leaf, index, size, path, root)
        assert not merkle.is_included(leaf, (index + 1) % size, size, path, root) or size == 1
        assert not merkle.is_included(leaf, index, size, [*path, root], root)
        assert not merkle.is_included(merkle.leaf_hash(b"other"), index, size, path, root)


def test_every_day_is_sealed_once_and_follows_the_one_before(sealed: list[Seal]) -> None:
    assert [(seal.day.day, seal.count) for seal in sealed] == [(20, 11), (21, 0), (22, 1)]
    assert [seal.previous for seal in sealed] == [NOTHING_BEFORE, sealed[0].chain, sealed[1].chain]
    assert sealed[1].root == sha256().hexdigest()
    assert not seal_until(NOON + timedelta(days=3))


def test_the_days_are_the_citys_own(sealed: list[Seal]) -> None:
    assert sealed[0].starts_at == datetime(2026, 11, 20, tzinfo=ZoneInfo(config().time_zone))
    assert all(before.ends_at == after.starts_at for before, after in pairwise(sealed))


def test_a_day_is_sealed_only_when_it_is_over(db: None) -> None:
    midnight = datetime(2026, 11, 21, tzinfo=ZoneInfo(config().time_zone))
    assert not seal_until(midnight)
    make_fact()
    assert not seal_until(midnight + seals.GRACE - timedelta(seconds=1))
    assert len(seal_until(midnight + seals.GRACE)) == 1


def test_a_transaction_that_may_still_commit_is_waited_for(db: None) -> None:
    other = connection.copy()
    try:
        with transaction.atomic(using="default"), other.cursor() as cursor:
            cursor.execute("begin")
            cursor.execute("select 1")
            assert not seals._is_being_written(datetime.now(UTC) + timedelta(hours=1))
            cursor.execute("select pg_current_xact_id()")
            forget_what_the_others_did()
            assert seals._is_being_written(datetime.now(UTC) + timedelta(hours=1))
            assert not seals._is_being_written(NOON)
            cursor.execute("rollback")
    finally:
        other.close()


def test_what_is_published_holds_by_itself(sealed: list[Seal]) -> None:
    for seal in sealed:
        published = Published.model_validate(publish_seal(seal))
        assert published.statement == statement_of(seal)
        assert not published.faults()
        leaves = merkle.split(b"".join(leaf_hashes(seal.day)))
        assert len(leaves) == seal.count
        assert naive_root(leaves).hex() == published.root


@pytest.mark.parametrize(
    ("part", "value"),
    [("count", 12), ("root", "0" * 64), ("previous", "1" * 64), ("day", "2026-11-19"), ("last", 5)],
)
def test_a_changed_part_shows(sealed: list[Seal], part: str, value: object) -> None:
    changed = Published.model_validate({**publish_seal(sealed[0]), part: value})
    assert len(changed.faults()) == 2


def test_a_signature_by_another_key_shows(sealed: list[Seal]) -> None:
    one, other = publish_seal(sealed[0]), publish_seal(sealed[1])
    assert Published.model_validate({**one, "signature": other["signature"]}).faults()


def test_each_fact_can_be_proven(sealed: list[Seal]) -> None:
    for fact in FactRecord.objects.all():
        proof = prove(fact.pk)
        root = bytes.fromhex(proof.seal.root)
        assert merkle.is_included(proof.leaf.hash, proof.index, proof.seal.count, proof.path, root)
        leaf = json.loads(proof.leaf.text)
        assert leaf["subject"] == "report:1"
        assert all(leaf["hidden"][name] == digest_of(text) for name, text in proof.leaf.openings.items())
        assert str(fact.actor) not in proof.leaf.text.decode()
        for text in (proof.leaf.text, *proof.leaf.openings.values()):
            assert rfc8785.dumps(json.loads(text)) == text


def test_a_fact_of_today_has_no_proof_yet(sealed: list[Seal]) -> None:
    late = make_fact(NOON + timedelta(days=3))
    for key in (late.pk, late.pk + 1):
        with pytest.raises(NotFound):
            prove(key)


def test_an_honest_city_finds_nothing(sealed: list[Seal]) -> None:
    assert [counted.count for counted in recount()] == [11, 0, 1]
    assert not faults()
    assert [counted.day.day for counted in recount(date(2026, 11, 21), date(2026, 11, 21))] == [21]


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("update kernel_fact set data = '{\"watts\": 1e999}' where id = %s", "was changed after"),
        ("update kernel_fact set actor = null where id = %s", "was changed after"),
        ("update kernel_fact set persons = '{}' where id = %s", "was changed after"),
        ("update kernel_fact set recorded_at = recorded_at + interval '1 second' where id = %s", "was changed"),
        ("update kernel_fact set recorded_at = '2026-12-01' where id = %s", "it says another day"),
        ("delete from kernel_fact where id = %s", "was removed after"),
    ],
)
def test_a_fact_that_was_changed_is_named(sealed: list[Seal], sql: str, told: str) -> None:
    fifth = FactRecord.objects.order_by("id")[4].pk
    tamper(sql, fifth)
    (fault,) = faults()
    assert fault.startswith(f"2026-11-20: fact {fifth}")
    assert told in fault


@pytest.mark.parametrize(
    ("moment", "told"), [(NOON, "was added after"), (NOON - timedelta(days=9), "older than the first seal")]
)
def test_a_fact_that_was_slipped_in_is_named(sealed: list[Seal], moment: datetime, told: str) -> None:
    added = make_fact(moment)
    (fault,) = faults()
    assert f"fact {added.pk} (kernel.personal_data_shown, report:1)" in fault
    assert told in fault


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("update kernel_seal_part set leaves = leaves || sha256('') where number = 2", "its sealed root"),
        ("update kernel_seal set count = 12 where day = '2026-11-20'", "its statement was changed"),
        ("update kernel_seal set previous = repeat('a', 64) where day = '2026-11-22'", "does not follow"),
        ("delete from kernel_seal where day = '2026-11-21'", "are gone"),
    ],
)
def test_a_changed_seal_is_named(sealed: list[Seal], sql: str, told: str) -> None:
    tamper(sql)
    assert any(told in fault for fault in faults())


def test_a_city_that_signs_with_another_key_is_told(sealed: list[Seal], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meydan.kernel.recount.stored_secret", lambda _data, _name: "another")
    assert all("is not this machine's" in fault for fault in faults())
    assert len(faults()) == 3


@pytest.mark.parametrize("sql", ["update kernel_seal set count = 0", "delete from kernel_seal_part"])
def test_seals_are_never_changed(sealed: list[Seal], sql: str) -> None:
    with pytest.raises(DatabaseError, match="seals are never changed"), connection.cursor() as cursor:
        cursor.execute(sql)
