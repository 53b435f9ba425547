"""Reactions: what follows from a fact, done by the worker after the commit.

Each (fact, reaction) pair takes effect exactly once: the row in `kernel_reaction_run` is written in the transaction of
the reaction itself, so a worker that dies half-way leaves nothing behind and a job that runs twice does nothing twice.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.db import connection, transaction

from meydan.kernel import jobs
from meydan.kernel.facts import FACT_TYPES, Fact, StoredFact, load
from meydan.kernel.models import FactRecord, ReactionRun

F = TypeVar("F", bound=Fact)
Stored = TypeVar("Stored", bound=Callable[[StoredFact], None])
Pair = tuple[int, str]
"""A fact's id and a reaction's name."""
log = logging.getLogger(__name__)
_REACTIONS: dict[str, Callable[[StoredFact], None]] = {}
_BY_FACT: dict[type[Fact], list[str]] = defaultdict(list)
_ALONE: set[str] = set()


def reacts_to(*kinds: type[F], alone: bool = False) -> Callable[[Callable[[F], None]], Callable[[F], None]]:
    """Have a function called once for every fact of these kinds. It runs in a transaction, as `SYSTEM` by its own
    choice of actor; when it raises, everything is rolled back and tried again later.

    `alone`: in a transaction of its own, for what locks rows that the reactions to many facts share, a person's for
    instance. Several such in one transaction lock them in any order, and so do others: they would wait for each other.
    """

    def register(work: Callable[[Any], None]) -> Callable[[Any], None]:
        _register(work, lambda stored: work(stored.fact), kinds, alone)
        return work

    return register


def reacts_to_stored(*kinds: type[Fact], alone: bool = False) -> Callable[[Stored], Stored]:
    """The same for what needs to know when a fact was recorded, and under which number: it gets the `StoredFact`."""

    def register(work: Stored) -> Stored:
        _register(work, work, kinds, alone)
        return work

    return register


def _register(
    work: Callable[[Any], None], run: Callable[[StoredFact], None], kinds: Iterable[type[Fact]], alone: bool
) -> None:
    name = f"{work.__module__}.{work.__qualname__}"
    _REACTIONS[name] = run
    if alone:
        _ALONE.add(name)
    for kind in kinds:
        _BY_FACT[kind].append(name)


def reactions_to(kind: type[Fact]) -> list[str]:
    """The names of the reactions to a kind of fact."""
    return list(_BY_FACT.get(kind, ()))


def enqueue(rows: Iterable[FactRecord]) -> None:
    """Enqueue one job per reaction on each of these facts, in the running transaction."""
    wanted = [
        {"fact_id": row.id, "reaction": reaction} for row in rows for reaction in _BY_FACT.get(FACT_TYPES[row.name], ())
    ]
    for task, is_alone in ((run_reaction, False), (run_reaction_alone, True)):
        jobs.enqueue_many(task, [one for one in wanted if (one["reaction"] in _ALONE) is is_alone])


def run_many(wanted: list[dict[str, Any]]) -> list[bool]:
    """Run these reactions in the running transaction; of each, whether it was done. One that fails is undone alone."""
    pairs = [(one["fact_id"], one["reaction"]) for one in wanted]
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")  # else one foreign key would undo all of them at the commit
    rows = FactRecord.objects.in_bulk({fact_id for fact_id, _reaction in pairs})
    new = _mark_as_run(pairs)
    done = [_is_done(pair, rows, new) for pair in pairs]
    failed = [pair for pair, is_done in zip(pairs, done, strict=True) if not is_done]
    for fact_id, reaction in failed:
        ReactionRun.objects.filter(fact=fact_id, reaction=reaction).delete()
    return done


def _is_done(pair: Pair, rows: dict[int, FactRecord], new: set[Pair]) -> bool:
    """Whether a reaction has run, before or now."""
    fact_id, reaction = pair
    try:
        if pair in new:
            new.remove(pair)
            with transaction.atomic():
                _REACTIONS[reaction](load(rows[fact_id]))
    except Exception:
        log.warning("%s failed on fact %d among others; it is tried by itself", reaction, fact_id, exc_info=True)
        return False
    return fact_id in rows


def _mark_as_run(pairs: list[Pair]) -> set[Pair]:
    """Say that these reactions have run, in the running transaction; returns those that had not."""
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into kernel_reaction_run (fact_id, reaction, ran_at)
               select fact.id, pair.reaction, now()
                 from unnest(%s::bigint[], %s::text[]) as pair (fact_id, reaction)
                 join kernel_fact fact on fact.id = pair.fact_id
                   on conflict do nothing returning fact_id, reaction""",
            [[fact_id for fact_id, _reaction in pairs], [reaction for _fact_id, reaction in pairs]],
        )
        return set(cursor.fetchall())


@jobs.job(name="kernel.run_reaction", queue="reactions", priority=-1, many=run_many)
def run_reaction(*, fact_id: int, reaction: str) -> None:
    """Run one reaction on one fact, unless it already has. Behind other jobs in the queue: after each of those, many
    reactions are run at once."""
    _run(fact_id, reaction)


@jobs.job(name="kernel.run_reaction_alone", queue="reactions", priority=-1)
def run_reaction_alone(*, fact_id: int, reaction: str) -> None:
    """The same for one that is never run with others."""
    _run(fact_id, reaction)


def _run(fact_id: int, reaction: str) -> None:
    with transaction.atomic():
        row = FactRecord.objects.get(pk=fact_id)
        if _mark_as_run([(fact_id, reaction)]):
            _REACTIONS[reaction](load(row))
