"""What counts, and which awards follow from it."""

import secrets
from collections.abc import Iterable
from uuid import UUID

from django.db import connection, transaction

from meydan.accounts.public import Person
from meydan.club.actions.keys import keep_signing_key
from meydan.club.facts import BadgeEarned, BadgeRevoked, ContributionCounted, ContributionDropped
from meydan.club.models import LIST_BITS, Award, Badge, Contribution, Member, Rule
from meydan.club.policies import may_count
from meydan.club.queries.counting import count_for, earners, level_for
from meydan.club.queries.kinds import FORGETTING, KINDS, Kind, Standing
from meydan.kernel.action import action
from meydan.kernel.actor import SYSTEM, Actor
from meydan.kernel.clock import now
from meydan.kernel.facts import facts_of_kinds, record, subjects_of

FILLED = LIST_BITS // 2
"""A list takes so many awards, so that a free place is found by chance in a try or two."""
TOGETHER = 200


@transaction.atomic
def settle(kind: Kind, reference: str) -> None:
    """Have what counts about a subject agree with its facts, and the awards of those concerned with that. May be run
    in any order and as often as one likes."""
    _wait_for(reference)
    facts = facts_of_kinds(reference, (*kind.facts, *FORGETTING))
    if any(isinstance(one.fact, FORGETTING) for one in facts):
        return
    standing = _of_the_living(kind.judge(facts))
    known = {one.person_id: one for one in Contribution.objects.filter(kind=kind.code, reference=reference)}
    for person, moment in standing.items():
        if person not in known or known[person].dropped_at:
            count_contribution(SYSTEM, Contribution(person_id=person, kind=kind.code, reference=reference, at=moment))
    for person, contribution in known.items():
        if person not in standing and not contribution.dropped_at:
            drop_contribution(SYSTEM, contribution)
    for person in sorted({*standing, *known}):
        weigh(person)


def _of_the_living(standing: Standing) -> Standing:
    """Without those whose account is closed: of them nothing is kept."""
    active = set(Person.objects.filter(pk__in=standing, is_active=True).values_list("pk", flat=True))
    return {person: moment for person, moment in standing.items() if person in active}


def _wait_for(reference: str) -> None:
    """One at a time for each subject: each reads what the one before has made of it, and every fact until then."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"club:{reference}"])


@action(policy=may_count)
def count_contribution(actor: Actor, contribution: Contribution) -> None:
    """Something counts, for the first time or again."""
    Contribution.objects.update_or_create(
        person_id=contribution.person_id,
        kind=contribution.kind,
        reference=contribution.reference,
        defaults={"at": contribution.at, "dropped_at": None},
    )
    record(
        ContributionCounted(subject=contribution.reference, persons=(contribution.person_id,), kind=contribution.kind)
    )


@action(policy=may_count)
def drop_contribution(actor: Actor, contribution: Contribution) -> None:
    """Something counts no longer."""
    contribution.dropped_at = now()
    contribution.save(update_fields=["dropped_at"])
    record(
        ContributionDropped(subject=contribution.reference, persons=(contribution.person_id,), kind=contribution.kind)
    )


@transaction.atomic
def weigh(person: UUID, badges: Iterable[Badge] | None = None) -> None:
    """Have somebody's awards agree with what counts for them: of these badges, else of all.

    What was earned by an old rule stays while it still holds by that rule: a new one never takes a badge away, only
    what it stood on can.
    """
    if not Person.objects.filter(pk=person, is_active=True).exists():
        return
    Member.objects.get_or_create(pk=person)
    Member.objects.select_for_update().get(pk=person)
    for badge in Badge.objects.select_related("rule") if badges is None else badges:
        _weigh(person, badge)


def _weigh(person: UUID, badge: Badge) -> None:
    rule = badge.rule if badge.active else None
    reached = level_for(count_for(person, rule), rule.levels) if rule else 0
    held = set()
    for award in Award.objects.select_related("rule").filter(person=person, badge=badge, revoked_at=None):
        if award.level <= reached or count_for(person, award.rule) >= award.rule.levels[award.level - 1]:
            held.add(award.level)
        else:
            revoke_award(SYSTEM, award)
    for level in range(1, reached + 1):
        if rule and level not in held:
            give_award(SYSTEM, person=person, rule=rule, level=level)


@action(policy=may_count)
def give_award(actor: Actor, *, person: UUID, rule: Rule, level: int) -> None:
    """A level of a badge is reached."""
    keep_signing_key(actor)
    number, index = _free_place()
    award = Award.objects.create(
        person_id=person,
        badge_id=rule.badge_id,
        rule=rule,
        level=level,
        list_number=number,
        index=index,
        salt=secrets.token_hex(16),
        earned_at=now(),
    )
    record(BadgeEarned(subject=award.reference, persons=(person,), badge=rule.badge_id, level=level, rule=rule.version))


def _free_place() -> tuple[int, int]:
    """A place in the newest status list, by chance: its number says nothing of when it was given."""
    number = Award.objects.count() // FILLED + 1
    while True:
        index = secrets.randbelow(LIST_BITS)
        if not Award.objects.filter(list_number=number, index=index).exists():
            return number, index


@action(policy=may_count)
def revoke_award(actor: Actor, award: Award) -> None:
    """An award falls: its credential fails from now on."""
    award.revoked_at = now()
    award.save(update_fields=["revoked_at"])
    record(BadgeRevoked(subject=award.reference, persons=(award.person_id,), badge=award.badge_id, level=award.level))


def weigh_everybody(code: str) -> None:
    """Give a badge to all who reach it by the rule that holds now. Each person is a transaction of their own."""
    badge = Badge.objects.select_related("rule").filter(pk=code, active=True, rule__isnull=False).first()
    if badge is None or badge.rule is None:
        return
    for person in earners(badge.rule):
        weigh(person, [badge])


def settle_past(code: str, *, after: str = "") -> str:
    """Judge what is already in the record by a kind, a bounded number of subjects from behind `after`; returns the
    last one, "" when none was left. For a kind that is new to this city."""
    kind = KINDS[code]
    subjects = subjects_of(kind.facts, after=after, limit=TOGETHER)
    for reference in subjects:
        settle(kind, reference)
    return subjects[-1] if subjects else ""


def forget_reference(reference: str) -> int:
    """What counted about a subject stays, and leads to it no longer; returns how many they were."""
    return Contribution.objects.filter(reference=reference).update(reference="")


def forget_member(person: UUID) -> None:
    """An account was closed: nobody is shown any more, and what they did is forgotten. Credentials that they took along
    stay what they are."""
    with transaction.atomic():
        Contribution.objects.filter(person=person).delete()
        Member.objects.filter(pk=person).delete()
