"""What a clerk arranges: categories, teams, and who is responsible where and when."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import time
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from meydan.kernel.action import action
from meydan.kernel.actor import Actor
from meydan.kernel.errors import Conflict, Invalid, NotFound
from meydan.kernel.facts import record
from meydan.reports.facts import CategorySet, ReplySet, RoutingRuleRemoved, RoutingRuleSet, TeamSet
from meydan.reports.models import EVERY_DAY, Category, ReplyTemplate, RoutingRule, Team
from meydan.reports.policies import may_arrange


@action(policy=may_arrange)
def set_category(
    actor: Actor,
    *,
    code: str,
    name: Mapping[str, str],
    description: Mapping[str, str] | None = None,
    group: Mapping[str, str] | None = None,
    keywords: Mapping[str, Sequence[str]] | None = None,
    icon: str = "circle-alert",
    department: str | None = None,
    term_days: int = 10,
    private: bool = False,
    coarse: bool = False,
    needs_after_photo: bool = False,
    questions: Sequence[Mapping[str, Any]] = (),
    order: int = 0,
    active: bool = True,
) -> Category:
    """Add a category, or change the one with this code. `term_days` are working days; texts are by language;
    `questions` as in `models.questions`."""
    category, _new = Category.objects.update_or_create(
        code=code,
        defaults={
            "name": dict(name),
            "description": dict(description or {}),
            "group": dict(group or {}),
            "keywords": {language: list(words) for language, words in (keywords or {}).items()},
            "icon": icon,
            "department_id": department,
            "term_days": term_days,
            "private": private,
            "coarse": coarse,
            "needs_after_photo": needs_after_photo,
            "questions": [dict(one) for one in questions],
            "order": order,
            "active": active,
        },
    )
    record(
        CategorySet(
            subject=f"category:{code}", department=department or "", term_days=term_days, private=private, active=active
        )
    )
    return category


@action(policy=may_arrange)
def set_team(
    actor: Actor,
    *,
    code: str,
    name: Mapping[str, str],
    department: str,
    parent: str | None = None,
    holder: UUID | None = None,
    holder_public: bool = False,
    active: bool = True,
) -> Team:
    """Add an office that answers reports, or change the one with this code. `parent` is the office above, to whose
    manager silence escalates; `holder` the manager. `Invalid` when the offices would stand in a circle."""
    if code in _offices_from(parent):
        raise Invalid(fields={"parent": _("Choose an office that is not below this one.")})
    team, _new = Team.objects.update_or_create(
        code=code,
        defaults={
            "name": dict(name),
            "department_id": department,
            "parent_id": parent,
            "holder_id": holder,
            "holder_public": holder_public,
            "active": active,
        },
    )
    persons = (holder,) if holder else ()
    record(TeamSet(subject=f"team:{code}", persons=persons, department=department, parent=parent or "", active=active))
    return team


def _offices_from(code: str | None) -> list[str]:
    """The office and those above it."""
    found: list[str] = []
    while code is not None and code not in found:
        found.append(code)
        code = Team.objects.filter(pk=code).values_list("parent", flat=True).first()
    return found


@action(policy=may_arrange)
def set_reply(
    actor: Actor,
    *,
    code: str,
    verb: str,
    title: Mapping[str, str],
    text: Mapping[str, str],
    category: str | None = None,
    department: str | None = None,
    active: bool = True,
) -> ReplyTemplate:
    """Add ready-made words, or change those with this code; texts are by language, `verb` as in `models.ReplyVerb`."""
    reply, _new = ReplyTemplate.objects.update_or_create(
        code=code,
        defaults={
            "verb": verb,
            "title": dict(title),
            "text": dict(text),
            "category_id": category,
            "department_id": department,
            "active": active,
        },
    )
    record(ReplySet(subject=f"reply:{code}", verb=verb, active=active))
    return reply


@dataclass(frozen=True)
class When:
    """When a rule holds; the fields of `models.RoutingRule`. Nothing said: always."""

    weekdays: int = EVERY_DAY
    holidays: bool | None = None
    starts: time | None = None
    ends: time | None = None
    season_starts: str = ""
    season_ends: str = ""


ALWAYS = When()


@action(policy=may_arrange)
def set_rule(
    actor: Actor,
    *,
    category: str | None,
    district: str | None,
    department: str,
    team: str | None = None,
    when: When = ALWAYS,
    rule: int | None = None,
) -> RoutingRule:
    """Say which department, and team of it, gets the reports of a category in a district (codes; None means any) at
    these times. `rule` is the number of the one to change; without it, one for the same case is changed, or a new one
    made. `Conflict` when another rule is for the same case, `NotFound` when there is no rule of this number."""
    case = {"category_id": category, "district_id": district, **asdict(when)}
    same = RoutingRule.objects.filter(
        **{
            f"{name}__isnull" if value is None else name: True if value is None else value
            for name, value in case.items()
        }
    ).first()
    if same and rule is not None and same.pk != rule:
        raise Conflict(_("There is a rule for this case already. Change that one."))
    found = same or (RoutingRule.objects.filter(pk=rule).first() if rule is not None else RoutingRule())
    if found is None:
        raise NotFound
    for name, value in {**case, "department_id": department, "team_id": team}.items():
        setattr(found, name, value)
    found.save()
    record(RoutingRuleSet(**_about(found), team=team or ""))
    return found


@action(policy=may_arrange)
def remove_rule(actor: Actor, *, rule: int) -> None:
    """Take a rule away. `NotFound` when there is none of this number."""
    found = RoutingRule.objects.filter(pk=rule).first()
    if found is None:
        raise NotFound
    record(RoutingRuleRemoved(**_about(found)))
    found.delete()


def _about(rule: RoutingRule) -> dict[str, Any]:
    return {
        "subject": f"routing:{rule.pk}",
        "category": rule.category_id or "",
        "district": rule.district_id or "",
        "department": rule.department_id,
    }
