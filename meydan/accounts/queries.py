"""Every read of accounts."""

from meydan.accounts.models import Department, Person
from meydan.kernel.actor import Actor, Assurance, Channel, Role


def actor_for(
    person: Person | None,
    *,
    channel: Channel = Channel.WEB,
    language: str = "en",
    address: str = "",
    case_keys: frozenset[str] = frozenset(),
) -> Actor:
    """The actor that `person`, or a visitor (None), is at a door. Costs one query unless `person.grants` is prefetched.

    A person who is not active any more is a visitor.
    """
    if person is None or not person.is_active:
        return Actor(channel=channel, language=language, case_keys=case_keys, address=address)
    grants = person.grants.all()
    return Actor(
        person_id=person.pk,
        name=person.name or person.username,
        roles=frozenset({Role.USER, *(Role(grant.role) for grant in grants)}),
        departments=frozenset(grant.department_id for grant in grants if grant.department_id),
        assurance=Assurance(person.assurance),
        channel=channel,
        language=language,
        case_keys=case_keys,
        address=address,
    )


def list_departments() -> list[Department]:
    """The city's departments, by code."""
    return list(Department.objects.all())
