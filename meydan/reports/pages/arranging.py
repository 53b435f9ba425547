"""The clerk's pages: who is responsible where and when, the offices, the kinds of problems, and ready-made words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from meydan.accounts.public import find_by_name
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, Invalid, NotFound, Sentence
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.i18n import LANGUAGES, text_of
from meydan.kernel.inputs import parse
from meydan.kernel.places import Point, find_district
from meydan.kernel.policy import demand
from meydan.reports import actions
from meydan.reports.inputs import KeepCategory, KeepReply, KeepRule, KeepTeam, TryRoute
from meydan.reports.models import EVERY_DAY, Category, ReplyVerb, RoutingRule, Team
from meydan.reports.pages.listing import options
from meydan.reports.pages.looks import category_name, department_name, district_name, team_name
from meydan.reports.policies import may_arrange
from meydan.reports.queries import (
    Candidate,
    Miss,
    explain_route,
    forget_labels,
    labels,
    list_all_categories,
    list_all_replies,
    list_rules,
    list_teams,
    show_category,
    show_reply,
    show_rule,
    show_team,
)

WEEKDAYS = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))
_MISSES: Mapping[Miss, Sentence] = {
    Miss.HOURS: _("Does not hold: another hour"),
    Miss.DAYS_OFF: _("Does not hold: another kind of day"),
    Miss.WEEKDAY: _("Does not hold: another weekday"),
    Miss.SEASON: _("Does not hold: another season"),
    Miss.LESS_EXACT: _("Holds, but lost to a more exact rule"),
}
Errors = Mapping[str, Sentence]


@page("GET")
def rules(request: HttpRequest) -> HttpResponse:
    """All rules, and the form that tries them: where would this go, and why."""
    actor = actor_of(request)
    found, query, errors = list_rules(actor), TryRoute(), {}
    try:
        query = parse(TryRoute, request.GET)
    except Invalid as error:
        errors = error.fields
    context = {
        "rules": [rule_view(rule) for rule in found],
        "query": query,
        "errors": errors,
        "tried": _try(actor, query) if query.category else None,
        "categories": options(labels().categories, str(_("Choose a kind"))),
        "districts": options(labels().districts, str(_("Not known"))),
        "moment": f"{_moment(query):%Y-%m-%dT%H:%M}",
    }
    return render(request, "reports/rules.html", context, status=422 if errors else 200)


def _moment(query: TryRoute) -> Any:
    moment = query.moment or timezone.localtime(now())
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)


def _try(actor: Actor, query: TryRoute) -> dict[str, Any]:
    """What the rules say to what was asked."""
    district: str | None = query.district or None
    if query.lat is not None and query.lon is not None:
        found = find_district(Point(query.lat, query.lon))
        district = found.code if found else None
    route, candidates = explain_route(actor, query.category, district, _moment(query))
    return {
        "department": department_name(route.department),
        "team": team_name(route.team),
        "by_category": route.rule is None,
        "district": district_name(district),
        "candidates": [_candidate_view(one) for one in candidates],
    }


def _candidate_view(candidate: Candidate) -> dict[str, Any]:
    won = candidate.miss is None
    return {**rule_view(candidate.rule), "won": won, "why": _("Wins") if won else _MISSES[candidate.miss or Miss.HOURS]}


def rule_view(rule: RoutingRule) -> dict[str, Any]:
    """A rule in words."""
    return {
        "number": rule.pk,
        "category": category_name(rule.category_id) if rule.category_id else _("Every kind"),
        "district": district_name(rule.district_id) or _("Everywhere"),
        "when": _when(rule),
        "department": department_name(rule.department_id),
        "team": text_of(rule.team.name) if rule.team else "",
    }


def _when(rule: RoutingRule) -> list[str]:
    words: list[Any] = []
    if rule.weekdays != EVERY_DAY:
        words.append(", ".join(str(name) for day, name in enumerate(WEEKDAYS) if rule.weekdays >> day & 1))
    if rule.holidays is not None:
        words.append(_("Weekends and holidays") if rule.holidays else _("Working days"))
    if rule.starts and rule.ends:
        words.append(f"{rule.starts:%H:%M}–{rule.ends:%H:%M}")
    if rule.season_starts:
        words.append(_("from %(start)s to %(end)s") % {"start": rule.season_starts, "end": rule.season_ends})
    return [str(word) for word in words] or [str(_("Always"))]


@page("GET", "POST")
def rule(request: HttpRequest, number: int | None = None) -> HttpResponse:
    """Add a rule, or change one."""
    actor = actor_of(request)
    teams = list_teams(actor)
    known = show_rule(actor, number) if number is not None else None
    errors: Errors = {}
    if request.method == "POST":
        errors = keep(_keep_rule, actor, request.POST, number)
        if not errors:
            return HttpResponseRedirect(reverse("reports:rules"))
    context = {
        "number": number,
        "values": posted(request) or _rule_values(known),
        "errors": errors,
        "categories": options(labels().categories, str(_("Every kind"))),
        "districts": options(labels().districts, str(_("Everywhere"))),
        "targets": _targets(teams),
        "weekdays": list(enumerate(WEEKDAYS)),
    }
    return render(request, "reports/rule.html", context, status=422 if errors else 200)


def _targets(teams: list[Team]) -> list[tuple[str, str]]:
    """Departments, and below each its offices."""
    choices: list[tuple[str, str]] = []
    for code, name in options(labels().departments, "")[1:]:
        mine = [team for team in teams if team.department_id == code and team.active]
        choices += [(code, name), *((f"{code}/{team.pk}", f"{name} · {text_of(team.name)}") for team in mine)]
    return choices


def _keep_rule(actor: Actor, post: QueryDict, number: Any) -> None:
    said = parse(KeepRule, post)
    department, _slash, team = said.target.partition("/")
    if said.target not in dict(_targets(list_teams(actor))):
        raise Invalid(fields={"target": _("Choose one of the departments.")})
    if said.category not in {"", *labels().categories} or said.district not in {"", *labels().districts}:
        raise Invalid(fields={"category": _("Choose a kind and a district from the lists.")})
    actions.set_rule(
        actor,
        category=said.category or None,
        district=said.district or None,
        department=department,
        team=team or None,
        when=actions.When(
            said.mask,
            None if not said.days_off else said.days_off == "yes",
            said.starts,
            said.ends,
            said.season_starts,
            said.season_ends,
        ),
        rule=number,
    )


def _rule_values(known: RoutingRule | None) -> dict[str, Any]:
    if known is None:
        return {"weekdays": [str(day) for day in range(7)]}
    return {
        "category": known.category_id or "",
        "district": known.district_id or "",
        "target": f"{known.department_id}/{known.team_id}" if known.team_id else known.department_id,
        "weekdays": [str(day) for day in range(7) if known.weekdays >> day & 1],
        "days_off": {None: "", True: "yes", False: "no"}[known.holidays],
        "starts": f"{known.starts:%H:%M}" if known.starts else "",
        "ends": f"{known.ends:%H:%M}" if known.ends else "",
        "season_starts": known.season_starts,
        "season_ends": known.season_ends,
    }


@page("GET", "POST")
def remove_rule(request: HttpRequest, number: int) -> HttpResponse:
    """Take a rule away, after asking once."""
    actor = actor_of(request)
    found = show_rule(actor, number)
    if request.method == "POST":
        actions.remove_rule(actor, rule=number)
        return HttpResponseRedirect(reverse("reports:rules"))
    return render(request, "reports/remove_rule.html", {"rule": rule_view(found)})


@page("GET")
def teams(request: HttpRequest) -> HttpResponse:
    """The offices, with who stands above whom."""
    return render(request, "reports/teams.html", {"teams": list_teams(actor_of(request))})


def _keep_team(actor: Actor, post: QueryDict, code: Any) -> None:
    said = parse(KeepTeam, post, **({"code": code} if code else {}))
    known = {one.pk for one in list_teams(actor)}
    if not code and said.code in {"new", *known}:
        raise Invalid(fields={"code": _("There is one with this code already.")})
    if said.department not in labels().departments or said.parent not in {"", *known}:
        raise Invalid(fields={"department": _("Choose one of the departments.")})
    actions.set_team(
        actor,
        code=said.code,
        name=said.name,
        department=said.department,
        parent=said.parent or None,
        holder=_holder(actor, said.holder),
        holder_public=said.holder_public,
        active=said.active,
    )


def _holder(actor: Actor, login: str) -> UUID | None:
    try:
        return find_by_name(actor, login).pk if login else None
    except NotFound as error:
        raise Invalid(fields={"holder": _("Nobody here has this username or e-mail address.")}) from error


def _team_values(actor: Actor, code: str) -> dict[str, Any]:
    if not code:
        return {"active": "on"}
    known = show_team(actor, code)
    ticks = {"holder_public": known.holder_public, "active": known.active}
    return {
        **{f"name_{language}": name for language, name in known.name.items()},
        **{name: "on" for name, ticked in ticks.items() if ticked},
        "department": known.department_id,
        "parent": known.parent_id or "",
        "holder": known.holder.username if known.holder else "",
    }


@page("GET")
def categories(request: HttpRequest) -> HttpResponse:
    """The kinds of problems, with their department and term."""
    return render(request, "reports/categories.html", {"categories": list_all_categories(actor_of(request))})


def _keep_category(actor: Actor, post: QueryDict, code: Any) -> None:
    said = parse(KeepCategory, post, **({"code": code} if code else {}))
    if not code and said.code in {"new", *(one.pk for one in list_all_categories(actor))}:
        raise Invalid(fields={"code": _("There is one with this code already.")})
    if said.department not in {"", *labels().departments}:
        raise Invalid(fields={"department": _("Choose one of the departments.")})
    kept = show_category(actor, code) if code else Category()
    actions.set_category(
        actor,
        **said.model_dump(include={"code", "icon", "term_days", "private", "coarse", "needs_after_photo", "active"}),
        name=said.name,
        department=said.department or None,
        description=kept.description,
        group=kept.group,
        keywords=kept.keywords,
        questions=kept.questions,
        order=kept.order,
    )


def _category_values(actor: Actor, code: str) -> dict[str, Any]:
    if not code:
        return {"active": "on", "term_days": "10", "icon": "circle-alert"}
    known = show_category(actor, code)
    ticks = ("private", "coarse", "needs_after_photo", "active")
    return {
        **{f"name_{language}": name for language, name in known.name.items()},
        **{name: "on" for name in ticks if getattr(known, name)},
        "department": known.department_id or "",
        "term_days": str(known.term_days),
        "icon": known.icon,
    }


@page("GET")
def replies(request: HttpRequest) -> HttpResponse:
    """The ready-made words, by what they go with."""
    found = [
        {
            "code": one.pk,
            "title": text_of(one.title) or one.pk,
            "verb": ReplyVerb(one.verb).label,
            "fits": " · ".join(
                name for name in (category_name(one.category_id or ""), department_name(one.department_id)) if name
            ),
            "active": one.active,
        }
        for one in list_all_replies(actor_of(request))
    ]
    return render(request, "reports/replies.html", {"replies": found})


def _keep_reply(actor: Actor, post: QueryDict, code: Any) -> None:
    more = {"titles": _by_language(post, "title"), "texts": _by_language(post, "text")}
    said = parse(KeepReply, post, **more, **({"code": code} if code else {}))
    if not code and said.code in {"new", *(one.pk for one in list_all_replies(actor))}:
        raise Invalid(fields={"code": _("There is one with this code already.")})
    if said.category not in {"", *labels().categories} or said.department not in {"", *labels().departments}:
        raise Invalid(fields={"category": _("Choose a kind and a department from the lists.")})
    actions.set_reply(
        actor,
        code=said.code,
        verb=said.verb,
        title=said.titles,
        text=said.texts,
        category=said.category or None,
        department=said.department or None,
        active=said.active,
    )


def _by_language(post: QueryDict, name: str) -> dict[str, str]:
    given = {language: str(post.get(f"{name}_{language}", "")).strip() for language in LANGUAGES}
    return {language: text for language, text in given.items() if text}


def _reply_values(actor: Actor, code: str) -> dict[str, Any]:
    if not code:
        return {"active": "on"}
    known = show_reply(actor, code)
    return {
        **{f"title_{language}": text for language, text in known.title.items()},
        **{f"text_{language}": text for language, text in known.text.items()},
        **({"active": "on"} if known.active else {}),
        "verb": known.verb,
        "category": known.category_id or "",
        "department": known.department_id or "",
    }


@dataclass(frozen=True)
class Arranged:
    """One kind of thing that a clerk adds or changes by its code: its template and list, what its form holds at first,
    how it is kept, and what can be chosen."""

    template: str
    back: str
    values: Callable[[Actor, str], dict[str, Any]]
    keep: Callable[[Actor, QueryDict, Any], None]
    choices: Callable[[Actor, str], dict[str, Any]]


def _team_choices(actor: Actor, code: str) -> dict[str, Any]:
    above = [one for one in list_teams(actor) if one.pk != code and one.active]
    return {
        "departments": options(labels().departments, str(_("Choose a department"))),
        "parents": [("", str(_("Nobody"))), *((one.pk, text_of(one.name) or one.pk) for one in above)],
    }


def _category_choices(_actor: Actor, _code: str) -> dict[str, Any]:
    return {"departments": options(labels().departments, str(_("Nobody yet")))}


def _reply_choices(_actor: Actor, _code: str) -> dict[str, Any]:
    return {
        "verbs": ReplyVerb.choices,
        "categories": options(labels().categories, str(_("All kinds"))),
        "departments": options(labels().departments, str(_("All departments"))),
    }


TEAM = Arranged("reports/team.html", "reports:teams", _team_values, _keep_team, _team_choices)
CATEGORY = Arranged("reports/category.html", "reports:categories", _category_values, _keep_category, _category_choices)
REPLY = Arranged("reports/reply.html", "reports:replies", _reply_values, _keep_reply, _reply_choices)


@page("GET", "POST")
def team(request: HttpRequest, code: str = "") -> HttpResponse:
    """Add an office, or change one."""
    return _arrange(request, code, TEAM)


@page("GET", "POST")
def category(request: HttpRequest, code: str = "") -> HttpResponse:
    """Add a kind of problem, or change one."""
    return _arrange(request, code, CATEGORY)


@page("GET", "POST")
def reply(request: HttpRequest, code: str = "") -> HttpResponse:
    """Add ready-made words, or change some."""
    return _arrange(request, code, REPLY)


def _arrange(request: HttpRequest, code: str, what: Arranged) -> HttpResponse:
    actor = actor_of(request)
    demand(may_arrange(actor), actor)
    values = what.values(actor, code)
    errors: Errors = {}
    if request.method == "POST":
        errors = keep(what.keep, actor, request.POST, code)
        if not errors:
            return HttpResponseRedirect(reverse(what.back))
    context = {
        "code": code,
        "values": posted(request) or values,
        "errors": errors,
        "languages": LANGUAGES,
        **what.choices(actor, code),
    }
    return render(request, what.template, context, status=422 if errors else 200)


def keep(work: Any, actor: Actor, post: QueryDict, key: Any) -> Errors:
    """Do it; what was wrong, by field."""
    try:
        work(actor, post, key)
    except Invalid as error:
        return {"" if name == "form" else name: sentence for name, sentence in error.fields.items()}
    except Conflict as error:
        return {"": error.message}
    forget_labels()  # so that the next page of this process knows it already
    return {}


def posted(request: HttpRequest) -> dict[str, Any] | None:
    """What was typed, to show it again."""
    if request.method != "POST":
        return None
    values: dict[str, Any] = {name: str(value)[:2100] for name, value in request.POST.items()}
    return {**values, "weekdays": request.POST.getlist("weekdays")[:7]}
