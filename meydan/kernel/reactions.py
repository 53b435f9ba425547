"""Reactions: what follows from a fact, done by the worker after the commit.

Each (fact, reaction) pair takes effect exactly once: the row in `kernel_reaction_run` is written in the transaction of
the reaction itself, so a worker that dies half-way leaves nothing behind and a job that runs twice does nothing twice.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.db import transaction

from meydan.kernel import jobs
from meydan.kernel.clock import now
from meydan.kernel.facts import FACT_TYPES, Fact, load
from meydan.kernel.models import FactRecord, ReactionRun

F = TypeVar("F", bound=Fact)
_REACTIONS: dict[str, Callable[[Any], None]] = {}
_BY_FACT: dict[type[Fact], list[str]] = defaultdict(list)


def reacts_to(*kinds: type[F]) -> Callable[[Callable[[F], None]], Callable[[F], None]]:
    """Have a function called once for every fact of these kinds. It runs in a transaction, as `SYSTEM` by its own
    choice of actor; when it raises, everything is rolled back and tried again later."""

    def register(work: Callable[[F], None]) -> Callable[[F], None]:
        name = f"{work.__module__}.{work.__qualname__}"
        _REACTIONS[name] = work
        for kind in kinds:
            _BY_FACT[kind].append(name)
        return work

    return register


def reactions_to(kind: type[Fact]) -> list[str]:
    """The names of the reactions to a kind of fact."""
    return list(_BY_FACT.get(kind, ()))


def enqueue(rows: Iterable[FactRecord]) -> None:
    """Enqueue one job per reaction on each of these facts, in the running transaction."""
    wanted = [
        {"fact_id": row.id, "reaction": reaction} for row in rows for reaction in _BY_FACT.get(FACT_TYPES[row.name], ())
    ]
    jobs.enqueue_many(run_reaction, wanted)


@jobs.job(name="kernel.run_reaction", queue="reactions", priority=5)
def run_reaction(*, fact_id: int, reaction: str) -> None:
    """Run one reaction on one fact, unless it already has."""
    with transaction.atomic():
        row = FactRecord.objects.get(pk=fact_id)
        _run, first_time = ReactionRun.objects.get_or_create(fact=row, reaction=reaction, defaults={"ran_at": now()})
        if first_time:
            _REACTIONS[reaction](load(row).fact)
