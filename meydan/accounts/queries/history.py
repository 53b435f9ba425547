"""A person's history in sentences: each domain says how its own facts read to the person concerned."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.utils.translation import gettext, pgettext

from meydan.accounts.facts import (
    BrowserLetIn,
    BrowserTurnedAway,
    CharterAccepted,
    ClientLetIn,
    ClientTurnedAway,
    DataExported,
    PasskeyAdded,
    PasswordChanged,
    PersonSignedUp,
    ProfileChanged,
    RoleGranted,
    RoleRevoked,
    SecurityChanged,
    SessionEnded,
    SignedIn,
)
from meydan.accounts.models import ROLE_NAMES, Department
from meydan.accounts.queries import find_own_fact, list_own_history, list_who_looked
from meydan.kernel.actor import Actor, Role
from meydan.kernel.errors import NotFound
from meydan.kernel.facts import Fact, PersonalDataShown, StoredFact
from meydan.kernel.i18n import text_of
from meydan.kernel.seals import make_receipt, prove, sealed_until

F = TypeVar("F", bound=Fact)
_SENTENCES: dict[type[Fact], Callable[[Any], str]] = {}


@dataclass(frozen=True)
class Event:
    """One line of a person's history. `link` is the subject's reference, "report:123"; `receipt` the id of the fact
    once it is sealed, to ask for its receipt."""

    moment: datetime
    sentence: str
    who: str
    link: str
    receipt: int | None = None


def tells(kind: type[F], sentence: Callable[[F], str]) -> None:
    """Have facts of this kind appear in the history of those concerned, as `sentence(fact)` in the active language."""
    _SENTENCES[kind] = sentence


def own_events(actor: Actor, *, limit: int = 200) -> list[Event]:
    """The actor's history, newest first: facts that somebody has found words for."""
    known = [one for one in list_own_history(actor, limit=limit) if type(one.fact) in _SENTENCES]
    return _events(actor, known, lambda fact: _SENTENCES[type(fact)](fact))


def looked_events(actor: Actor, *, limit: int = 100) -> list[Event]:
    """Who of the city's staff was shown the actor's private data, in which role, newest first."""
    return _events(actor, list_who_looked(actor, limit=limit), lambda fact: gettext(fact.what))


def _events(actor: Actor, facts: list[StoredFact], sentence: Callable[[Any], str]) -> list[Event]:
    names, sealed = _department_names(facts), sealed_until()
    return [
        Event(
            one.recorded_at,
            sentence(one.fact),
            _who(actor, one, names),
            one.fact.subject,
            one.id if sealed and one.recorded_at < sealed else None,
        )
        for one in facts
    ]


def own_receipt(actor: Actor, fact_id: int) -> dict[str, Any]:
    """The receipt for one line of the actor's history (kernel/receipt.py), which opens no more than the line tells:
    what they did themselves, and what was looked at. NotFound for any other fact, and while it is not sealed."""
    stored = find_own_fact(actor, fact_id)
    if not isinstance(stored.fact, PersonalDataShown) and type(stored.fact) not in _SENTENCES:
        raise NotFound
    opened = ["actor", "data"] if stored.actor == actor.person_id else []
    if isinstance(stored.fact, PersonalDataShown):
        opened = ["data"]
    if stored.fact.persons == (actor.person_id,):
        opened.append("persons")
    return make_receipt(prove(fact_id), opened=opened)


def _department_names(facts: list[StoredFact]) -> dict[str, str]:
    codes = {code for one in facts for code in one.departments}
    return {row.code: text_of(row.name) for row in Department.objects.filter(pk__in=codes)} if codes else {}


def _who(actor: Actor, stored: StoredFact, names: dict[str, str]) -> str:
    """By role and department: the city answers for its staff, not they by name."""
    if stored.actor == actor.person_id:
        return gettext("you")
    roles = [Role(role) for role in stored.roles if role != Role.USER] or [Role.USER] * bool(stored.roles)
    words = [str(ROLE_NAMES[role]) for role in roles] or [gettext("the city")]
    return " · ".join([*words, *(names.get(code, code) for code in stored.departments)])


def _role_words(fact: RoleGranted | RoleRevoked) -> dict[str, str]:
    department = Department.objects.filter(pk=fact.department).first() if fact.department else None
    role = str(ROLE_NAMES[Role(fact.role)])
    return {"role": f"{role} · {text_of(department.name)}" if department else role}


def _security_sentence(fact: SecurityChanged) -> str:
    return {
        "authenticator_app_added": gettext("An authenticator app was added"),
        "authenticator_app_removed": gettext("The authenticator app was removed"),
        "passkey_removed": gettext("A passkey was removed"),
        "recovery_codes_made": gettext("New recovery codes were made"),
        "sign_in_provider_connected": gettext("An account elsewhere was connected"),
        "sign_in_provider_removed": gettext("An account elsewhere was disconnected"),
    }.get(fact.what, fact.what)


tells(PersonSignedUp, lambda _fact: gettext("The account was opened"))
tells(SignedIn, lambda _fact: pgettext("history", "Signed in"))
tells(
    SessionEnded,
    lambda fact: gettext("Signed out") if fact.how == "signed_out" else gettext("Other sessions were ended"),
)
tells(PasswordChanged, lambda _fact: gettext("The password was changed"))
tells(PasskeyAdded, lambda _fact: gettext("A passkey was added"))
tells(SecurityChanged, _security_sentence)
tells(
    ProfileChanged,
    lambda fact: (
        gettext("The e-mail address was confirmed") if fact.fields == ["email"] else gettext("The profile was changed")
    ),
)
tells(RoleGranted, lambda fact: gettext("Role given: %(role)s") % _role_words(fact))
tells(RoleRevoked, lambda fact: gettext("Role taken back: %(role)s") % _role_words(fact))
tells(CharterAccepted, lambda fact: gettext("Charter accepted, version %(version)s") % {"version": fact.version})
tells(DataExported, lambda _fact: gettext("A copy of all data was taken"))
tells(BrowserLetIn, lambda _fact: gettext("A browser was signed in from another device"))
tells(BrowserTurnedAway, lambda _fact: gettext("A browser that asked from another device was not signed in"))
tells(ClientLetIn, lambda fact: gettext("An app was let in: %(site)s") % {"site": fact.site})
tells(ClientTurnedAway, lambda fact: gettext("An app was not let in: %(site)s") % {"site": fact.site})
