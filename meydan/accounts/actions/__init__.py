"""Every write to accounts. allauth's flows end in these too, by way of `pages/adapters.py`."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from meydan.accounts.facts import (
    AssuranceChanged,
    CharterAccepted,
    CharterPublished,
    DataExported,
    DepartmentKept,
    PasskeyAdded,
    PasswordChanged,
    PersonDeleted,
    PersonSignedUp,
    ProfileChanged,
    RoleGranted,
    RoleRevoked,
    SecurityChanged,
    SessionEnded,
    SignedIn,
)
from meydan.accounts.models import (
    CharterAcceptance,
    CharterVersion,
    Department,
    DeviceCode,
    Grant,
    OAuthCode,
    Person,
    RetiredName,
    clean_name,
    digest_of_name,
    person_reference,
)
from meydan.accounts.policies import (
    LOOKS_OFFICIAL,
    looks_official,
    may_assure,
    may_change_secrets,
    may_keep_city_texts,
    may_manage_person,
    may_sign_up,
    may_use_own_account,
)
from meydan.accounts.queries import current_charter, is_retired, lock_person, official_names
from meydan.accounts.queries.elsewhere import session_keepers
from meydan.kernel.action import action, action_on
from meydan.kernel.actor import Actor, Assurance, Role
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, Invalid, NotFound
from meydan.kernel.facts import record
from meydan.kernel.i18n import LANGUAGES

SECURITY_CHANGES = (
    "authenticator_app_added",
    "authenticator_app_removed",
    "passkey_removed",
    "recovery_codes_made",
    "sign_in_provider_connected",
    "sign_in_provider_removed",
)


@action(policy=may_sign_up)
def sign_up(
    actor: Actor,
    *,
    username: str,
    name: str,
    email: str | None,
    password: str | None,
    language: str,
    way: str,
    accepts_charter: bool = True,
) -> Person:
    """Open an account. `email` counts as confirmed only later; without a password the person signs in otherwise."""
    person = Person(username=username, name=clean_name(name), email=email, language=language)
    _check_new(person)
    if password:
        person.set_password(password)
    else:
        person.set_unusable_password()
    person.save(force_insert=True)
    record(PersonSignedUp(subject=person.reference, persons=(person.pk,), way=way))
    if accepts_charter and (charter := current_charter()):
        _accept(person, charter, language)
    return person


def _check_names(**names: str) -> None:
    """`Invalid` when people would take who is called so for the city."""
    officials = official_names()
    wrong = [field for field, name in names.items() if looks_official(name, officials)]
    if wrong:
        raise Invalid(fields=dict.fromkeys(wrong, LOOKS_OFFICIAL))


def _check_new(person: Person) -> None:
    """`Invalid` with a sentence per field when the name or the address is taken or malformed."""
    _check_names(name=person.name, username=person.username)
    person.email = person.email or None
    try:
        person.full_clean(exclude=["password"])
    except ValidationError as error:
        raise Invalid(fields={field: errors[0] for field, errors in error.message_dict.items()}) from error
    if is_retired(person.username):
        raise Invalid(fields={"username": _("This name is taken. Choose another.")})


def _accept(person: Person, charter: CharterVersion, language: str) -> None:
    _row, first_time = CharterAcceptance.objects.get_or_create(
        person=person, version=charter, defaults={"language": language}
    )
    if first_time:
        record(
            CharterAccepted(subject=person.reference, persons=(person.pk,), version=charter.version, language=language)
        )


@action(policy=may_use_own_account)
def accept_charter(actor: Actor, *, version: str) -> None:
    """Accept a newer charter. Conflict when it was accepted before, or is not the one in force."""
    charter = current_charter()
    person = lock_person(actor, _own_id(actor))
    if charter is None or charter.version != version:
        raise Conflict(_("The charter has changed meanwhile. Please read the new version."))
    if person.acceptances.filter(version=charter).exists():
        raise Conflict(_("You have accepted this version already."))
    _accept(person, charter, actor.language)


@action(policy=may_use_own_account)
def sign_in(actor: Actor, *, methods: Sequence[str]) -> None:
    """Say that the actor has just signed in, and by what proof. The session itself is the door's."""
    person_id = _own_id(actor)
    record(SignedIn(subject=person_reference(person_id), persons=(person_id,), methods=list(methods)))


@action(policy=may_use_own_account)
def sign_out(actor: Actor, *, session: str = "") -> None:
    """Say that the actor ends the session they are in; what was opened from it (its key) ends too."""
    person_id = _own_id(actor)
    _keep_browsers(person_id, _browsers_of(person_id) - {session})
    record(SessionEnded(subject=person_reference(person_id), persons=(person_id,), how="signed_out"))


@action(policy=may_use_own_account)
def end_sessions(actor: Actor, *, keys: Sequence[str], elsewhere: Collection[str] | None = ()) -> None:
    """End those of the actor's own sessions that have these keys: from now on they are asked to sign in. `elsewhere`:
    the keys of those that are no browser's (`queries.elsewhere`), None for all of them."""
    person_id = _own_id(actor)
    rows = list(UserSession.objects.filter(user_id=person_id, session_key__in=keys))
    for row in rows:
        row.end()
    _keep_browsers(person_id, _browsers_of(person_id))
    count = len(rows) + end_elsewhere(person_id, keys=elsewhere)
    record(SessionEnded(subject=person_reference(person_id), persons=(person_id,), how="ended_elsewhere", count=count))


@action_on(lock_person, policy=may_change_secrets)
def change_password(
    actor: Actor, person: Person, *, password: str, how: str, elsewhere: bool = True, but: str = ""
) -> Person:
    """Set the password (the door has checked its strength). All other sessions end by it: those of browsers, and with
    `elsewhere` those that are none, except `but`. `how`: see the fact."""
    person.set_password(password)
    person.save(update_fields=["password"])
    _keep_browsers(person.pk, ())
    if elsewhere:
        end_elsewhere(person.pk, keys=None, but=but)
    record(PasswordChanged(subject=person.reference, persons=(person.pk,), how=how))
    return person


@action(policy=may_use_own_account)
def change_security(actor: Actor, *, what: str) -> None:
    """Say that a way to sign in was added or taken away: "passkey_added" or one of SECURITY_CHANGES."""
    person_id = _own_id(actor)
    if what == "passkey_added":
        record(PasskeyAdded(subject=person_reference(person_id), persons=(person_id,)))
        return
    if what not in SECURITY_CHANGES:
        raise ValueError(f"{what!r} is no change of security that this city knows")
    record(SecurityChanged(subject=person_reference(person_id), persons=(person_id,), what=what))


@action(policy=may_use_own_account)
def change_profile(actor: Actor, *, name: str, language: str) -> Person:
    """Change what others call the actor, and the language the city writes to them in."""
    person = lock_person(actor, _own_id(actor))
    name = clean_name(name)
    if not name:
        raise Invalid(fields={"name": _("Enter the name that others may see.")})
    if name != person.name:
        _check_names(name=name)
    changed = [field for field, value in (("name", name), ("language", language)) if getattr(person, field) != value]
    person.name, person.language = name, language
    person.save(update_fields=["name", "language"])
    record(ProfileChanged(subject=person.reference, persons=(person.pk,), fields=changed))
    return person


@action(policy=may_assure)
def assure(actor: Actor, person_id: UUID, *, level: Assurance) -> None:
    """How surely the person is who they say, from now on; an actor's `assurance` at their next step through a door."""
    person = lock_person(actor, person_id)
    person.assurance = level.value
    person.save(update_fields=["assurance"])
    record(AssuranceChanged(subject=person.reference, persons=(person.pk,), level=level.value))


@action_on(lock_person, policy=may_change_secrets)
def confirm_email(actor: Actor, person: Person, *, email: str) -> None:
    """The person proved that this address is theirs: it becomes the address of the account."""
    EmailAddress.objects.filter(user=person).exclude(email=email).delete()
    EmailAddress.objects.update_or_create(user=person, email=email, defaults={"verified": True, "primary": True})
    person.email = email
    person.assurance = max(person.assurance, Assurance.SELF_DECLARED.value)
    person.save(update_fields=["email", "assurance"])
    record(ProfileChanged(subject=person.reference, persons=(person.pk,), fields=["email"]))


@action_on(lock_person, policy=may_change_secrets)
def speak(actor: Actor, person: Person, *, language: str) -> None:
    """Have pages and mail speak this language to the person from now on (one of `kernel.i18n.LANGUAGES`)."""
    if language not in LANGUAGES:
        raise Invalid(fields={"language": _("Choose one of the languages that are offered.")})
    person.language = language
    person.save(update_fields=["language"])
    record(ProfileChanged(subject=person.reference, persons=(person.pk,), fields=["language"]))


@action_on(lock_person, policy=may_manage_person)
def grant_role(actor: Actor, person: Person, *, role: Role, department: str | None = None) -> None:
    """Let the person act in `role`; an officer names the department (its code). Conflict when they hold it already."""
    _check_grant(role, department)
    _row, first_time = Grant.objects.get_or_create(
        person=person, role=role, department_id=department, defaults={"granted_by_id": actor.person_id}
    )
    if not first_time:
        raise Conflict(_("This person has that role already."))
    record(RoleGranted(subject=person.reference, persons=(person.pk,), role=role, department=department))


def _check_grant(role: Role, department: str | None) -> None:
    if role is Role.USER:
        raise Invalid(fields={"role": _("Everybody with an account has this role.")})
    if role is Role.OFFICER and not Department.objects.filter(pk=department).exists():
        raise Invalid(fields={"department": _("Choose the department that the officer works for.")})
    if role is not Role.OFFICER and department:
        raise Invalid(fields={"department": _("Only officers belong to a department.")})


@action_on(lock_person, policy=may_manage_person)
def revoke_role(actor: Actor, person: Person, *, role: Role, department: str | None = None) -> None:
    """Take a role back. NotFound when the person does not hold it; Conflict for the last administrator."""
    if role is Role.ADMIN:
        _keep_one_admin(person)
    gone, _rows = Grant.objects.filter(person=person, role=role, department_id=department).delete()
    if not gone:
        raise NotFound(_("This person does not have that role."))
    record(RoleRevoked(subject=person.reference, persons=(person.pk,), role=role, department=department))


def _keep_one_admin(person: Person) -> None:
    """Two administrators who leave at the same moment wait for each other at these rows."""
    grants = Grant.objects.select_for_update(of=("self",)).filter(role=Role.ADMIN, person__is_active=True)
    holders = {grant.person_id for grant in grants.order_by("pk")}
    if holders == {person.pk}:
        raise Conflict(_("This is the last administrator. Make somebody else one first."), code="last_admin")


@action(policy=may_keep_city_texts)
def keep_department(
    actor: Actor,
    *,
    code: str,
    name: Mapping[str, str],
    email: str = "",
    parent: str | None = None,
    language: str = "en",
) -> Department:
    """Add a department or bring its texts up to date. `name` by language code; `email` gets its mail, in `language`."""
    row, _new = Department.objects.update_or_create(
        code=code, defaults={"name": dict(name), "email": email, "parent_id": parent, "language": language}
    )
    record(DepartmentKept(subject=f"department:{code}"))
    return row


@action(policy=may_keep_city_texts)
def publish_charter(actor: Actor, *, version: str, text: Mapping[str, str]) -> CharterVersion:
    """Put a version of the charter in force. Conflict when that version is out already: what was accepted stays."""
    row, first_time = CharterVersion.objects.get_or_create(version=version, defaults={"text": dict(text)})
    if not first_time:
        raise Conflict(_("This version of the charter is published. Give the new text a new version."))
    record(CharterPublished(subject=f"charter:{version}", version=version))
    return row


@action(policy=may_use_own_account)
def note_export(actor: Actor, *, size: int) -> None:
    """Say that the actor took a copy of their data, of so many bytes."""
    person_id = _own_id(actor)
    record(DataExported(subject=person_reference(person_id), persons=(person_id,), size=size))


@action(policy=may_use_own_account)
def delete_account(actor: Actor) -> None:
    """Empty the actor's account of everything that says who they are, and end all its sessions.

    What stays: the row, without name and address; the facts, which hold references only; and what the person
    published, which belongs to the city's record. Conflict for the last administrator.
    """
    person = lock_person(actor, _own_id(actor))
    _keep_one_admin(person)
    for session in UserSession.objects.filter(user=person):
        session.end()
    for keeper in session_keepers():
        keeper.forget(person.pk, person.username)
    for model in (EmailAddress, Authenticator, SocialAccount):
        model.objects.filter(user=person).delete()
    person.grants.all().delete()
    RetiredName.objects.get_or_create(digest=digest_of_name(person.username))
    person.username, person.name, person.email = f"gone-{person.pk.hex[-20:]}", "", None
    person.assurance, person.is_active, person.deleted_at = Assurance.NONE.value, False, now()
    person.set_unusable_password()
    person.save()
    record(PersonDeleted(subject=person.reference, persons=(person.pk,)))


def end_elsewhere(person: UUID, *, keys: Collection[str] | None, but: str = "") -> int:
    """Within an action: end a person's sessions that are no browser's, with None all of them, and what was about to
    become one. How many they were."""
    if keys is None:
        OAuthCode.objects.filter(person_id=person, used_at=None).delete()
        DeviceCode.objects.filter(person_id=person, used_at=None).delete()
    return sum(keeper.end_sessions(person, keys=keys, but=but) for keeper in session_keepers())


def _browsers_of(person: UUID) -> set[str]:
    """The keys of the browser sessions that are signed in."""
    return set(UserSession.objects.filter(user_id=person).values_list("session_key", flat=True))


def _keep_browsers(person: UUID, sessions: Collection[str]) -> None:
    """End what neighbours have opened for any other browser. Whoever still is signed in opens it again."""
    for keeper in session_keepers():
        keeper.keep_browsers(person, sessions)


def _own_id(actor: Actor) -> UUID:
    """The actor's person; the policy has made sure that there is one."""
    if actor.person_id is None:
        raise NotFound
    return actor.person_id
