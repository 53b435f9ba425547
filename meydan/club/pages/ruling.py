"""The administrators' pages: badges and their rules, which can be tried before they are kept."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from meydan.club import actions
from meydan.club.inputs import KeepBadge
from meydan.club.models import ICONS, Badge
from meydan.club.pages.showing import badge_view
from meydan.club.policies import may_set_badges
from meydan.club.queries.badges import count_holders, find_badge, list_badges
from meydan.club.queries.counting import Trial, try_rule
from meydan.club.queries.kinds import KINDS
from meydan.kernel.actor import Actor
from meydan.kernel.errors import Conflict, Invalid
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.i18n import LANGUAGES
from meydan.kernel.inputs import parse
from meydan.kernel.policy import demand

MAX_TYPED = 2000


def _administrator(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    demand(may_set_badges(actor), actor)
    return actor


@page("GET")
def rules(request: HttpRequest) -> HttpResponse:
    """All badges, those that are not given any more too."""
    actor = _administrator(request)
    holders = count_holders(actor)
    badges = [{**badge_view(one), "holders": holders.get(one.pk, 0)} for one in list_badges(actor)]
    return render(request, "club/rules.html", {"badges": badges})


@page("GET", "POST")
def rule(request: HttpRequest, code: str = "") -> HttpResponse:
    """Add a badge or change one; or only try whom its rule would honour."""
    actor = _administrator(request)
    badge = find_badge(actor, code) if code else None
    if request.method != "POST":
        return _form(request, badge, _values(badge), {})
    try:
        said = _said(request.POST, badge)
        if said.do == "try":
            draft = actions.draft_rule(
                said.code, kinds=said.kinds, levels=said.steps, per_day=said.per_day, per_week=said.per_week
            )
            return _form(request, badge, _typed(request.POST), {}, try_rule(actor, draft))
        _keep(actor, said)
    except (Invalid, Conflict) as error:
        return _form(request, badge, _typed(request.POST), error.fields or {"": error.message})
    messages.success(request, _("Saved. Whoever reaches the badge by the new rule gets it within minutes."))
    return HttpResponseRedirect(reverse("club:rules"))


def _said(post: QueryDict, badge: Badge | None) -> KeepBadge:
    more = {"names": _by_language(post, "name"), "texts": _by_language(post, "text")}
    said = parse(KeepBadge, post, **more, **({"code": badge.pk} if badge else {}))
    if badge is None and (said.code == "new" or Badge.objects.filter(pk=said.code).exists()):
        raise Invalid(fields={"code": _("There is one with this code already.")})
    return said


def _by_language(post: QueryDict, name: str) -> dict[str, str]:
    given = {language: str(post.get(f"{name}_{language}", "")).strip() for language in LANGUAGES}
    return {language: words for language, words in given.items() if words}


def _keep(actor: Actor, said: KeepBadge) -> None:
    actions.set_badge(
        actor,
        code=said.code,
        name=said.names,
        text=said.texts,
        icon=said.icon,
        kinds=said.kinds,
        levels=said.steps,
        per_day=said.per_day,
        per_week=said.per_week,
        position=said.position,
        active=said.active,
    )


def _values(badge: Badge | None) -> dict[str, Any]:
    """What the form holds at first."""
    if badge is None or badge.rule is None:
        return {"active": "on", "icon": "award", "levels": "1 5 20", "per_day": 3, "per_week": 10, "kinds": []}
    rule = badge.rule
    return {
        **{f"name_{language}": words for language, words in badge.name.items()},
        **{f"text_{language}": words for language, words in badge.text.items()},
        "icon": badge.icon,
        "kinds": rule.kinds,
        "levels": " ".join(map(str, rule.levels)),
        "per_day": rule.per_day,
        "per_week": rule.per_week,
        "position": badge.position,
        "active": "on" if badge.active else "",
    }


def _typed(post: QueryDict) -> dict[str, Any]:
    values: dict[str, Any] = {name: str(value)[:MAX_TYPED] for name, value in post.items()}
    return {**values, "kinds": post.getlist("kinds")[: len(KINDS)]}


def _form(
    request: HttpRequest, badge: Badge | None, values: dict[str, Any], errors: Any, trial: Trial | None = None
) -> HttpResponse:
    context = {
        "badge": badge_view(badge) if badge else None,
        "values": values,
        "errors": errors,
        "languages": LANGUAGES,
        "icons": ICONS,
        "kinds": [(kind.code, kind.label) for kind in KINDS.values()],
        "trial": trial,
    }
    return render(request, "club/rule.html", context, status=422 if errors else 200)
