"""The demo's people with an identity: the pack's invented registry is laid out, some have applied, officers decide.

Everything goes through the actions that real people use; the pictures are drawn (`portrait_drawings`).
"""

import csv
import shutil
from dataclasses import dataclass

from django.db import transaction

from meydan.accounts.public import Person, actor_for, open_demo_person
from meydan.identity.public import (
    Claims,
    Given,
    Purpose,
    accept_application,
    answer_biometrics,
    begin_application,
    check_now,
    give_document,
    give_number,
    give_picture,
    make_counter_code,
    own_identity,
    see_person,
    writes_as,
)
from meydan.kernel.actor import Actor
from meydan.kernel.config import CITIES, config
from meydan.site.packs import Pack
from meydan.site.portrait_drawings import Pose, draw_portrait

CLERKS = (("clerk1", "Registry 1"), ("clerk2", "Registry 2"))
DEMO_PIN = "280911"


@dataclass(frozen=True)
class _Resident:
    """One of the demo's people: their line in the registry, and how far they have come."""

    username: str
    line: int
    outcome: str  # light, in-person, desk


RESIDENTS = (
    _Resident("resident1", 1, "light"),
    _Resident("resident2", 2, "in-person"),
    _Resident("resident3", 3, "desk"),
    _Resident("resident4", 4, "desk"),
)


def seed_identity(pack: Pack) -> None:
    """Lay the registry out, and bring its people as far as the demo shows them; those who are here stay. A registry
    that was connected knows none of them."""
    if config().registry is not None:
        return
    lines = lay_out_registry(pack)
    language = pack.city.languages[0]
    clerks = [
        actor_for(open_demo_person(username, name, language=language, department=writes_as())[0])
        for username, name in CLERKS
    ]
    for resident in RESIDENTS:
        if resident.line <= len(lines):
            claims = Claims.model_validate(lines[resident.line - 1])
            name = f"{claims.given_name} {claims.family_name}"
            with transaction.atomic():
                person, new = open_demo_person(resident.username, name, language=language)
                if new:
                    _enrol(person, claims, resident, clerks)


def lay_out_registry(pack: Pack) -> list[dict[str, str]]:
    """Copy the pack's invented people to the data folder, with a drawn portrait each; what they are called."""
    source, target = CITIES / pack.code / "registry.csv", config().data / "registry"
    if not source.is_file():
        return []
    (target / "portraits").mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target / "registry.csv")
    with source.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    for number, line in enumerate(lines, 1):
        (target / "portraits" / line.pop("portrait")).write_bytes(draw_portrait(number))
    return lines


def _enrol(person: Person, claims: Claims, resident: _Resident, clerks: list[Actor]) -> None:
    actor = actor_for(person)
    application = begin_application(actor, purpose=Purpose.ENROL)
    answer_biometrics(actor, application.pk, agrees=resident.outcome != "desk")
    give_number(actor, application.pk, number=claims.number)
    given = Given(given_name=claims.given_name, family_name=claims.family_name, birth_date=claims.birth_date)
    give_document(actor, application.pk, given=given, photo=draw_portrait(resident.line, Pose(near=1.1)))
    give_picture(actor, application.pk, still=draw_portrait(resident.line, Pose(tilt=3)))
    check_now(application.pk)
    if resident.outcome == "desk":
        return
    for clerk in clerks:
        accept_application(clerk, application.pk)
    if resident.outcome == "in-person" and (identity := own_identity(actor)):
        code = make_counter_code(actor, identity.pk)
        see_person(clerks[0], code, document="card", pin=DEMO_PIN, again=DEMO_PIN)
