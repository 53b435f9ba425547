"""Every read of accounts. What the actor may not see, the query does not find."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.contrib.postgres.aggregates import ArrayAgg
from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext_noop

from meydan.accounts.models import CharterVersion, Department, Grant, Person, RetiredName, digest_of_name
from meydan.accounts.policies import may_manage_people
from meydan.kernel.actor import Actor, Assurance, Channel, Role
from meydan.kernel.city import this_city
from meydan.kernel.errors import Invalid, NotFound
from meydan.kernel.facts import PersonalDataShown, StoredFact, fact_of_person, facts_of_person, reveals
from meydan.kernel.policy import demand

PEOPLE_PER_PAGE = 30
OFFICERS_LISTED = 500
ACCOUNT_SHOWN = gettext_noop("your name, e-mail address and roles")


def with_roles(people: QuerySet[Person]) -> QuerySet[Person]:
    """The same persons with `held_roles` and `held_departments`, so that one query makes an actor."""
    held = Q(grants__isnull=False)
    return people.annotate(
        held_roles=ArrayAgg("grants__role", filter=held, default=[], distinct=True),
        held_departments=ArrayAgg(
            "grants__department", filter=Q(grants__department__isnull=False), default=[], distinct=True
        ),
    )


# Plain SQL, for every page of somebody signed in begins with it: putting `with_roles` together costs the web process
# more than all the rest of such a page.
_FIELDS = (
    "password",
    "last_login",
    "id",
    "username",
    "email",
    "name",
    "language",
    "assurance",
    "is_active",
    "joined_at",
    "deleted_at",
)
_WITH_ROLES = """
select password, last_login, id, username, email, name, language, assurance, is_active, joined_at, deleted_at,
       array(select distinct role from accounts_grant where person_id = person.id),
       array(select distinct department_id from accounts_grant
              where person_id = person.id and department_id is not null)
  from accounts_person person where id = %s and is_active
"""


def find_active_person(person_id: UUID) -> Person | None:
    """The person behind a session, with roles; None when the account is closed."""
    with connection.cursor() as cursor:
        cursor.execute(_WITH_ROLES, [person_id])
        row = cursor.fetchone()
    if row is None:
        return None
    person = Person.from_db(DEFAULT_DB_ALIAS, _FIELDS, row[: len(_FIELDS)])
    person.held_roles, person.held_departments = row[len(_FIELDS) :]  # type: ignore[attr-defined]  # as `with_roles` does
    return person


def actor_for(
    person: Person | None,
    *,
    channel: Channel = Channel.WEB,
    language: str = "en",
    address: str = "",
    case_keys: frozenset[str] = frozenset(),
) -> Actor:
    """The actor that `person`, or a visitor (None), is at a door. No query for persons that came with roles, else one.

    A person who is not active any more is a visitor. `language` is what the reader reads now; `case_keys` as in Actor.
    """
    if person is None or not person.is_active:
        return Actor(channel=channel, language=language, case_keys=case_keys, address=address)
    roles, departments = _held(person)
    return Actor(
        person_id=person.pk,
        name=person.name or person.username,
        roles=frozenset({Role.USER, *map(Role, roles)}),
        departments=frozenset(departments),
        assurance=Assurance(person.assurance),
        channel=channel,
        language=language,
        case_keys=case_keys,
        address=address,
    )


def _held(person: Person) -> tuple[Iterable[str], Iterable[str]]:
    roles, departments = getattr(person, "held_roles", None), getattr(person, "held_departments", None)
    if roles is not None and departments is not None:
        return roles, departments
    grants = list(person.grants.all())
    return [grant.role for grant in grants], [grant.department_id for grant in grants if grant.department_id]


def lock_person(actor: Actor, person_id: UUID) -> Person:
    """The row, locked, for an action. NotFound unless it is the actor's own or they manage people."""
    if actor.person_id != person_id and not may_manage_people(actor):
        raise NotFound
    person = Person.objects.select_for_update().filter(pk=person_id).first()
    if person is None:
        raise NotFound
    return person


def find_own_account(actor: Actor) -> Person:
    """The actor's own person. NotFound for visitors."""
    person = Person.objects.filter(pk=actor.person_id, is_active=True).first() if actor.person_id else None
    if person is None:
        raise NotFound
    return person


@dataclass(frozen=True)
class PeoplePage:
    """One page of persons by name, and the name to go on after (None on the last page)."""

    people: list[Person]
    next: str | None


def list_people(actor: Actor, *, words: str = "", after: str = "") -> PeoplePage:
    """Accounts, by username; `words` finds in name and username, or the one with exactly this e-mail address.

    For administrators; shows no address. Keyset paging: `after` is the last username of the page before.
    """
    demand(may_manage_people(actor), actor)
    people = with_roles(Person.objects.filter(deleted_at__isnull=True, username__gt=after)).order_by("username")
    if words := words.strip()[:100].lower():
        people = people.annotate(plain=Lower("name")).filter(
            Q(username__contains=words) | Q(plain__contains=words) | Q(email=words)
        )
    found = list(people[: PEOPLE_PER_PAGE + 1])
    more = len(found) > PEOPLE_PER_PAGE
    return PeoplePage(found[:PEOPLE_PER_PAGE], found[PEOPLE_PER_PAGE - 1].username if more else None)


@reveals(ACCOUNT_SHOWN, persons=lambda person: (person.pk,), subject=lambda person: person.reference)
def show_person(actor: Actor, person_id: UUID) -> Person:
    """A person's name, address and roles, for an administrator. The person is told that it was looked at."""
    demand(may_manage_people(actor), actor)
    person = with_roles(Person.objects.filter(pk=person_id, deleted_at__isnull=True)).first()
    if person is None:
        raise NotFound
    return person


def list_grants(actor: Actor, person_id: UUID) -> list[Grant]:
    """The roles a person holds, to themselves and to administrators."""
    if actor.person_id != person_id:
        demand(may_manage_people(actor), actor)
    return list(Grant.objects.filter(person=person_id).select_related("department"))


def find_by_name(actor: Actor, login: str) -> Person:
    """By username or e-mail address, for the console. NotFound when there is none."""
    demand(may_manage_people(actor), actor)
    login = login.strip().lower()
    person = Person.objects.filter(Q(username=login) | Q(email=login), deleted_at__isnull=True).first()
    if person is None:
        raise NotFound
    return person


def check_password(login: str, password: str) -> Person | None:
    """Who signs in with this username or e-mail address and this password; None when they do not fit, or the account is
    closed. It takes as long when there is nobody of that name."""
    login = login.strip().lower()
    person = Person.objects.filter(Q(username=login) | Q(email=login), is_active=True).first()
    if person is None:
        make_password(password)
        return None
    return person if person.check_password(password) else None


def is_retired(username: str) -> bool:
    """Whether a deleted account was called so."""
    return RetiredName.objects.filter(digest=digest_of_name(username)).exists()


def check_new_password(person: Person, password: str) -> None:
    """`Invalid` (password) for one that is too short, too common, or too much like the person's name."""
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise Invalid(fields={"password": error.messages[0]}) from error


def list_own_sessions(actor: Actor) -> list[UserSession]:
    """Where the actor is signed in, the latest seen first. Sessions that have lapsed are cleared away."""
    person = find_own_account(actor)
    return sorted(UserSession.objects.purge_and_list(person), key=lambda one: one.last_seen_at, reverse=True)


def list_own_authenticators(actor: Actor) -> list[Authenticator]:
    """Passkeys, authenticator app and recovery codes of the actor."""
    return list(Authenticator.objects.filter(user_id=actor.person_id).order_by("created_at"))


def has_second_proof(person_id: UUID) -> bool:
    """Whether the account asks for more than a password: a passkey, or an authenticator app."""
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    return bool(Authenticator.objects.filter(user_id=person_id, type__in=kinds).exists())


def list_who_looked(actor: Actor, *, limit: int = 100) -> list[StoredFact]:
    """When staff was shown the actor's private data, newest first."""
    person = find_own_account(actor)
    return facts_of_person(person.pk, name="kernel.personal_data_shown", limit=limit)


def list_own_history(actor: Actor, *, limit: int = 200) -> list[StoredFact]:
    """What happened around the actor, newest first, without who looked (that is a list of its own)."""
    person = find_own_account(actor)
    facts = facts_of_person(person.pk, limit=limit)
    return [one for one in facts if not isinstance(one.fact, PersonalDataShown)]


def find_own_fact(actor: Actor, fact_id: int) -> StoredFact:
    """One fact that concerns the actor. NotFound for anybody else's."""
    person = find_own_account(actor)
    stored = fact_of_person(person.pk, fact_id)
    if stored is None:
        raise NotFound
    return stored


def list_officers(departments: Iterable[str]) -> list[Person]:
    """Who works for any of these departments (codes), by name; for other rules, which show names to the staff only."""
    people = Person.objects.filter(
        is_active=True, grants__role=Role.OFFICER, grants__department__in=[*departments]
    ).distinct()
    return list(people.order_by("name", "username")[:OFFICERS_LISTED])


def names_of(people: Iterable[UUID]) -> dict[UUID, str]:
    """What these persons are called; those whose account is deleted are left out."""
    return dict(Person.objects.filter(pk__in=[*people], deleted_at=None).values_list("pk", "name"))


def list_departments() -> list[Department]:
    """The city's departments, by code."""
    return list(Department.objects.all())


def official_names() -> list[str]:
    """What the city and its departments are called, in every language: names that nobody else may have."""
    return [*this_city().name.values(), *(one for row in list_departments() for one in row.name.values())]


def current_charter() -> CharterVersion | None:
    """The version in force; None before the city has published one."""
    return CharterVersion.objects.order_by("published_at").last()


def find_charter(version: str) -> CharterVersion | None:
    """A version that is or was in force."""
    return CharterVersion.objects.filter(pk=version[:20]).first()


def accepted_at(actor: Actor, charter: CharterVersion) -> datetime | None:
    """When the actor accepted this version; None when they have not."""
    row = charter.acceptances.filter(person=actor.person_id).first()
    return row.accepted_at if row else None
