"""What administrators and members set: badges with their rules, and whether one's badges are seen."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from meydan.club.facts import BadgeSet, ShowingChanged
from meydan.club.models import ICONS, MOST_BADGES, MOST_LEVELS, MOST_NEEDED, Badge, Member, Rule
from meydan.club.policies import may_set_badges, may_show_badges
from meydan.club.queries.kinds import KINDS
from meydan.kernel.action import action
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, Invalid, Sentence
from meydan.kernel.facts import record
from meydan.kernel.limits import check

CHECKS_PER_HOUR = 300


def limit_checking(actor: Actor) -> None:
    """Count a look at a credential against who asks for it, at the door. Raises `TooMany`."""
    check(f"club.check:{actor.person_id or actor.address}", limit=CHECKS_PER_HOUR, seconds=3600)


@action(policy=may_show_badges)
def show_badges(actor: Actor, *, shown: bool) -> None:
    """Have others see the actor's badges, or not any more."""
    Member.objects.update_or_create(pk=actor.person_id, defaults={"shown": shown})
    persons = (actor.person_id,) if actor.person_id else ()
    record(ShowingChanged(subject=f"person:{actor.person_id}", persons=persons, shown=shown))


@action(policy=may_set_badges)
def set_badge(
    actor: Actor,
    *,
    code: str,
    name: Mapping[str, str],
    text: Mapping[str, str],
    icon: str,
    kinds: Sequence[str],
    levels: Sequence[int],
    per_day: int = 0,
    per_week: int = 0,
    position: int = 0,
    active: bool = True,
) -> Badge:
    """Add a badge or change it. Another rule than before is a new version; what was earned by an old one stays.

    Raises `Invalid` (fields) and, where the city has `MOST_BADGES` already, `Conflict`.
    """
    badge = Badge.objects.select_for_update().filter(pk=code).first()
    if badge is None and Badge.objects.count() >= MOST_BADGES:
        raise Conflict(_("There are as many badges as there can be. Change one of them."))
    check_badge(name, icon)
    rule = draft_rule(code, kinds=kinds, levels=levels, per_day=per_day, per_week=per_week)
    values = {"name": dict(name), "text": dict(text), "icon": icon, "position": position, "active": active}
    badge, _is_new = Badge.objects.update_or_create(pk=code, defaults=values)
    _keep_rule(actor, badge, rule)
    record(BadgeSet(subject=badge.reference, rule=badge.rule.version if badge.rule else 0, active=active))
    return badge


def check_badge(name: Mapping[str, str], icon: str) -> None:
    """Raises `Invalid` for a badge that has no name or an icon that nobody offered."""
    faults: dict[str, Sentence] = {}
    if not any(name.values()):
        faults["names"] = _("Give the badge a name in at least one language.")
    if icon not in ICONS:
        faults["icon"] = _("Choose one of the pictures.")
    if faults:
        raise Invalid(fields=faults)


def draft_rule(code: str, *, kinds: Sequence[str], levels: Sequence[int], per_day: int = 0, per_week: int = 0) -> Rule:
    """A rule that is not stored, to be kept or only tried. Raises `Invalid`."""
    faults: dict[str, Sentence] = {}
    if not kinds or any(kind not in KINDS for kind in kinds):
        faults["kinds"] = _("Choose what counts.")
    steps = list(levels)
    if not 1 <= len(steps) <= MOST_LEVELS or not _grow(steps):
        faults["levels"] = _("Write one to five growing numbers, for example: 1 5 20")
    if per_day and per_week and per_week < per_day:
        faults["per_week"] = _("A week cannot count less than a day.")
    if faults:
        raise Invalid(fields=faults)
    chosen = [kind for kind in KINDS if kind in kinds]
    return Rule(badge_id=code, kinds=chosen, levels=steps, per_day=per_day, per_week=per_week)


def _grow(steps: Sequence[int]) -> bool:
    return all(0 < low < high for low, high in zip(steps, [*steps[1:], MOST_NEEDED + 1], strict=True))


_SAYS = ("kinds", "levels", "per_day", "per_week")


def _keep_rule(actor: Actor, badge: Badge, rule: Rule) -> None:
    """Store the rule as the badge's newest version, unless it says the same as the one that holds."""
    known = badge.rule
    if known and all(getattr(known, part) == getattr(rule, part) for part in _SAYS):
        return
    latest = badge.rules.order_by("-version").values_list("version", flat=True).first() or 0
    rule.badge, rule.version, rule.made_at, rule.made_by_id = badge, latest + 1, now(), actor.person_id
    rule.save()
    badge.rule = rule
    badge.save(update_fields=["rule"])
