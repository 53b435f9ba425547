"""An identity moves to another account: whoever had it can have that stopped, and the counter decides whose it is."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from meydan.accounts.public import Person
from meydan.identity.actions import applying, guarding
from meydan.identity.actions.desk import accept_application
from meydan.identity.actions.identities import freeze_identity, open_when_due
from meydan.identity.facts import IdentityEnded, MoveStopped
from meydan.identity.models import CONTESTED, Application, Desk, Identity, Purpose, State
from meydan.identity.public import identity_letter, words_of
from meydan.identity.queries.identities import identity_of
from meydan.identity.tests.cast import (
    CLAIMS,
    actor_of,
    apply_until_picture,
    browser,
    known,
    make_clerk,
    make_identity,
    make_jpeg,
    make_person,
    work,
    world,
)
from meydan.kernel import clock
from meydan.kernel.actor import Actor, Assurance
from meydan.kernel.errors import Conflict, NotFound
from meydan.kernel.facts import facts_of_person

pytestmark = pytest.mark.django_db
PIN = "280911"


def apply_at_desk(monkeypatch: pytest.MonkeyPatch, person: Person) -> Application:
    """They name the number, and officers are to decide."""
    with world(monkeypatch, known(make_jpeg())):
        application = apply_until_picture(actor_of(person))
        applying.give_picture(actor_of(person), application.pk, still=make_jpeg())
        application = work(application)
    assert application.state == State.DESK
    return application


def move(monkeypatch: pytest.MonkeyPatch, *, in_person: bool = False) -> tuple[Person, Person, Identity]:
    """`before` has an identity, `after` applies for the same number, and two officers accept it."""
    before, after = make_person("before"), make_person("after")
    make_identity(before, in_person=in_person)
    application = apply_at_desk(monkeypatch, after)
    for clerk in (make_clerk("clara"), make_clerk("karim")):
        accept_application(clerk, application.pk)
    moved = identity_of(after.pk)
    assert moved is not None and identity_of(before.pk) is None
    return before, after, moved


def letter_of(person: Person) -> tuple[str, str]:
    """What the letter about the end of their identity says, and where it leads."""
    [ended] = [one.fact for one in facts_of_person(person.pk) if isinstance(one.fact, IdentityEnded)]
    letter = identity_letter(person.pk, ended)
    assert letter is not None
    return words_of(ended), letter.path


def end_wait(moved: Identity) -> None:
    """As a day later, when the job about its powers comes."""
    Identity.objects.filter(pk=moved.pk).update(opens_at=clock.now())
    open_when_due.func(key=str(moved.pk))


def see(clerk: Actor, code: str) -> None:
    guarding.see_person(clerk, code, document="card", pin=PIN, again=PIN)


def code_in(page: str) -> str:
    found = re.search(r"<bdi>(\d{4} \d{4})</bdi>", page)
    assert found, page
    return found[1]


def told(person: Person) -> list[str]:
    return [one.name for one in facts_of_person(person.pk)]


def test_requirement_15_whoever_had_it_stops_the_move_and_gets_it_back_at_the_counter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before, after, moved = move(monkeypatch, in_person=True)
    mine = browser(before, proven=False)
    assert "moved to another account" in mine.get("/id/").content.decode()
    assert mine.post("/id/moved").status_code == 302, "one tap, from any session, as a freeze"
    moved.refresh_from_db()
    assert moved.frozen_why == CONTESTED and actor_of(after).assurance == Assurance.SELF_DECLARED
    assert "identity.move_stopped" in told(before) and "identity.move_stopped" in told(after)
    # nothing opens when the day is over, and no proof from afar helps either of them
    end_wait(moved)
    assert actor_of(after).assurance == Assurance.SELF_DECLARED
    with pytest.raises(Conflict) as refused:
        applying.begin_application(actor_of(after), purpose=Purpose.THAW)
    assert refused.value.code == "counter"
    assert "decided at the counter" in browser(after).get("/id/thaw").content.decode()
    again = apply_at_desk(monkeypatch, before)
    with pytest.raises(Conflict) as refused:
        accept_application(make_clerk("omar"), again.pk)
    assert refused.value.code == "counter"
    # the clerk sees the person and the document, and the identity is where it was
    code = code_in(browser(before).post("/id/code").content.decode())
    clerk = Person.objects.get(username="clara")
    page = browser(clerk).post("/id/counter", {"code": code}).content.decode()
    assert CLAIMS.family_name in page and "comes back to this person" in page
    see(actor_of(clerk), code)
    back = identity_of(before.pk)
    assert back is not None and back.claims == CLAIMS
    assert (back.level, identity_of(after.pk), back.came_from_id) == ("in-person", None, None)
    assert back.opens_at > clock.now() + timedelta(hours=23) and actor_of(before).assurance == Assurance.LIGHT
    assert Desk.objects.get(identity=back).pin.startswith("argon2")
    with pytest.raises(NotFound):
        see(actor_of(clerk), code)


def test_requirement_15_the_letter_about_a_move_stops_it_without_the_account(monkeypatch: pytest.MonkeyPatch) -> None:
    before, after, moved = move(monkeypatch)
    words, path = letter_of(before)
    assert "moved to another account" in words and path.startswith("/id/moved/")
    reader = Client()
    assert "stop it now" in reader.get(path).content.decode()
    moved.refresh_from_db()
    assert moved.frozen_at is None, "opening the letter's address does nothing: mail programs open it, too"
    assert "neither account" in reader.post(path, follow=True).content.decode()
    moved.refresh_from_db()
    assert moved.frozen_why == CONTESTED
    assert reader.get(path[:-1] + ("x" if path[-1] != "x" else "y")).status_code == 404
    [fact] = [one.fact for one in facts_of_person(after.pk) if isinstance(one.fact, MoveStopped)]
    assert "counter" in words_of(fact)
    # whose it is all the same, because they had lost the other account, the counter says
    code = guarding.make_counter_code(actor_of(after), moved.pk)
    see(actor_of(Person.objects.get(username="clara")), code)
    moved.refresh_from_db()
    assert (moved.frozen_at, moved.level, moved.came_from) == (None, "in-person", None)
    assert browser(before).post("/id/moved").status_code == 404, "what a clerk has decided is final"
    assert "cannot be stopped here any more" in Client().get(path).content.decode()


def test_only_whoever_had_it_stops_a_move_and_only_for_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    before, after, moved = move(monkeypatch)
    for other in (after, make_person("stranger")):
        assert browser(other).post("/id/moved").status_code == 404
    with pytest.raises(NotFound):
        guarding.make_counter_code(actor_of(before), Identity.objects.exclude(pk=moved.pk).get().pk)
    _words, path = letter_of(before)
    end_wait(moved)
    assert browser(before).post("/id/moved").status_code == 404
    assert "cannot be stopped" in Client().post(path, follow=True).content.decode()
    moved.refresh_from_db()
    assert moved.frozen_at is None and actor_of(after).assurance == Assurance.LIGHT


def test_a_freeze_of_the_thiefs_own_is_no_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Frozen at the new account, and about to be thawed there from afar, when it is stopped."""
    before, after, moved = move(monkeypatch)
    freeze_identity(actor_of(after), moved.pk, why="holder")
    application = applying.begin_application(actor_of(after), purpose=Purpose.THAW)
    assert browser(before).post("/id/moved").status_code == 302
    moved.refresh_from_db()
    assert moved.frozen_why == CONTESTED
    applying.withdraw_application(actor_of(after), application.pk)
    with pytest.raises(Conflict):
        applying.begin_application(actor_of(after), purpose=Purpose.THAW)
