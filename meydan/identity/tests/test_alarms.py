"""Who holds an identity hears of each change of the account by inbox, page and mail: perhaps it was a thief."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from meydan.accounts.actions import change_password, change_profile, change_security, confirm_email, sign_in
from meydan.accounts.public import Person, keep_department
from meydan.identity.tests.cast import actor_of, make_identity, make_person
from meydan.kernel.actor import SYSTEM, Actor
from meydan.kernel.facts import facts_of_person
from meydan.kernel.reactions import run_reaction
from meydan.messaging.models import Errand
from meydan.notifications.models import Mail, Notice

pytestmark = pytest.mark.django_db
_OLDEST = """
delete from procrastinate_jobs where id = (
  select min(id) from procrastinate_jobs where task_name like 'kernel.run\\_reaction%') returning args::text"""


def react() -> None:
    """What the worker does about all that happened, and about what follows from it."""
    while (arguments := _take()) is not None:
        run_reaction.func(**arguments)


def _take() -> dict[str, Any] | None:
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST)
        row = cursor.fetchone()
    return json.loads(row[0]) if row else None


@pytest.fixture
def owner() -> Person:
    """Somebody with an identity, who was told of it already."""
    keep_department(SYSTEM, code="identity", name={"en": "Identity"})
    person = make_person("owner")
    make_identity(person)
    react()
    for model in (Mail, Notice, Errand):
        model.objects.all().delete()
    return person


def set_password(actor: Actor, person: Person) -> None:
    change_password(actor, person.pk, password="another four words", how="reset")


def add_passkey(actor: Actor, _person: Person) -> None:
    change_security(actor, what="passkey_added")


def add_app(actor: Actor, _person: Person) -> None:
    change_security(actor, what="authenticator_app_added")


def set_email(actor: Actor, person: Person) -> None:
    confirm_email(actor, person.pk, email="other@x.org")


def come_in(actor: Actor, _person: Person) -> None:
    sign_in(actor, methods=["password", "mfa"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (come_in, "Somebody signed in to your account"),
        (set_password, "Your password was changed"),
        (add_passkey, "A passkey was added"),
        (add_app, "How you sign in was changed"),
        (set_email, "Your e-mail address was changed"),
    ],
)
def test_requirement_15_a_changed_account_alarms_every_channel(
    owner: Person, change: Callable[[Actor, Person], None], words: str
) -> None:
    change(actor_of(owner), owner)
    react()
    owner.refresh_from_db()
    letter = Mail.objects.get(to=owner.email)
    assert letter.subject == words and letter.body.rstrip().count("/id/") == 1
    assert Notice.objects.get(person=owner).title == words
    inbox = [json.dumps(errand.body) for errand in Errand.objects.all()]
    assert [one for one in inbox if words in one and "Freeze your identity at once" in one]


def test_another_name_is_no_alarm(owner: Person) -> None:
    change_profile(actor_of(owner), name="Somebody Else", language="en")
    react()
    assert not Mail.objects.exists() and not Notice.objects.exists()
    assert not facts_of_person(owner.pk, name="identity.powers_held")
