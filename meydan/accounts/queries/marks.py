"""What stands beside people's names: domains upstairs say it (the club its badges), pages below show it.

A mark is an honour and nothing else: no policy may ask for one.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from meydan.kernel.actor import Actor


@dataclass(frozen=True)
class Mark:
    """One mark beside a name: what it is called, its icon at lucide.dev, and its level (0: it has none)."""

    label: str
    icon: str
    level: int = 0


Marks = Mapping[UUID, list[Mark]]
_LOOKS: list[Callable[[Actor, Iterable[UUID]], Marks]] = []


def marks_names(look: Callable[[Actor, Iterable[UUID]], Marks]) -> None:
    """Have `look(actor, people)` say what stands beside these people's names for this reader. In the reader's
    language, and at most a few of each person."""
    if look not in _LOOKS:
        _LOOKS.append(look)


def marks_of(actor: Actor, people: Iterable[UUID | None]) -> dict[UUID, list[Mark]]:
    """What stands beside the names of these people, in one go for all of a page; who has no mark is left out."""
    wanted = {person for person in people if person is not None}
    found: dict[UUID, list[Mark]] = {}
    for look in _LOOKS if wanted else ():
        for person, marks in look(actor, wanted).items():
            found.setdefault(person, []).extend(marks)
    return found
