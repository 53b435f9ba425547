"""A person's history in sentences: each domain says how its own facts read to the person concerned."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.utils.translation import gettext, pgettext

from meydan.accounts.facts import (
    CharterAccepted,
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
from meydan.accounts.queries import list_own_history, list_who_looked
from meydan.kernel.actor import Actor, Role
from meydan.kernel.facts import Fact, PersonalDataShown, StoredFact
from meydan.kernel.i18n import text_of

F = TypeVar("F", bound=Fact)
_SENTENCES: dict[type[Fact], Callable[[Any], str]] = {}


@dataclass(frozen=True)
class Event:
    """One line of a person's history. `link` is the subject's reference, "report:123"."""

    moment: datetime
    sentence: str
    who: str
    link: str


def tells(kind: type[F], sentence: Callable[[F], str]) -> None:
    """Have facts of this kind appear in the history of those concerned, as `sentence(fact)` in the active language."""
    _SENTENCES[kind] = sentence


def own_events(actor: Actor, *, limit: int = 200) -> list[Event]:
    """The actor's history, newest first: facts that somebody has found words for."""
    known = [one for one in list_own_history(actor, limit=limit) if type(one.fact) in _SENTENCES]
    names = _department_names(known)
    return [
        Event(one.recorded_at, _SENTENCES[type(one.fact)](one.fact), _who(actor, one, names), one.fact.subject)
        for one in known
    ]


def looked_events(actor: Actor, *, limit: int = 100) -> list[Event]:
    """Who of the city's staff was shown the actor's private data, in which role, newest first."""
    looked = list_who_looked(actor, limit=limit)
    names = _department_names(looked)
    return [
        Event(one.recorded_at, gettext(one.fact.what), _who(actor, one, names), one.fact.subject)
        for one in looked
        if isinstance(one.fact, PersonalDataShown)
    ]


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
