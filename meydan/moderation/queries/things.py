"""How the things of other domains are shown to moderators. Each domain registers its kinds once."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from meydan.kernel.actor import Actor
from meydan.kernel.errors import NotFound, Sentence
from meydan.moderation.models import Page


@dataclass(frozen=True)
class Thing:
    """A thing as its own domain shows it to the actor. `person`: its author, where they have an account. `final`: what
    is taken off is gone for good. `removable`: whether it can be taken off at all."""

    title: str
    text: str
    href: str
    pictures: tuple[str, ...] = ()
    person: UUID | None = None
    final: bool = False
    removable: bool = True


@dataclass(frozen=True)
class Check:
    """What a machine has found out about a thing that was handed in. `ok`: None where it only tells."""

    label: Sentence
    ok: bool | None = None
    detail: Sentence = ""


@dataclass(frozen=True)
class Question:
    """What a moderator must find before they approve: `key` is stable ("complete"), `text` is what they read."""

    key: str
    text: Sentence


@dataclass(frozen=True)
class Reviewed:
    """A thing that was handed in, as its own domain shows it to moderators. `href` leads to it as they may see it;
    `excerpt` is its text, as far as one reads it on the desk. `answers`: what the author was asked, in words."""

    title: str
    href: str
    excerpt: str = ""
    author: UUID | None = None
    author_name: str = ""
    pictures: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    questions: tuple[Question, ...] = ()
    answers: tuple[tuple[Sentence, str], ...] = ()


@dataclass(frozen=True)
class Elsewhere:
    """Work for moderators that another domain has a page of its own for."""

    label: Sentence
    href: str
    count: int


Look = Callable[[Actor, str], Thing | None]
ReviewLook = Callable[[Actor, str], Reviewed | None]
Waiting = Callable[[Actor], Elsewhere | None]
_LOOKS: dict[str, Look] = {}
_REVIEWS: dict[str, ReviewLook] = {}
_NAMES: dict[str, Sentence] = {}
_ELSEWHERE: dict[str, Waiting] = {}


def moderates(kind: str, look: Look, *, name: Sentence = "") -> None:
    """Have things of this kind ("report") flagged and moderated. `look(actor, reference)` shows one, or gives None
    when the actor may not see it. `name`: what people call one. LookupError when the kind is taken."""
    if _LOOKS.setdefault(kind, look) is not look:
        raise LookupError(f"the kind {kind!r} is taken")
    _name(kind, name)


def reviews(kind: str, look: ReviewLook, *, name: Sentence = "") -> None:
    """Have things of this kind ("article") looked at before they are published. `look(actor, about)` shows one to the
    actor, or gives None when there is no such thing, or not for them. LookupError when the kind is taken."""
    if _REVIEWS.setdefault(kind, look) is not look:
        raise LookupError(f"the kind {kind!r} is taken")
    _name(kind, name)


def waits_elsewhere(kind: str, waiting: Waiting) -> None:
    """Have the moderators' desk lead to work that has a page of its own: `waiting(actor)` says how much there is, None
    for who may not do it. LookupError when the kind is taken."""
    if _ELSEWHERE.setdefault(kind, waiting) is not waiting:
        raise LookupError(f"the kind {kind!r} is taken")


def _name(kind: str, name: Sentence) -> None:
    if name:
        _NAMES[kind] = name


def name_of(reference: str) -> Sentence:
    """What people call a thing of this kind; the kind itself where its domain does not say."""
    kind = reference.partition(":")[0]
    return _NAMES.get(kind, kind)


def is_reviewed(reference: str) -> bool:
    """Whether things of this kind are looked at before they are published."""
    return reference.partition(":")[0] in _REVIEWS


def find_reviewed(actor: Actor, about: str) -> Reviewed | None:
    """The thing that was handed in; None when it is not there any more."""
    look = _REVIEWS.get(about.partition(":")[0])
    return look(actor, about) if look else None


def list_elsewhere(actor: Actor) -> list[Elsewhere]:
    """What waits for the actor on pages of other domains."""
    found = (waiting(actor) for waiting in _ELSEWHERE.values())
    return [one for one in found if one is not None]


def find_thing(actor: Actor, reference: str) -> Thing:
    """The thing. Raises `NotFound` also when the actor may not see it."""
    look = _LOOKS.get(reference.partition(":")[0])
    thing = look(actor, reference) if look else None
    if thing is None:
        raise NotFound
    return thing


def seen_thing(actor: Actor, reference: str) -> Thing | None:
    """The thing, or None when it is not there any more."""
    try:
        return find_thing(actor, reference)
    except NotFound:
        return None


def look_at_page(actor: Actor, reference: str) -> Thing | None:
    """ "page:7": a page of the city's, by its path."""
    number = reference.partition(":")[2]
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    page = Page.objects.filter(pk=int(number)).first()
    return Thing(page.path, "", page.path, removable=False) if page else None
