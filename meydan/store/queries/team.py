"""Who works on an entry, and what happened to it."""

from dataclasses import dataclass
from datetime import datetime

from meydan.kernel.actor import Actor
from meydan.kernel.facts import facts_about
from meydan.kernel.policy import demand
from meydan.store.models import App, Member, Token
from meydan.store.policies import may_own, may_see_inside


@dataclass(frozen=True)
class Happening:
    """A line of an entry's audit trail; `side`: team, moderators or system."""

    name: str
    side: str
    at: datetime


def list_members(actor: Actor, app: App) -> list[Member]:
    """The team and those who are asked into it, for those inside."""
    return list(app.members.select_related("person").order_by("pk")) if may_see_inside(actor, app) else []


OURS = ("store.", "moderation.")
"""Whose facts its team is told; others note things about an entry for themselves."""


def list_tokens(actor: Actor, app: App) -> list[Token]:
    """The tokens that hold, for the owner."""
    demand(may_own(actor, app), actor)
    return list(app.tokens.filter(revoked_at=None).order_by("pk"))


def list_happenings(actor: Actor, app: App) -> list[Happening]:
    """Everything that happened to the entry, the newest first. Who of the moderators it was is not told."""
    if not may_see_inside(actor, app):
        return []
    team = {app.owner_id, *app.team}
    return [
        Happening(one.name, "team" if one.actor in team else "moderators" if one.actor else "system", one.recorded_at)
        for one in facts_about(app.reference)
        if one.name.startswith(OURS)
    ]
