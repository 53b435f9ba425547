"""Ready-made words."""

from dataclasses import dataclass

from django.db.models import Q

from meydan.kernel.actor import Actor
from meydan.kernel.i18n import text_of
from meydan.kernel.policy import demand
from meydan.reports.models import Category, ReplyTemplate, Report
from meydan.reports.policies import may_see_worklist


@dataclass(frozen=True)
class Reply:
    """A template as an officer picks it: its title in their language, its words in the reporter's."""

    code: str
    title: str
    text: str


def list_replies(actor: Actor, report: Report, place: str) -> dict[str, list[Reply]]:
    """The ready-made words for a report, by verb; those for its category come first, then those for its department.
    `place` says where the problem is."""
    demand(may_see_worklist(actor), actor)
    fits = Q(category=None) | Q(category=report.category_id)
    fits &= Q(department=None) | Q(department=report.department_id)
    return _by_verb(actor, fits, report.language, _values_of(report.category, report.language, report.number, place))


def list_general_replies(actor: Actor) -> dict[str, list[Reply]]:
    """Those for many reports at once: of no category, and of none or one of the actor's departments. What they say of
    each report's own is not filled in."""
    demand(may_see_worklist(actor), actor)
    fits = Q(category=None) & (Q(department=None) | Q(department__in=actor.departments))
    found = _by_verb(actor, fits, actor.language, {})
    return {verb: [one for one in replies if "{" not in one.text] for verb, replies in found.items()}


def _values_of(category: Category, language: str, number: int, place: str) -> dict[str, str]:
    return {"{number}": str(number), "{kind}": text_of(category.name, language), "{place}": place}


def _by_verb(actor: Actor, fits: Q, language: str, values: dict[str, str]) -> dict[str, list[Reply]]:
    rows = ReplyTemplate.objects.filter(fits, active=True)
    found: dict[str, list[Reply]] = {}
    for row in sorted(rows, key=lambda row: (row.category_id is None, row.department_id is None, row.code)):
        text = text_of(row.text, language)
        for name, value in values.items():
            text = text.replace(name, value)
        title = text_of(row.title, actor.language) or row.code
        found.setdefault(row.verb, []).append(Reply(row.code, title, text))
    return found
