"""The daily seal: each day's facts under one signed hash, chained to the day before (docs/security/seals.md).

A day is the city's own, from midnight to midnight; a fact belongs to the day of its `recorded_at`. Days without facts
are sealed too, so that a missing one shows. Whoever kept an old chain hash can see that nothing before it was changed.
"""

import secrets
from bisect import bisect_left
from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from itertools import starmap
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Min

from meydan.kernel import merkle
from meydan.kernel.clock import now
from meydan.kernel.config import config, stored_secret
from meydan.kernel.errors import NotFound
from meydan.kernel.leaves import FactRow, Leaf, make_leaf
from meydan.kernel.models import FactRecord, Seal, SealPart
from meydan.kernel.receipt import FORMAT as RECEIPT_FORMAT
from meydan.kernel.statement import NOTHING_BEFORE, Statement, public_key, publish, sign, signing_key

GRACE = timedelta(minutes=10)
"""After a day's end: what was being written at midnight is committed by then, or keeps the seal waiting."""
LOCK = 0x7365616C
ID_BYTES = 8
KEY = "seal_key"
"""The stored secret (kernel.config) that the signing key is made of."""
EVER = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
READ_BLOCK = """
    select id, name, subject, persons::text[], actor::text, roles, departments, channel, data::text,
           to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
      from kernel_fact
     where id > %s and id <= %s and recorded_at >= %s and recorded_at < %s
     order by id limit %s"""


@dataclass(frozen=True)
class Span:
    """A day of the city, and its first moment and the next day's (UTC)."""

    day: date
    starts_at: datetime
    ends_at: datetime


def seal_days() -> Iterator[Seal]:
    """Seal every day that is over and not sealed yet, the oldest first, each in its own transaction."""
    while (seal := _seal_next()) is not None:
        yield seal


def is_seal_due() -> bool:
    """Whether a day is over that is not sealed yet."""
    span = next_span()
    return span is not None and span.ends_at + GRACE <= now()


def next_span() -> Span | None:
    """The first day without a seal; None before there is a fact. Days follow each other without a gap, even where the
    city's time zone is changed."""
    if last := Seal.objects.order_by("-day").first():
        day = last.day + timedelta(days=1)
        return Span(day, last.ends_at, max(last.ends_at, _midnight(day + timedelta(days=1))))
    first = FactRecord.objects.aggregate(Min("recorded_at"))["recorded_at__min"]
    if first is None:
        return None
    day = first.astimezone(ZoneInfo(config().time_zone)).date()
    return Span(day, _midnight(day), _midnight(day + timedelta(days=1)))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(config().time_zone)).astimezone(UTC)


@transaction.atomic
def _seal_next() -> Seal | None:
    if not _is_only_sealer():
        return None
    span = next_span()
    if span is None or span.ends_at + GRACE > now() or _is_being_written(span.ends_at + GRACE):
        return None
    return _seal(span)


def _is_only_sealer() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])


def _is_being_written(until: datetime) -> bool:
    """Whether a transaction that began before `until` has written, or waits to, and may still commit facts of the day.
    Mere readers, such as a backup, hold nothing up."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select exists(
                 select from pg_stat_activity
                  where datname = current_database() and pid <> pg_backend_pid() and xact_start < %s
                    and (backend_xid is not null or wait_event_type = 'Lock'))""",
            [until],
        )
        return bool(cursor.fetchone()[0])


def _seal(span: Span) -> Seal:
    """Block by block, so that a day of a million facts needs no more memory than a small one."""
    salt_key = secrets.token_bytes(32)
    blocks = [
        _store_block(span.day, number, rows, salt_key)
        for number, rows in enumerate(read_day(span.starts_at, span.ends_at))
    ]
    statement = Statement(
        day=span.day,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        count=sum(block.count for block in blocks),
        first=blocks[0].first if blocks else 0,
        last=blocks[-1].last if blocks else 0,
        root=merkle.root_of([block.root for block in blocks]).hex(),
        previous=Seal.objects.order_by("-day").values_list("chain", flat=True).first() or NOTHING_BEFORE,
    )
    key = signing_key(stored_secret(config().data, KEY))
    return Seal.objects.create(
        **vars(statement),
        chain=statement.chain,
        key=public_key(key),
        signature=sign(statement, key),
        salt_key=salt_key,
        sealed_at=now(),
    )


@dataclass(frozen=True)
class Block:
    """What the day's statement needs of a block."""

    count: int
    first: int
    last: int
    root: bytes


def _store_block(day: date, number: int, rows: list[FactRow], salt_key: bytes) -> Block:
    leaves = [make_leaf(row, salt_key).hash for row in rows]
    block = Block(len(rows), rows[0].id, rows[-1].id, merkle.root_of(leaves))
    SealPart.objects.create(
        seal_id=day,  # the row follows in this transaction
        number=number,
        first=block.first,
        root=block.root,
        ids=b"".join(row.id.to_bytes(ID_BYTES, "big") for row in rows),
        leaves=b"".join(leaves),
    )
    return block


def read_day(starts_at: datetime, ends_at: datetime) -> Iterator[list[FactRow]]:
    """The facts recorded from one moment to before another, by id, in blocks."""
    with connection.cursor() as cursor:
        cursor.execute(  # count(*) has the planner use the small index of moments, not walk all ids
            "select min(id), max(id), count(*) from kernel_fact where recorded_at >= %s and recorded_at < %s",
            [starts_at, ends_at],
        )
        first, last, count = cursor.fetchone()
    after = first - 1 if count else 0
    while count and (rows := _read_block((after, last), (starts_at, ends_at))):
        yield rows
        after = rows[-1].id


def read_fact(fact_id: int) -> FactRow | None:
    """One fact as it is sealed; None when there is none."""
    rows = _read_block((fact_id - 1, fact_id), EVER)
    return rows[0] if rows else None


def _read_block(ids: tuple[int, int], moments: tuple[datetime, datetime]) -> list[FactRow]:
    """At most a block, from after the first id to the last one, of the facts recorded between two moments."""
    with connection.cursor() as cursor:
        cursor.execute(READ_BLOCK, [*ids, *moments, merkle.BLOCK])
        return list(starmap(FactRow, cursor.fetchall()))


def statement_of(seal: Seal) -> Statement:
    """What the seal's row states."""
    return Statement(**{part.name: getattr(seal, part.name) for part in fields(Statement)})


def publish_seal(seal: Seal) -> dict[str, str | int]:
    """The seal as it stands at `/seals/<day>.json`."""
    return publish(statement_of(seal), seal.signature, seal.key)


def sealed_until() -> datetime | None:
    """Facts recorded before this moment are sealed; None before the first seal."""
    return Seal.objects.order_by("-day").values_list("ends_at", flat=True).first()


def leaf_hashes(day: date) -> Iterator[bytes]:
    """The hashes of a day's leaves, one behind the other, block by block; each block its own short query."""
    numbers = SealPart.objects.filter(seal=day).order_by("number").values_list("number", flat=True)
    for number in list(numbers):
        yield bytes(SealPart.objects.values_list("leaves", flat=True).get(seal=day, number=number))


@dataclass(frozen=True)
class Proof:
    """That a leaf, the `index`th of its day, stands under the day's root, by this path."""

    seal: Seal
    leaf: Leaf
    index: int
    path: list[bytes]


def prove(fact_id: int) -> Proof:
    """The proof for one fact. NotFound while it is not sealed, or when there is none. Ask before who may have it."""
    fact = FactRecord.objects.filter(pk=fact_id).first()
    seal = fact and Seal.objects.filter(starts_at__lte=fact.recorded_at, ends_at__gt=fact.recorded_at).first()
    part = seal and SealPart.objects.filter(seal=seal, first__lte=fact_id).order_by("-number").first()
    row = read_fact(fact_id)
    if not seal or not part or not row:
        raise NotFound
    index = bisect_left(ids := ids_of(part), fact_id)
    if index == len(ids) or ids[index] != fact_id:  # recorded after the sealing
        raise NotFound
    roots = [bytes(root) for root in seal.parts.order_by("number").values_list("root", flat=True)]
    path = merkle.path_of(merkle.split(bytes(part.leaves)), index) + merkle.path_of(roots, part.number)
    return Proof(seal, make_leaf(row, bytes(seal.salt_key)), part.number * merkle.BLOCK + index, path)


def make_receipt(proof: Proof, *, opened: Collection[str] = ()) -> dict[str, Any]:
    """The receipt of a proven fact as JSON (kernel/receipt.py). `opened` are those of the hidden fields (`actor`,
    `persons`, `data`) that its holder may read."""
    return {
        "format": RECEIPT_FORMAT,
        "city": config().base_url,
        "leaf": proof.leaf.text.decode(),
        "opened": {name: text.decode() for name, text in proof.leaf.openings.items() if name in opened},
        "index": proof.index,
        "path": [one.hex() for one in proof.path],
        "seal": publish_seal(proof.seal),
    }


def ids_of(part: SealPart) -> list[int]:
    """The ids of the facts in a block, ascending."""
    ids = bytes(part.ids)
    return [int.from_bytes(ids[start : start + ID_BYTES], "big") for start in range(0, len(ids), ID_BYTES)]
