"""People, a registry and an engine for the tests of identity."""

import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from typing import Any

from allauth.mfa.models import Authenticator
from django.test import Client
from PIL import Image

from meydan.accounts.public import Person, actor_for, find_active_person, grant_role, keep_department, open_account
from meydan.identity.actions import applying, checking
from meydan.identity.actions.checking import ask_registry, check_faces
from meydan.identity.actions.identities import establish_identity, raise_level
from meydan.identity.models import Application, Claims, Given, Identity, Purpose
from meydan.identity.models.faces import Face
from meydan.identity.plugins.registry import Entry, RegistryDown
from meydan.kernel.actor import SYSTEM, Actor, Role

PASSWORD = "four ordinary words"
CLAIMS = Claims(
    number="BK123456",
    given_name="Amina",
    family_name="Idrissi",
    birth_date=date(1990, 4, 12),
    sex="F",
    nationality="MAR",
)
GIVEN = Given(given_name="Amina", family_name="Idrissi", birth_date=date(1990, 4, 12))


def make_jpeg(colour: str = "#888888", side: int = 64) -> bytes:
    """A small picture."""
    out = BytesIO()
    Image.new("RGB", (side, side), colour).save(out, "JPEG")
    return out.getvalue()


def make_person(username: str, *, secured: bool = True) -> Person:
    """An account, with an authenticator app unless `secured` is off."""
    person = open_account(
        SYSTEM, username=username, name=username.title(), email=f"{username}@x.org", password=PASSWORD, language="en"
    )
    if secured:
        Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": "x"})
    return person


def make_clerk(username: str) -> Actor:
    """An officer of the identity department."""
    keep_department(SYSTEM, code="identity", name={"en": "Identity"})
    person = make_person(username)
    grant_role(SYSTEM, person.pk, role=Role.OFFICER, department="identity")
    return actor_of(person)


def actor_of(person: Person) -> Actor:
    """As the person stands now."""
    return actor_for(find_active_person(person.pk))


def make_identity(person: Person, claims: Claims = CLAIMS, *, in_person: bool = False) -> Identity:
    """An identity, made by the machinery's own actions."""
    identity = establish_identity(SYSTEM, person_id=person.pk, claims=claims, level="light")
    return raise_level(SYSTEM, identity.pk) if in_person else identity


def browser(person: Person, *, proven: bool = True) -> Client:
    """A session of the person, in which a second proof was given just now."""
    client = Client()
    client.force_login(person)
    if proven:
        session = client.session
        session["account_authentication_methods_user"] = str(person.pk)
        session["account_authentication_methods"] = [{"method": "mfa", "type": "totp", "at": time.time()}]
        session.save()
    return client


@dataclass
class FakeRegistry:
    """Answers from a dict; `down` times it does not answer first."""

    entries: dict[str, Entry] = field(default_factory=dict)
    down: int = 0
    asked: int = 0
    name: str = "test"

    def look_up(self, number: str) -> Entry | None:
        self.asked += 1
        if self.down > 0:
            self.down -= 1
            raise RegistryDown("not now")
        return self.entries.get(number)


@dataclass
class FakeEngine:
    """Sees what it is told to: one face for all pictures, or a list in the order of the pictures."""

    faces: list[Face | None]
    name: str = "fake"

    def look(self, pictures: Sequence[bytes], *, measured: Collection[int]) -> list[Face | None]:
        return [(*self.faces, *([self.faces[-1]] * len(pictures)))[place] for place in range(len(pictures))]


def a_face(shift: float = 0.0, *, turn: float = 0.0, tilt: float = 0.0, size: float = 0.2) -> Face:
    """A face whose measure lies `shift` from the usual one."""
    return Face((shift, *([0.0] * 127)), turn, tilt, size)


@contextmanager
def world(monkeypatch: Any, registry: FakeRegistry | None, engine: FakeEngine | None = None) -> Iterator[None]:
    """The outside as the machine meets it."""
    with monkeypatch.context() as patch:
        patch.setattr(checking, "connected", lambda: registry)
        patch.setattr(checking, "engine", lambda: engine)
        yield


def known(portrait: bytes = b"", claims: Claims = CLAIMS, *, alive: bool = True) -> FakeRegistry:
    """A registry that knows one person."""
    return FakeRegistry({claims.number: Entry(claims, alive=alive, portrait=portrait)})


def apply_until_picture(
    actor: Actor, *, number: str = CLAIMS.number, given: Given = GIVEN, agrees: bool = True, photo: bytes = b""
) -> Application:
    """The steps of a person up to their picture."""
    application = applying.begin_application(actor, purpose=Purpose.ENROL)
    applying.answer_biometrics(actor, application.pk, agrees=agrees)
    applying.give_number(actor, application.pk, number=number)
    applying.give_document(actor, application.pk, given=given, photo=photo)
    return application


def work(application: Application) -> Application:
    """What the worker does about it: the registry, and then the faces."""
    ask_registry.func(key=str(application.pk))
    check_faces.func(key=str(application.pk))
    return Application.objects.get(pk=application.pk)


def film(actor: Actor, application: Application) -> tuple[FakeEngine, list[str]]:
    """Give the picture with a challenge, as a camera does; the engine that sees its poses."""
    nonce, poses = applying.draw_challenge(actor, application.pk)
    shown = {
        "left": a_face(turn=0.3),
        "right": a_face(turn=-0.3),
        "tilt_left": a_face(tilt=20),
        "tilt_right": a_face(tilt=-20),
        "closer": a_face(size=0.3),
    }
    seen = [a_face(), *(shown[pose] for pose in poses), a_face()]
    frames = [(place * 1000, make_jpeg()) for place in range(len(seen))]
    applying.give_picture(actor, application.pk, still=make_jpeg(), nonce=nonce, frames=frames)
    return FakeEngine([a_face(), a_face(), *seen]), poses
