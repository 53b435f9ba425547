"""What is talked about: each domain registers its kinds once."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from meydan.kernel.actor import Actor
from meydan.kernel.errors import NotFound, Sentence

AUTHOR = _("Author")


@dataclass(frozen=True)
class Discussed:
    """A thing as its own domain shows it to the actor. `owners`: to whom it belongs: they answer and are marked, and
    neither comment nor rate. `rated`: things of its kind get stars. `downloaded`: the actor has downloaded it here;
    `version`: that which is out now. `owner_label`: how the owners' answers are marked ("Developer"). `open`: whether
    one may write now."""

    title: str
    href: str
    owners: frozenset[UUID] = frozenset()
    rated: bool = True
    downloaded: bool = False
    version: str = ""
    owner_label: Sentence = AUTHOR
    open: bool = True


Look = Callable[[Actor, str], Discussed | None]
_LOOKS: dict[str, Look] = {}


def discusses(kind: str, look: Look) -> None:
    """Have things of this kind ("article") talked about. `look(actor, about)` shows one, or gives None when there is
    none, or it is not public: not for this actor. LookupError when the kind is taken."""
    if _LOOKS.setdefault(kind, look) is not look:
        raise LookupError(f"the kind {kind!r} is taken")


def find_discussed(actor: Actor, about: str) -> Discussed:
    """The thing. Raises `NotFound` also when the actor may not see it."""
    found = seen_discussed(actor, about)
    if found is None:
        raise NotFound
    return found


def seen_discussed(actor: Actor, about: str) -> Discussed | None:
    """The thing, or None where the actor may not see it."""
    look = _LOOKS.get(about.partition(":")[0])
    return look(actor, about) if look else None
