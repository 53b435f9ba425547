"""The scene of the store's tests: its people, an entry in every state, through the real actions."""

import io
from dataclasses import replace
from functools import cache
from typing import Any

from django.db import transaction

from meydan.accounts.public import Person
from meydan.kernel.actor import SYSTEM, Actor, Role
from meydan.kernel.facts import facts_about
from meydan.kernel.files import store_image
from meydan.kernel.tests.pictures import make_picture
from meydan.store import actions
from meydan.store.facts import AppHandedIn
from meydan.store.models import App, Kind

ANSWERS = {"about_city": "It shows the buses of Casablanca.", "complete": "yes", "ready": "yes"}
WORDS = "Where the bus is now, on every line of Casablanca, with the time until it comes to your stop. No account."


def make_member(username: str, *roles: Role) -> Actor:
    """Somebody with an account and these roles."""
    person = Person.objects.create(username=username, name=username.title(), email=f"{username}@example.org")
    for role in roles:
        person.grants.create(role=role)
    return Actor(person_id=person.pk, name=person.name, roles=frozenset({Role.USER, *roles}))


def make_developer(username: str = "dana") -> Actor:
    """Somebody who publishes apps."""
    return make_member(username, Role.DEVELOPER)


def make_category(code: str = "transport") -> str:
    """A category of the store."""
    actions.set_category(SYSTEM, code=code, name={"en": code.title(), "fr": "Transport"}, icon="bus", order=1)
    return code


@cache
def _picture() -> bytes:
    return make_picture()


def sha256_of_picture() -> str:
    """A stored picture."""
    return store_image(io.BytesIO(_picture()), purpose="store_picture").sha256


def draft(developer: Actor, title: str = "Casa Bus", **values: Any) -> App:
    """An entry that could be handed in."""
    language = values.pop("language", "en")
    wanted = {"kind": Kind.SITE, "address": "https://bus.example/", **values}
    app = actions.draft_app(developer, title=title, language=language, **wanted)
    actions.change_texts(
        developer, app.slug, language=language, title=title, summary="The buses of Casablanca", description=WORDS
    )
    actions.change_details(developer, app.slug, category=make_category(), address=wanted["address"], tags="bus, tram")
    picture = sha256_of_picture()
    actions.set_icon(developer, app.slug, sha256=picture)
    actions.add_screenshot(developer, app.slug, sha256=picture, alt="A map with buses")
    return App.objects.get(pk=app.pk)


def hand_in(developer: Actor, app: App) -> None:
    """Ask for publication."""
    actions.hand_in_app(developer, app.slug, answers=ANSWERS)


def publish(developer: Actor, title: str = "Casa Bus", **values: Any) -> App:
    """An entry that everybody finds: a moderator has agreed."""
    app = draft(developer, title, **values)
    hand_in(developer, app)
    return agree(app)


def agree(app: App) -> App:
    """What follows when a moderator has agreed."""
    with transaction.atomic():
        actions.publish_app(SYSTEM, app.reference)
    return App.objects.get(pk=app.pk)


def names_of_facts(app: App) -> list[str]:
    """What happened to an entry, in order."""
    return [one.name for one in facts_about(app.reference)]


def handed_in(app: App) -> list[AppHandedIn]:
    """How often it was handed in, and what for."""
    return [one.fact for one in facts_about(app.reference) if isinstance(one.fact, AppHandedIn)]


def speaking(actor: Actor, language: str) -> Actor:
    """The same person in another language."""
    return replace(actor, language=language)
