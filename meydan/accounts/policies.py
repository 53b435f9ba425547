"""Who may do what with accounts. Pure: they look at the actor and the rows they are given."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from meydan.accounts.models import Person
from meydan.kernel.actor import Actor, Channel, Role
from meydan.kernel.lookalikes import has_mark, skeleton
from meydan.kernel.policy import ALLOW, Verdict, refuse, sign_in_first

LOOKS_OFFICIAL = _("This looks like a name of the city. Choose another one.")


def may_sign_up(actor: Actor) -> Verdict:
    """Anybody who is not signed in already; the console and the system for others."""
    if actor.person_id is None:
        return ALLOW
    return refuse(_("You have an account and are signed in to it."), "already_signed_in")


def may_use_own_account(actor: Actor) -> Verdict:
    """Whoever is signed in, for what is theirs."""
    return ALLOW if actor.person_id else sign_in_first()


def may_change_secrets(actor: Actor, person: Person) -> Verdict:
    """Password and confirmed address: the person's own; the console helps who is locked out."""
    if not person.is_active:
        return refuse(_("This account is closed."))
    if actor.person_id == person.pk or actor.channel is Channel.CONSOLE or actor.is_system:
        return ALLOW
    return refuse(_("You can change your own password only."))


def may_assure(actor: Actor) -> Verdict:
    """The machinery of a domain that has established who somebody is, or no longer knows."""
    return ALLOW if actor.is_system else refuse(_("Who somebody is, is established by the city's rules alone."))


def may_manage_people(actor: Actor) -> Verdict:
    """Administrators, and the console, who acts as one."""
    if actor.has(Role.ADMIN) or actor.is_system:
        return ALLOW
    return refuse(_("Only administrators may do this.")) if actor.person_id else sign_in_first()


def may_manage_person(actor: Actor, person: Person) -> Verdict:
    """Administrators, for an account that still exists."""
    if person.deleted_at:
        return refuse(_("This account was deleted."))
    return may_manage_people(actor)


def may_keep_city_texts(actor: Actor) -> Verdict:
    """Departments and the charter: administrators and the system (seed, imports)."""
    return may_manage_people(actor)


def may_register_client(actor: Actor) -> Verdict:
    """Any program may introduce itself; who is asked whether to let it in is a person."""
    return ALLOW


def looks_official(name: str, officials: Iterable[str]) -> bool:
    """Whether people would take somebody of this name for the city: it holds a check mark, is the name of the city or
    of a department (`queries.official_names`), is one of each, or holds one of several words."""
    said = skeleton(name)
    plain = [plain for plain in map(skeleton, officials) if plain]
    left = {said.removeprefix(one).strip() for one in plain} | {said.removesuffix(one).strip() for one in plain}
    within = any(" " in one and f" {one} " in f" {said} " for one in plain)
    return has_mark(name) or (bool(said) and (within or not left.isdisjoint({"", *plain})))
