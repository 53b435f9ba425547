"""What a clerk arranges: categories, and who is responsible where."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q

from meydan.kernel.action import action
from meydan.kernel.actor import Actor
from meydan.kernel.facts import record
from meydan.reports.facts import CategorySet, RoutingRuleSet
from meydan.reports.models import Category, RoutingRule
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
def set_rule(actor: Actor, *, category: str | None, district: str | None, department: str | None) -> None:
    """Say which department gets the reports of a category in a district (codes; None means any). Without a department
    the rule is taken away."""
    rules = RoutingRule.objects.filter(Q(category=category), Q(district=district))
    if department is None:
        rules.delete()
    elif not rules.update(department=department):
        RoutingRule.objects.create(category_id=category, district_id=district, department_id=department)
    record(
        RoutingRuleSet(
            subject=f"routing:{category or '*'}:{district or '*'}",
            category=category or "",
            district=district or "",
            department=department or "",
        )
    )
