"""The overview of one entry for its team: what is to do, where it stands, handing in, the team, and what happened."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from meydan.kernel.actor import Actor
from meydan.kernel.config import config
from meydan.kernel.errors import NotFound, Sentence
from meydan.kernel.http import actor_of, page
from meydan.kernel.inputs import parse
from meydan.moderation.public import find_review, place_in_queue
from meydan.store import actions
from meydan.store.inputs import Chosen, HandIn, Invite, NameToken
from meydan.store.models import App, Stage, TeamRole, store_rules
from meydan.store.pages.forms import Errors, answer, settle, typed
from meydan.store.pages.looks import kind_look
from meydan.store.pages.working import tasks_of, verbs_of
from meydan.store.policies import is_owner, role_in
from meydan.store.queries import (
    check_app,
    faults_in,
    find_inside,
    has_news,
    list_happenings,
    list_members,
    list_tokens,
)
from meydan.ui.templating import url

HAPPENINGS: Mapping[str, Sentence] = {
    "store.app_drafted": gettext_lazy("Begun"),
    "store.app_changed": gettext_lazy("Changed"),
    "store.app_handed_in": gettext_lazy("Handed in"),
    "store.app_taken_back": gettext_lazy("Taken back"),
    "store.app_published": gettext_lazy("Published"),
    "store.app_returned": gettext_lazy("Came back from the moderators"),
    "store.app_withdrawn": gettext_lazy("Withdrawn"),
    "store.app_taken_off": gettext_lazy("Taken off by a moderator"),
    "store.app_put_back": gettext_lazy("Put back by another moderator"),
    "store.app_featured": gettext_lazy("Put on top of the store, or taken down from there"),
    "store.release_added": gettext_lazy("A version was added"),
    "store.release_published": gettext_lazy("A version was published"),
    "store.release_withdrawn": gettext_lazy("A version was withdrawn"),
    "store.release_scanned": gettext_lazy("The malware scanner has looked at a version again"),
    "store.malware_found": gettext_lazy("Malware was found in a version"),
    "store.member_invited": gettext_lazy("Somebody was asked into the team"),
    "store.member_joined": gettext_lazy("Somebody joined the team"),
    "store.member_left": gettext_lazy("Somebody left the team"),
    "store.ownership_offered": gettext_lazy("The entry was offered to another owner"),
    "store.ownership_passed": gettext_lazy("The entry has another owner"),
    "store.token_issued": gettext_lazy("A token was made"),
    "store.token_revoked": gettext_lazy("A token was revoked"),
    "moderation.review_taken": gettext_lazy("A moderator looks at it"),
    "moderation.review_approved": gettext_lazy("A moderator has agreed"),
    "moderation.review_sent_back": gettext_lazy("A moderator asks for changes"),
    "moderation.review_refused": gettext_lazy("A moderator has refused"),
    "moderation.review_appealed": gettext_lazy("An appeal was made"),
    "moderation.thing_flagged": gettext_lazy("Somebody said that something is wrong"),
}
"""What happened, as people call it. What is not here says the same as another one: nobody is told it twice."""


@page("GET")
def manage(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything about one entry, and the next step."""
    return _show_manage(request, find_inside(actor_of(request), slug), {})


def _show_manage(request: HttpRequest, app: App, errors: Errors) -> HttpResponse:
    actor = actor_of(request)
    context = {
        "kind": kind_look(app.kind),
        "tasks": tasks_of(app),
        "verbs": verbs_of(app),
        "owner": is_owner(actor, app),
        "edits": role_in(actor, app) is TeamRole.EDITOR,
        "news": has_news(app),
        "asked": actor.person_id in app.invited,
        "offered": actor.person_id is not None and actor.person_id == app.successor_id,
        "review": find_review(app.reference),
        "place": place_in_queue(app.reference) if app.stage == Stage.WAITING else None,
        "waiting": sorted(str(_FIELDS[name]) for name in app.pending if name in _FIELDS),
    }
    return answer(request, "store/manage.html", app, context, errors)


_FIELDS = {
    "title": gettext_lazy("Name"),
    "summary": gettext_lazy("In one sentence"),
    "description": gettext_lazy("Description"),
    "address": gettext_lazy("Address"),
    "icon_id": gettext_lazy("Icon"),
    "category_id": gettext_lazy("Category"),
    "screenshots": gettext_lazy("Screenshots"),
}


@page("POST")
def act(request: HttpRequest, slug: str, verb: str) -> HttpResponse:
    """Take back, withdraw, join, decline, take over."""
    deeds: dict[str, Any] = {
        "take-back": lambda actor: actions.take_app_back(actor, slug),
        "withdraw": lambda actor: actions.withdraw_app(actor, slug),
        "join": lambda actor: actions.answer_invitation(actor, slug, accept=True),
        "decline": lambda actor: actions.answer_invitation(actor, slug, accept=False),
        "take-over": lambda actor: actions.take_over(actor, slug),
    }
    if verb not in deeds:
        raise NotFound
    if verb == "decline":
        deeds[verb](actor_of(request))
        return HttpResponseRedirect(url("store:mine"))
    return settle(request, slug, deeds[verb], _show_manage)


@page("GET", "POST")
def hand_in(request: HttpRequest, slug: str) -> HttpResponse:
    """What is checked by itself, the charter's questions, and handing in."""
    if request.method != "POST":
        return _show_hand_in(request, find_inside(actor_of(request), slug), {})
    return settle(request, slug, lambda actor: _hand_in(request, actor, slug), _show_hand_in)


def _hand_in(request: HttpRequest, actor: Actor, slug: str) -> None:
    actions.hand_in_app(actor, slug, answers=parse(HandIn, request.POST).model_dump())


def _show_hand_in(request: HttpRequest, app: App, errors: Errors) -> HttpResponse:
    context = {
        "checks": check_app(app),
        "faulty": bool(faults_in(app)),
        "strict": store_rules().about_city == "exclusively",
        "can": "hand_in" in verbs_of(app) and has_news(app),
        "all_public": not has_news(app),
        "values": typed(request) if errors else app.answers,
    }
    return answer(request, "store/hand_in.html", app, context, errors)


@page("GET", "POST")
def team(request: HttpRequest, slug: str) -> HttpResponse:
    """Who works on it, and which programs may upload."""
    if request.method != "POST":
        return _show_team(request, find_inside(actor_of(request), slug), {})
    if request.POST.get("do") == "token":
        return _new_token(request, slug)
    return settle(request, slug, lambda actor: _change_team(request, actor, slug), _show_team, "store:team")


def _change_team(request: HttpRequest, actor: Actor, slug: str) -> None:
    verb = request.POST.get("do")
    if verb == "invite":
        said = parse(Invite, request.POST)
        actions.invite_member(actor, slug, username=said.username, role=said.role)
    elif verb == "revoke":
        actions.revoke_token(actor, slug, token=parse(Chosen, request.POST).number)
    elif verb == "offer":
        actions.offer_ownership(actor, slug, member=parse(Chosen, request.POST).number)
    else:
        actions.remove_member(actor, slug, member=parse(Chosen, request.POST).number)


def _new_token(request: HttpRequest, slug: str) -> HttpResponse:
    """The token is on this one page only."""
    made: list[str] = []
    answered = settle(request, slug, lambda actor: made.append(_issue(request, actor, slug)), _show_team, "store:team")
    return _show_team(request, find_inside(actor_of(request), slug), {}, made[0]) if made else answered


def _issue(request: HttpRequest, actor: Actor, slug: str) -> str:
    return actions.issue_token(actor, slug, name=parse(NameToken, request.POST).name)


def _show_team(request: HttpRequest, app: App, errors: Errors, token: str = "") -> HttpResponse:
    actor = actor_of(request)
    owner = is_owner(actor, app)
    context = {
        "members": list_members(actor, app),
        "tokens": list_tokens(actor, app) if owner else [],
        "roles": TeamRole.choices,
        "owner": owner,
        "token": token,
        "values": typed(request) if errors else {},
        "upload_address": f"{config().base_url}{url('store:api_upload')}",
    }
    return answer(request, "store/team.html", app, context, errors)


@page("GET")
def history(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything that happened to an entry, and who did it: the team, the moderators or the city's machinery."""
    app = find_inside(actor_of(request), slug)
    sides = {"team": _("The team"), "moderators": _("The moderators"), "system": _("By itself")}
    items = [
        {"moment": one.at, "title": HAPPENINGS[one.name], "who": sides[one.side]}
        for one in reversed(list_happenings(actor_of(request), app))
        if one.name in HAPPENINGS
    ]
    return answer(request, "store/history.html", app, {"items": items}, {})
