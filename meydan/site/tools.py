"""The pages that people of the city work with, by role: the home page offers each of them theirs."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from meydan.kernel.actor import Actor, Role
from meydan.site.frame import is_open
from meydan.ui.templating import url

READERS = (Role.OFFICER, Role.OPERATOR, Role.MODERATOR, Role.AUDITOR, Role.ADMIN)


@dataclass(frozen=True)
class Tool:
    """One page to work with; `at` is a url name, `roles` are those whom it lets in (tests/role_table.py)."""

    title: Promise
    icon: str
    at: str
    roles: Sequence[Role]

    @property
    def href(self) -> str:
        """Where it leads."""
        return url(self.at)


TOOLS = (
    Tool(_("Worklist"), "list-todo", "reports:work", READERS),
    Tool(_("Round"), "footprints", "reports:round", (Role.OFFICER,)),
    Tool(_("A call"), "phone-incoming", "reports:calls", (Role.OPERATOR,)),
    Tool(_("Ring back"), "phone-outgoing", "reports:ringback", (Role.OPERATOR,)),
    Tool(_("Photos to look at"), "scan-eye", "reports:photos", (Role.OFFICER, Role.OPERATOR, Role.MODERATOR)),
    Tool(_("Moderation"), "gavel", "moderation:queue", (Role.MODERATOR,)),
    Tool(_("Refused letters"), "mail-x", "reports:letters", (Role.OPERATOR, Role.MODERATOR, Role.ADMIN)),
    Tool(_("How content people are"), "smile", "reports:satisfaction", READERS),
    Tool(_("Who is responsible"), "route", "reports:rules", (Role.ADMIN,)),
    Tool(_("Offices"), "building-2", "reports:teams", (Role.ADMIN,)),
    Tool(_("Kinds of problems"), "tags", "reports:categories", (Role.ADMIN,)),
    Tool(_("Badges and rules"), "award", "club:rules", (Role.ADMIN,)),
    Tool(_("Districts"), "land-plot", "rollout:list", (Role.ADMIN,)),
    Tool(_("Webhooks"), "webhook", "webhooks:list", (Role.ADMIN,)),
    Tool(_("People and roles"), "users", "accounts:people", (Role.ADMIN,)),
)


def tools_of(actor: Actor) -> list[Tool]:
    """The tools of somebody's roles that this city runs."""
    return [tool for tool in TOOLS if actor.has(*tool.roles) and is_open(tool.at)]
