"""The club for everybody: what badges there are, who shows theirs, one's own, and looking at a credential."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from meydan.club import actions
from meydan.club.inputs import CheckCredential, ShowBadges
from meydan.club.models import MOST_LEVELS, Award, Badge, Rule
from meydan.club.queries.badges import (
    count_holders,
    find_award,
    find_badge,
    is_shown,
    list_badges,
    list_holders,
    list_leaders,
    list_own_contributions,
    list_progress,
    list_rules,
)
from meydan.club.queries.carriers import MAX_CARRIER, find_token
from meydan.club.queries.credentials import Checked, Outcome, address, check_credential
from meydan.club.queries.kinds import label_of
from meydan.kernel.errors import Invalid, NotFound
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.i18n import text_of
from meydan.kernel.inputs import parse

LOOKS = {
    Outcome.VALID: ("good", "badge-check"),
    Outcome.REVOKED: ("bad", "circle-x"),
    Outcome.NOT_OURS: ("warning", "landmark"),
    Outcome.BROKEN: ("bad", "circle-alert"),
}


def badge_view(badge: Badge) -> dict[str, Any]:
    """A badge as the pages show it."""
    rule = badge.rule
    return {
        "code": badge.pk,
        "name": text_of(badge.name) or badge.pk,
        "text": text_of(badge.text),
        "icon": badge.icon,
        "active": badge.active,
        "levels": rule.levels if rule else [],
        "acts": acts_of(rule) if rule else [],
        "per_day": rule.per_day if rule else 0,
        "per_week": rule.per_week if rule else 0,
    }


def acts_of(rule: Rule) -> list[str]:
    """What counts for a rule, in the reader's words."""
    return [label_of(kind) for kind in rule.kinds]


@page("GET")
def index(request: HttpRequest) -> HttpResponse:
    """What badges there are, how one earns them, and who holds most."""
    actor = actor_of(request)
    holders = count_holders(actor)
    found = [one for one in list_badges(actor) if one.active]
    badges = [{**badge_view(one), "holders": holders.get(one.pk, 0)} for one in found]
    progress = {} if actor.is_visitor else {one.badge.pk: one for one in list_progress(actor)}
    context = {"badges": badges, "progress": progress, "leaders": list_leaders(actor), "shown": is_shown(actor)}
    return render(request, "club/index.html", context)


@page("GET")
def badge(request: HttpRequest, code: str) -> HttpResponse:
    """One badge: its criteria, who shows it, and every rule that it was earned by."""
    return _badge(request, find_badge(actor_of(request), code), 0)


@page("GET")
def level(request: HttpRequest, code: str, level: int) -> HttpResponse:
    """The same, for one level: where a credential's achievement leads."""
    if not 1 <= level <= MOST_LEVELS:
        raise NotFound
    return _badge(request, find_badge(actor_of(request), code), level)


def _badge(request: HttpRequest, found: Badge, level: int) -> HttpResponse:
    actor = actor_of(request)
    versions = [
        {"version": one.version, "at": one.made_at, "levels": one.levels, "acts": acts_of(one), "rule": one}
        for one in list_rules(actor, found)
    ]
    context = {
        "badge": badge_view(found),
        "level": level,
        "holders": list_holders(actor, found),
        "count": count_holders(actor).get(found.pk, 0),
        "versions": versions,
        "picture": address("club:picture_png", code=found.pk, level=level or 1),
    }
    return render(request, "club/badge.html", context)


@page("GET")
def award(request: HttpRequest, key: UUID) -> HttpResponse:
    """An award by its address, as it stands in its credential."""
    found = find_award(actor_of(request), key)
    return render(request, "club/award.html", {"award": found, "badge": badge_view(found.badge)})


@page("GET")
def mine(request: HttpRequest) -> HttpResponse:
    """My badges, how far I am with the others, and what has counted."""
    actor = actor_of(request)
    context = {
        "progress": [{**badge_view(one.badge), "way": one} for one in list_progress(actor)],
        "contributions": [{"label": label_of(one.kind), "row": one} for one in list_own_contributions(actor)],
        "shown": is_shown(actor),
    }
    return render(request, "club/mine.html", context)


@page("POST")
def show(request: HttpRequest) -> HttpResponse:
    """Have others see my badges, or not."""
    shown = parse(ShowBadges, request.POST).shown
    actions.show_badges(actor_of(request), shown=shown)
    messages.success(request, _("Others see your badges.") if shown else _("Only you see your badges."))
    return HttpResponseRedirect(reverse("club:mine"))


@page("GET", "POST")
def verify(request: HttpRequest) -> HttpResponse:
    """Look at a credential that somebody shows."""
    if request.method != "POST":
        return render(request, "club/verify.html", {"errors": {}, "values": {}})
    actions.limit_checking(actor_of(request))
    try:
        said = parse(CheckCredential, request.POST)
        checked = check_credential(_token_in(request, said.token), email=said.email)
    except Invalid as error:
        values = {name: request.POST.get(name, "")[:MAX_CARRIER] for name in ("token", "email")}
        return render(request, "club/verify.html", {"errors": error.fields, "values": values}, status=422)
    return render(request, "club/verify.html", {"errors": {}, "values": {}, **_result(checked)})


def _token_in(request: HttpRequest, typed: str) -> str:
    """The credential in the file, else in the text. Raises `Invalid` where there is none."""
    file = request.FILES.get("file")
    if file is not None and (file.size or 0) > MAX_CARRIER:
        raise Invalid(fields={"file": _("This file is too large. A badge has at most 1 MB.")})
    token = find_token(file.read(MAX_CARRIER + 1) if file is not None else typed.encode())
    if not token:
        where = "file" if file is not None else "token"
        sentence = _("There is no badge in it. Choose the file that was downloaded, or paste its text.")
        raise Invalid(fields={where: sentence})
    return token


def _result(checked: Checked) -> dict[str, Any]:
    tone, sign = LOOKS[checked.outcome]
    award: Award | None = checked.award
    return {
        "checked": checked,
        "tone": tone,
        "sign": sign,
        "award": award,
        "badge": badge_view(award.badge) if award else None,
    }
