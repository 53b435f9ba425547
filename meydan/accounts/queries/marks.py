"""What stands beside people's names: domains upstairs say it (the club its badges), pages below show it.

A mark is an honour and nothing else: no policy may ask for one.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID

from django.db import connection

from meydan.kernel.actor import Actor
from meydan.kernel.i18n import text_of


@dataclass(frozen=True)
class Mark:
    """One mark beside a name: what it is called, its icon at lucide.dev, and its level (0: it has none)."""

    label: str
    icon: str
    level: int = 0


Look = Callable[[LiteralString], LiteralString]
_LOOKS: list[Look] = []
_OF_EACH: LiteralString = "select person, ("
_AMONG: LiteralString = ")::text from unnest(%(people)s) person"


def marks_names(look: Look) -> None:
    """Have `look(person)` say what stands beside a name, for every reader: an SQL expression for the person of that
    column, which gives a JSON array of at most a few marks as [names by language, code, icon, level], or null. It knows
    the reader as `%(reader)s`, null for visitors."""
    if look not in _LOOKS:
        _LOOKS.append(look)


def marks_beside(person: LiteralString) -> LiteralString:
    """The same of all domains, as one expression (a JSON array, or null) for a question about people's words, so that
    no second one is needed. `marks_from` reads it; `%(reader)s` is the actor's `person_id`."""
    if not _LOOKS:
        return "null::jsonb"
    shown = " || ".join(f"coalesce({look(person)}, '[]')" for look in _LOOKS)
    return f"nullif({shown}, '[]')"


def marks_from(shown: Sequence[Sequence[Any]] | None) -> tuple[Mark, ...]:
    """The marks, in the active language, from what `marks_beside` gave, read as JSON."""
    return tuple(Mark(text_of(names) or code, icon, level) for names, code, icon, level in shown or ())


def marks_of(actor: Actor, people: Iterable[UUID | None]) -> dict[UUID, list[Mark]]:
    """What stands beside the names of these people, in one go for all of a page; who has no mark is left out."""
    wanted = {person for person in people if person is not None}
    if not wanted or not _LOOKS:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_OF_EACH + marks_beside("person") + _AMONG, {"people": list(wanted), "reader": actor.person_id})
        rows: list[tuple[UUID, str | None]] = cursor.fetchall()
    return {person: list(marks_from(json.loads(shown))) for person, shown in rows if shown}
