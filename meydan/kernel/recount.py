"""The city's own look behind its seals: does the database still hold what was sealed? Names each fact that does not.

It compares with the leaves kept beside the facts, and these with the signed root. Whoever can rewrite the database and
has the signing key can rewrite all of it: against that helps only a chain hash kept elsewhere (site/witness.py).
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain, groupby
from operator import itemgetter

from meydan.kernel import merkle
from meydan.kernel.config import config, stored_secret
from meydan.kernel.leaves import make_leaf
from meydan.kernel.models import Seal, SealPart
from meydan.kernel.seals import EVER, KEY, ids_of, read_day, read_fact, statement_of
from meydan.kernel.statement import NOTHING_BEFORE, is_signed, public_key, signing_key

SEALED = ""
"""Stands where a leaf of today says what it is about."""


@dataclass(frozen=True)
class Counted:
    """One day looked at: what is wrong with it, in sentences; none when all is well."""

    day: date
    count: int
    faults: list[str]


def recount(first: date = date.min, last: date = date.max) -> Iterator[Counted]:
    """Look at every sealed day from `first` to `last`, the oldest first."""
    before = Seal.objects.filter(day__lt=first).order_by("-day").first()
    if before is None and (early := _facts_before_the_first_seal()):
        yield early
    key = public_key(signing_key(stored_secret(config().data, KEY)))
    for seal in Seal.objects.filter(day__gte=first, day__lte=last).order_by("day").iterator(chunk_size=100):
        yield Counted(seal.day, seal.count, [*_look_at_chain(seal, before, key), *_look_at_facts(seal)])
        before = seal


def _facts_before_the_first_seal() -> Counted | None:
    first = Seal.objects.order_by("day").first()
    if first is None:
        return None
    early = chain.from_iterable(read_day(EVER[0], first.starts_at))
    faults = [f"fact {row.id} ({row.name}, {row.subject}) says it is older than the first seal" for row in early]
    return Counted(first.day, 0, faults) if faults else None


def _look_at_chain(seal: Seal, before: Seal | None, key: str) -> Iterator[str]:
    statement = statement_of(seal)
    if statement.chain != seal.chain:
        yield "its statement was changed: the hash of it is another"
    if not is_signed(statement, seal.signature, seal.key):
        yield "its signature is not by its key"
    if seal.key != key:
        yield f"it was signed by the key {seal.key}, which is not this machine's {key}"
    if seal.previous != (before.chain if before else NOTHING_BEFORE):
        yield "it does not follow on the seal before it"
    if before and (seal.day - before.day).days != 1:
        yield f"the seals between {before.day} and {seal.day} are gone"


def _look_at_facts(seal: Seal) -> Iterator[str]:
    """Both lists stand by id: side by side they show what is in one of them only, and what differs."""
    both = heapq.merge(_sealed_leaves(seal), _leaves_now(seal), key=itemgetter(0))
    for fact_id, group in groupby(both, key=itemgetter(0)):
        leaves = {what: leaf for _id, what, leaf in group}
        sealed, now = leaves.pop(SEALED, None), set(leaves.values())
        if sealed is None:
            yield f"fact {fact_id} ({', '.join(leaves)}) was added after the sealing"
        elif not now:
            yield _tell_missing(fact_id)
        elif now != {sealed}:
            yield f"fact {fact_id} ({', '.join(leaves)}) was changed after the sealing"
    yield from _look_at_leaves(seal)


def _leaves_now(seal: Seal) -> Iterator[tuple[int, str, bytes]]:
    for row in chain.from_iterable(read_day(seal.starts_at, seal.ends_at)):
        yield row.id, f"{row.name}, {row.subject}", make_leaf(row, bytes(seal.salt_key)).hash


def _sealed_leaves(seal: Seal) -> Iterator[tuple[int, str, bytes]]:
    for part in SealPart.objects.filter(seal=seal).order_by("number").iterator(chunk_size=1):
        for fact_id, leaf in zip(ids_of(part), merkle.split(bytes(part.leaves)), strict=False):
            yield fact_id, SEALED, leaf


def _tell_missing(fact_id: int) -> str:
    row = read_fact(fact_id)
    if row is None:
        return f"fact {fact_id} was removed after the sealing"
    return f"fact {fact_id} ({row.name}, {row.subject}) was changed after the sealing: it says another day, {row.at}"


def _look_at_leaves(seal: Seal) -> Iterator[str]:
    """That the leaves we compared with are those that were signed."""
    roots, count = [], 0
    for part in SealPart.objects.filter(seal=seal).order_by("number").iterator(chunk_size=1):
        leaves = merkle.split(bytes(part.leaves))
        roots.append(merkle.root_of(leaves))
        count += len(leaves)
    if merkle.root_of(roots).hex() != seal.root or count != seal.count:
        yield "the leaves kept for it were changed: they do not make its sealed root"
