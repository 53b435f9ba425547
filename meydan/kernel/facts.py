"""What happened. A fact is stored in the transaction that made it true and never changes: it is history, audit log
and outbox in one table.

A domain declares its facts in `facts.py` as frozen dataclasses and records them from its actions::

    @fact("reports.report_filed")
    @dataclass(frozen=True, kw_only=True)
    class ReportFiled(Fact):
        category: str
"""

import functools
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

from django.db import transaction
from pydantic import TypeAdapter

from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.models import FactRecord
from meydan.kernel.rows import insert

P = ParamSpec("P")
T = TypeVar("T")
F = TypeVar("F", bound="type[Fact]")
MOST_TOGETHER = 500
"""Facts in one statement."""


@dataclass(frozen=True, kw_only=True)
class Fact:
    """The base of every fact. `subject` is a reference such as "report:123"; `persons` are those whom it concerns."""

    subject: str
    persons: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class StoredFact:
    """A fact as it was recorded: with who did it, in which role, by which channel and when."""

    id: int
    fact: Fact
    name: str
    actor: UUID | None
    roles: tuple[str, ...]
    departments: tuple[str, ...]
    channel: str
    recorded_at: datetime


@dataclass
class Scope:
    """The action that is running: what it has recorded so far."""

    actor: Actor
    facts: list[Fact] = field(default_factory=list)


FACT_TYPES: dict[str, type[Fact]] = {}
_NAMES: dict[type[Fact], str] = {}
_PLAIN: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])
_scope: ContextVar[Scope | None] = ContextVar("meydan_scope", default=None)


def fact(name: str) -> Callable[[F], F]:
    """Register a fact's dataclass under the stable name that the database keeps. LookupError when the name is taken."""

    def register(cls: F) -> F:
        if FACT_TYPES.get(name, cls).__qualname__ != cls.__qualname__:
            raise LookupError(f"the fact name {name!r} is taken by {FACT_TYPES[name]}")
        FACT_TYPES[name] = cls
        _NAMES[cls] = name
        return cls

    return register


@contextmanager
def scope_of(actor: Actor) -> Generator[Scope, None, None]:
    """Open the scope in which `record` may be called. `kernel.action` does; a domain never needs to."""
    scope = Scope(actor)
    token = _scope.set(scope)
    try:
        yield scope
    finally:
        _scope.reset(token)


def record(happened: Fact) -> None:
    """Record a fact in the running action. RuntimeError outside one: the world changes in actions only."""
    record_many((happened,))


def record_many(happened: Iterable[Fact]) -> None:
    """Record several facts at once, for bulk work such as imports."""
    scope = _scope.get()
    if scope is None:
        raise RuntimeError("record() works inside an @action only: facts say what an action did")
    scope.facts.extend(happened)


def store(actor: Actor, happened: Iterable[Fact]) -> list[FactRecord]:
    """Insert facts as rows and return these, with their ids, in the same order."""
    moment = now()
    rows = [_row(actor, one, moment) for one in happened]
    for start in range(0, len(rows), MOST_TOGETHER):
        insert(rows[start : start + MOST_TOGETHER])
    return rows


def _row(actor: Actor, happened: Fact, moment: datetime) -> FactRecord:
    data = asdict(happened)
    return FactRecord(
        name=_NAMES[type(happened)],
        subject=data.pop("subject"),
        persons=list(data.pop("persons")),
        actor=actor.person_id,
        roles=sorted(actor.roles),
        departments=sorted(actor.departments),
        channel=actor.channel,
        data=_PLAIN.dump_python(data, mode="json"),
        recorded_at=moment,
    )


@functools.cache
def _adapter(name: str) -> TypeAdapter[Fact]:
    return TypeAdapter(FACT_TYPES[name])


def load(row: FactRecord) -> StoredFact:
    """A row as the fact it stands for. Fields that the dataclass no longer has are passed over; LookupError on an
    unknown name."""
    cls = FACT_TYPES[row.name]
    known = {one.name for one in fields(cls)}
    data = {key: value for key, value in row.data.items() if key in known}
    happened = _adapter(row.name).validate_python({**data, "subject": row.subject, "persons": row.persons})
    return StoredFact(
        row.id, happened, row.name, row.actor, tuple(row.roles), tuple(row.departments), row.channel, row.recorded_at
    )


def facts_about(subject: str, *, name: str | None = None, limit: int = 200) -> list[StoredFact]:
    """The facts about one subject, oldest first; only those called `name`, where one is given. Ask a policy first:
    this returns all of them."""
    rows = FactRecord.objects.filter(subject=subject)
    if name is not None:
        rows = rows.filter(name=name)
    return [load(row) for row in rows.order_by("id")[:limit]]


def facts_of_kinds(subject: str, kinds: Iterable[type[Fact]], *, limit: int = 1000) -> list[StoredFact]:
    """The facts of these kinds about one subject, oldest first; where there are more, the latest `limit` of them."""
    rows = FactRecord.objects.filter(subject=subject, name__in=[_NAMES[kind] for kind in kinds])
    return [load(row) for row in reversed(rows.order_by("-id")[:limit])]


def subjects_of(kinds: Iterable[type[Fact]], *, after: str = "", limit: int = 1000) -> list[str]:
    """What facts of these kinds are about, each once, in the order of the references and from behind `after`."""
    rows = FactRecord.objects.filter(name__in=[_NAMES[kind] for kind in kinds], subject__gt=after)
    return list(rows.order_by("subject").values_list("subject", flat=True).distinct()[:limit])


def facts_of_person(person_id: UUID, *, name: str | None = None, limit: int = 200) -> list[StoredFact]:
    """The facts that concern a person, newest first; only those called `name`, where one is given."""
    rows = FactRecord.objects.filter(persons__contains=[person_id])
    if name is not None:
        rows = rows.filter(name=name)
    return [load(row) for row in rows.order_by("-id")[:limit]]


def fact_of_person(person_id: UUID, fact_id: int) -> StoredFact | None:
    """One fact, if it concerns this person."""
    row = FactRecord.objects.filter(persons__contains=[person_id], pk=fact_id).first()
    return load(row) if row else None


@fact("kernel.personal_data_shown")
@dataclass(frozen=True, kw_only=True)
class PersonalDataShown(Fact):
    """Somebody of the city's staff was shown a person's private data: `what` says which, in English."""

    what: str


def reveals(
    what: str,
    *,
    persons: Callable[[Any], Iterable[UUID]],
    subject: Callable[[Any], str],
    always: Callable[[Any], bool] = lambda _result: False,
) -> Callable[[Callable[Concatenate[Actor, P], T]], Callable[Concatenate[Actor, P], T]]:
    """Decorate a query that shows private data to staff: what it returned is recorded as shown.

    `persons` and `subject` read from the query's result whom and what it was about. Nothing is recorded when nobody
    but the reader is concerned, unless `always` says of the result that somebody without an account is.
    """

    def decorate(query: Callable[Concatenate[Actor, P], T]) -> Callable[Concatenate[Actor, P], T]:
        @functools.wraps(query)
        def shown(actor: Actor, /, *args: P.args, **kwargs: P.kwargs) -> T:
            result = query(actor, *args, **kwargs)
            concerned = tuple(one for one in persons(result) if one != actor.person_id)
            if (concerned or always(result)) and not actor.is_system:
                with transaction.atomic():
                    store(actor, [PersonalDataShown(subject=subject(result), persons=concerned, what=what)])
            return result

        return shown

    return decorate
