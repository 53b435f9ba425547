"""A kind of thing that only tests have, handed in, flagged and talked about as those of the domains are."""

from dataclasses import dataclass
from uuid import UUID

from meydan.accounts.public import Person
from meydan.kernel.action import action
from meydan.kernel.actor import Actor
from meydan.kernel.policy import ALLOW, Verdict
from meydan.moderation.public import Check, Question, Reviewed, Thing, hand_in, moderates, reviews, withdraw_review


@dataclass
class Poster:
    """Somebody's poster."""

    author: UUID | None
    title: str = "A garden on every roof"
    text: str = "Come and plant with us"


POSTERS: dict[str, Poster] = {}


def put_up(actor: Actor, number: int = 1) -> str:
    """A poster of the actor's."""
    POSTERS[f"poster:{number}"] = Poster(actor.person_id)
    return f"poster:{number}"


def look(actor: Actor, reference: str) -> Thing | None:
    poster = POSTERS.get(reference)
    return Thing(poster.title, poster.text, f"/posters/{reference[7:]}", person=poster.author) if poster else None


def look_at_review(actor: Actor, about: str) -> Reviewed | None:
    poster = POSTERS.get(about)
    if poster is None:
        return None
    person = Person.objects.filter(pk=poster.author).first() if poster.author else None
    return Reviewed(
        title=poster.title,
        href=f"/posters/{about[7:]}",
        excerpt=poster.text,
        author=poster.author,
        author_name=person.name if person else "",
        checks=(Check("It has a picture", ok=False, detail="None was added"), Check("Its links answer", ok=True)),
        questions=(Question("city", "Is it about the city?"), Question("complete", "Is it complete?")),
        answers=(("Whose work is it?", "My own"),),
    )


def _anybody(actor: Actor) -> Verdict:
    return ALLOW


@action(policy=_anybody)
def submit(actor: Actor, about: str) -> None:
    """As an author's own domain does it."""
    hand_in(actor, about=about, title=POSTERS[about].title, language="en", answers={"own": True})


@action(policy=_anybody)
def take_back(actor: Actor, about: str) -> None:
    """As an author's own domain does it."""
    withdraw_review(actor, about=about)


moderates("poster", look, name="A poster")
reviews("poster", look_at_review, name="A poster")
