"""What a clerk arranges, for the clerk's pages."""

from typing import TypeVar

from meydan.kernel.actor import Actor
from meydan.kernel.errors import NotFound
from meydan.kernel.policy import demand
from meydan.reports.models import Category, ReplyTemplate, RoutingRule, Team
from meydan.reports.policies import may_arrange

Row = TypeVar("Row")


def list_rules(actor: Actor) -> list[RoutingRule]:
    """Every rule, by category and district."""
    demand(may_arrange(actor), actor)
    rules = RoutingRule.objects.select_related("category", "district", "department", "team")
    return list(rules.order_by("category__order", "category", "district", "pk"))


def show_rule(actor: Actor, number: int) -> RoutingRule:
    """One rule. Raises `NotFound`."""
    demand(may_arrange(actor), actor)
    return _found(RoutingRule.objects.select_related("category", "district").filter(pk=number).first())


def list_teams(actor: Actor) -> list[Team]:
    """Every office, by department, with its holder."""
    demand(may_arrange(actor), actor)
    return list(Team.objects.select_related("holder", "department", "parent").order_by("department", "code"))


def show_team(actor: Actor, code: str) -> Team:
    """One office. Raises `NotFound`."""
    demand(may_arrange(actor), actor)
    return _found(Team.objects.select_related("holder").filter(pk=code).first())


def list_all_categories(actor: Actor) -> list[Category]:
    """Every kind of problem, those that cannot be chosen any more too."""
    demand(may_arrange(actor), actor)
    return list(Category.objects.select_related("department"))


def show_category(actor: Actor, code: str) -> Category:
    """One kind of problem. Raises `NotFound`."""
    demand(may_arrange(actor), actor)
    return _found(Category.objects.filter(pk=code).first())


def list_all_replies(actor: Actor) -> list[ReplyTemplate]:
    """Every ready-made reply, by verb."""
    demand(may_arrange(actor), actor)
    return list(ReplyTemplate.objects.select_related("category", "department"))


def show_reply(actor: Actor, code: str) -> ReplyTemplate:
    """One ready-made reply. Raises `NotFound`."""
    demand(may_arrange(actor), actor)
    return _found(ReplyTemplate.objects.filter(pk=code).first())


def _found(row: Row | None) -> Row:
    if row is None:
        raise NotFound
    return row
