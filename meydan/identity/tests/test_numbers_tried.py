"""Whoever tries ID numbers with birth dates learns of none whether the registry knows it: neither by what the pages
say, nor by letters, nor by how much the machine has to do."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import pytest

from meydan.accounts.public import Person, keep_department
from meydan.identity.actions import applying
from meydan.identity.models import Application, Given, Purpose, State
from meydan.identity.models.faces import Face
from meydan.identity.public import own_application
from meydan.identity.queries import duplicates
from meydan.identity.tests.cast import (
    CLAIMS,
    GIVEN,
    FakeEngine,
    a_face,
    actor_of,
    browser,
    film,
    known,
    make_identity,
    make_jpeg,
    make_person,
    work,
    world,
)
from meydan.identity.tests.test_alarms import react
from meydan.kernel.actor import SYSTEM
from meydan.notifications.models import Mail

pytestmark = pytest.mark.django_db
PAGES = ("/id/", "/id/apply", "/id/wallet", "/me/history", "/me/news")
OFTEN = 6
"""So that a burst of failures is among what is compared."""
WRONG_DATE = GIVEN.model_copy(update={"birth_date": CLAIMS.birth_date.replace(day=1)})
TRIED = {"xq1": (CLAIMS.number, GIVEN), "xq2": (CLAIMS.number, WRONG_DATE), "xq3": ("NOBODY9", GIVEN)}
"""Who tries what: the registry knows it, knows the number alone, knows nothing of it."""
PASSING = re.compile(
    r'((?:csrfmiddlewaretoken" value|data-sender)=")[^"]+|datetime="[^"]+"|\d+:\d\d|\b[0-9a-f-]{36}\b|history/\d+'
)


@dataclass
class Thief:
    """Somebody who is not who they say to be, and has a film of themselves."""

    person: Person
    agrees: bool = True
    films: bool = True
    states: list[str] = field(default_factory=list)

    def begin(self, number: str, given: Given) -> None:
        actor = actor_of(self.person)
        application = applying.begin_application(actor, purpose=Purpose.ENROL)
        applying.answer_biometrics(actor, application.pk, agrees=self.agrees)
        applying.give_number(actor, application.pk, number=number)
        applying.give_document(actor, application.pk, given=given, photo=b"")

    def try_once(self, monkeypatch: pytest.MonkeyPatch, engine: FakeEngine | None) -> None:
        actor = actor_of(self.person)
        application = own_application(actor)
        assert application is not None
        Application.objects.update(face_waits_until=None)
        if self.films:
            seen, _poses = film(actor, application)
            if isinstance(engine, Stranger):
                engine.faces = [a_face(2.0), a_face(), *(_of_stranger(face) for face in seen.faces[2:])]
        else:
            applying.give_picture(actor, application.pk, still=make_jpeg())
        with world(monkeypatch, known(make_jpeg()), engine):
            self.states.append(work(application).state)

    def meets(self) -> list[str]:
        """All that they can look at, without what is another each time."""
        client, name = browser(self.person), self.person.username
        texts = [client.get(path).content.decode() for path in PAGES]
        texts += [f"{one.subject}\n{one.body}" for one in Mail.objects.filter(to=self.person.email).order_by("pk")]
        return [PASSING.sub(r"\1", one.replace(name, "they").replace(name.title(), "They")) for one in texts]


def _of_stranger(face: Face | None) -> Face | None:
    return a_face(2.0, turn=face.turn, tilt=face.tilt, size=face.size) if face else None


class Stranger(FakeEngine):
    """Sees a living face that does what it is asked for, and is not the portrait's; counts what it is given."""

    def __init__(self) -> None:
        super().__init__([a_face(2.0), a_face()])
        self.looked: list[tuple[int, int]] = []

    def look(self, pictures: Sequence[bytes], *, measured: Collection[int]) -> list[Face | None]:
        assert all(pictures), "an empty one would take no time"
        self.looked.append((len(pictures), len(measured)))
        return super().look(pictures, measured=measured)


def _lines(texts: Sequence[str]) -> list[str]:
    return [line for text in texts for line in text.splitlines()]


@pytest.mark.parametrize(
    ("machine", "agrees", "films", "ends"),
    [
        (True, True, True, State.SELFIE),
        (True, True, False, State.SELFIE),
        (True, False, True, State.DESK),
        (False, True, True, State.DESK),
    ],
    ids=["filmed", "without a camera", "without consent", "without a machine"],
)
def test_requirement_16_whoever_tries_numbers_learns_nothing(
    monkeypatch: pytest.MonkeyPatch, machine: bool, agrees: bool, films: bool, ends: State
) -> None:
    keep_department(SYSTEM, code="identity", name={"en": "Identity"})
    make_identity(make_person("owner"))
    searched: list[int] = []
    monkeypatch.setattr(duplicates, "_candidates", lambda *_where: iter(searched.__iadd__([1])[:0]))
    met, done = [], []
    for username, (number, given) in TRIED.items():
        thief = Thief(make_person(username), agrees=agrees, films=films)
        engine = Stranger() if machine else None
        with world(monkeypatch, known(make_jpeg())):
            thief.begin(number, given)
        for _try in range(OFTEN if ends is State.SELFIE else 1):
            thief.try_once(monkeypatch, engine)
        react()
        met.append((thief.states, thief.meets()))
        done.append((engine.looked if engine else [], len(searched)))
    assert [states for states, _texts in met] == [[ends] * len(met[0][0])] * 3
    for others in (met[1][1], met[2][1]):
        assert not [pair for pair in zip(_lines(met[0][1]), _lines(others), strict=True) if pair[0] != pair[1]]
    assert done[0] == done[1] == done[2], "what takes time is done for all of them"
