"""A city in which identity has something on each of its pages, and the people who look at them, each in a browser in
which a second proof was given just now."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from meydan.accounts.actions.demo import add_demo_app
from meydan.accounts.public import Person, grant_role
from meydan.identity.actions import applying
from meydan.identity.actions.checking import check_faces, note_registry
from meydan.identity.actions.desk import accept_application, refuse_application
from meydan.identity.actions.guarding import make_counter_code
from meydan.identity.actions.identities import freeze_identity, open_powers
from meydan.identity.actions.moving import stop_move
from meydan.identity.actions.parties import set_clerk
from meydan.identity.actions.signing import disown_signature, give_paper
from meydan.identity.actions.wishes import ask_deletion, report_party
from meydan.identity.facts import IdentityEnded
from meydan.identity.models import Application, Claims, Identity, Purpose, Registered, RelyingParty
from meydan.identity.plugins.registry import Entry
from meydan.identity.public import identity_letter
from meydan.identity.queries.identities import identity_of
from meydan.identity.tests.cast import CLAIMS, GIVEN, actor_of, make_clerk, make_identity, make_person
from meydan.identity.tests.holders import ask_at, make_party, make_wallet
from meydan.identity.tests.pdfs import make_pdf
from meydan.identity.tests.relying import Program, make_bank
from meydan.identity.tests.test_signing import make_signed
from meydan.kernel.actor import SYSTEM, Role
from meydan.kernel.clock import now
from meydan.kernel.facts import facts_of_person
from meydan.site.portrait_drawings import draw_portrait

LONG_NAME = CLAIMS.model_copy(
    update={"given_name": "Fatima-Zahra Al-Moutawakkila", "family_name": "Benabdeljalil El Idrissi"}
)

ESSENTIAL = '{"id_token":{"acr":{"essential":true,"value":"in-person"}}}'
BLURRED = "The photo of your card is blurred: the lower third cannot be read."
TITLE = "Contrat de bail – عقد الكراء 2026, version finale.pdf"
HOTEL = {"name": "Grand Hôtel de la Corniche et du Vieux-Port", "purpose": "To check in guests, as the law wants it"}


@dataclass
class Scene:
    """Who is there, by username, and what their pages are addressed by."""

    people: dict[str, Person] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    city: str = ""

    def person(self, username: str) -> Person:
        """One of them; who has not been here comes in."""
        if username not in self.people:
            self.people[username] = make_person(username)
        return self.people[username]


def set_scene() -> Scene:
    """Through the actions that people use; the worker's part is done by hand."""
    scene = Scene()
    _set_clerks(scene)
    _set_applicants(scene)
    _set_holders(scene)
    _set_moves(scene)
    _set_parties(scene)
    return scene


def _claims(number: str, claims: Claims = CLAIMS) -> Claims:
    return claims.model_copy(update={"number": number})


def _set_clerks(scene: Scene) -> None:
    for username in ("clara", "karim"):
        make_clerk(username)
        scene.people[username] = Person.objects.get(username=username)
    grant_role(SYSTEM, scene.person("boss").pk, role=Role.ADMIN)


def _apply(scene: Scene, username: str, number: str, *, until: str, crowded: bool = False) -> Application:
    """An application up to a step, its pictures drawn."""
    actor = actor_of(scene.person(username))
    row = applying.begin_application(actor, purpose=Purpose.ENROL, crowded=crowded)
    steps: dict[str, Callable[[], object]] = {
        "consent": lambda: applying.answer_biometrics(actor, row.pk, agrees=False),
        "number": lambda: applying.give_number(actor, row.pk, number=number),
        "document": lambda: applying.give_document(actor, row.pk, given=GIVEN, photo=draw_portrait(3)),
        "selfie": lambda: applying.give_picture(actor, row.pk, still=draw_portrait(3)),
        "desk": lambda: _look(row, number),
    }
    for step, do in steps.items():
        if step == until:
            break
        do()
    row.refresh_from_db()
    return row


def _look(row: Application, number: str) -> None:
    """What the worker does: here nobody compares faces by machine."""
    entry = Entry(_claims(number, LONG_NAME), alive=True, portrait=draw_portrait(3))
    note_registry(SYSTEM, row.pk, registry="register", outcome=Registered.FOUND, entry=entry)
    check_faces.func(key=str(row.pk))


def _set_applicants(scene: Scene) -> None:
    for number, step in enumerate(("consent", "number", "document", "selfie"), 1):
        _apply(scene, f"at_{step}", f"AP{number}", until=step)
    failed = _apply(scene, "failed", "AP5", until="selfie")
    Application.objects.filter(pk=failed.pk).update(face_failures=5, face_waits_until=now() + timedelta(hours=1))
    _apply(scene, "checked", "AP6", until="desk")
    waits = _apply(scene, "waits", "AP7", until="", crowded=True)
    scene.paths["case"] = f"/id/desk/{waits.pk}"
    second = _apply(scene, "second", "AP8", until="")
    accept_application(actor_of(scene.people["karim"]), second.pk)
    scene.paths["second"] = f"/id/desk/{second.pk}"
    refused = _apply(scene, "refused", "AP9", until="")
    refuse_application(
        actor_of(scene.people["clara"]),
        refused.pk,
        reason="unreadable",
        words=BLURRED,
    )
    scene.person("new")


def _set_holders(scene: Scene) -> None:
    make_identity(scene.person("light"), _claims("HO1"))
    holder = scene.person("holder")
    Authenticator.objects.filter(user=holder).delete()
    add_demo_app(SYSTEM, holder.pk)
    identity = make_identity(holder, _claims("HO2", LONG_NAME), in_person=True)
    Identity.objects.filter(pk=identity.pk).update(opens_at=now() - timedelta(hours=1))
    open_powers(SYSTEM, identity.pk)
    signed, other = make_signed(holder), make_signed(holder, shows_name=False)
    disown_signature(actor_of(holder), other.pk)
    waits = give_paper(
        actor_of(holder),
        data=make_pdf(),
        title=TITLE,
        shows_name=True,
    )
    for name, row in (("signed", signed), ("disowned", other), ("waits", waits)):
        scene.paths[f"sign_{name}"] = f"/id/sign/{row.pk}"
        scene.paths[f"paper_{name}"] = f"/verify/papers/{row.said_code}"
    light = identity_of(scene.people["light"].pk)
    assert light
    scene.paths["code"] = make_counter_code(actor_of(scene.people["light"]), light.pk)
    frozen = make_identity(scene.person("frozen"), _claims("HO3"))
    freeze_identity(actor_of(scene.people["frozen"]), frozen.pk, why="holder")
    strict = make_identity(scene.person("strict"), _claims("HO4"), in_person=True)
    freeze_identity(actor_of(scene.people["strict"]), strict.pk, why="holder")


def _set_moves(scene: Scene) -> None:
    for name in ("moves", "stops"):
        before, number = scene.person(f"{name}_from"), f"MO-{name}"
        make_identity(before, _claims(number))
        row = _apply(scene, f"{name}_to", number, until="")
        for clerk in ("clara", "karim"):
            accept_application(actor_of(scene.people[clerk]), row.pk)
        [ended] = [one.fact for one in facts_of_person(before.pk) if isinstance(one.fact, IdentityEnded)]
        letter = identity_letter(before.pk, ended)
        assert letter
        scene.paths[f"letter_{name}"] = letter.path
    moved = identity_of(scene.people["stops_to"].pk)
    assert moved
    stop_move(actor_of(scene.people["stops_from"]), moved.pk)


def _set_parties(scene: Scene) -> None:
    boss, clerk, holder = (actor_of(scene.person(name)) for name in ("boss", "asker", "holder"))
    party = make_party("hotel")
    RelyingParty.objects.filter(pk=party.pk).update(**HOTEL)
    set_clerk(boss, "hotel", username="asker", may=True)
    wallet = make_wallet(holder, 6)
    shown = ask_at(party, clerk, mode="claims", claims=["family_name", "sex", "age_over_18"])
    for number, asked in enumerate((shown, ask_at(party, clerk))):
        wallet.show(asked, held=wallet.held[number])
    wallet.show(ask_at(party, clerk, mode="match", expected={"family_name": "Somebody"}), held=wallet.held[2])
    scene.paths |= {"ask": f"/verify/asks/{ask_at(party, clerk).row.pk}", "shown": f"/verify/asks/{shown.row.pk}"}
    _bank, secret = make_bank()
    program = Program("bank", secret)
    scene.paths["sign_in"] = program.address(scope="openid profile offline_access")
    scene.paths["sign_in_strict"] = program.address(
        claims='{"id_token":{"acr":{"essential":true,"value":"in-person"}}}'
    )
    ask_deletion(holder, "hotel")
    report_party(holder, "hotel", words="They wanted my address too, and would not say why they need it.")


def open_window(browser: Browser, city: LiveServer, person: Person | None, **more: Any) -> Page:
    """A window of one of them, who has just proven who they are; of a visitor without."""
    window = browser.new_context(base_url=city.url, service_workers="block", reduced_motion="reduce", **more)
    window.set_default_timeout(15_000)
    if person is not None:
        session = SessionStore()
        session["_auth_user_id"] = str(person.pk)
        session["_auth_user_backend"] = "meydan.accounts.pages.backend.PersonBackend"
        session["_auth_user_hash"] = person.get_session_auth_hash()
        session["account_authentication_methods"] = [
            {"method": "password", "at": time.time(), "username": person.username},
            {"method": "mfa", "at": time.time(), "type": "totp"},
        ]
        session["account_authentication_methods_user"] = str(person.pk)
        session.create()
        window.add_cookies([{"name": "sessionid", "value": str(session.session_key), "url": city.url}])
    return window.new_page()
