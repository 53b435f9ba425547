"""The home page offers everybody the pages that they may work with, and no other."""

import pytest

from meydan.kernel.actor import VISITOR, Actor, Role
from meydan.site.tools import TOOLS, tools_of
from tests.role_table import ROLES
from tests.test_roles import ROWS


@pytest.mark.parametrize("role", list(Role))
def test_each_tool_opens_for_its_roles_alone(role: Role) -> None:
    answers = {row.path: dict(zip(ROLES, row.answers, strict=True)) for row in ROWS if row.method == "GET"}
    offered = {tool.href for tool in tools_of(Actor(roles=frozenset({role})))}
    opens = {tool.href for tool in TOOLS if answers[tool.href][str(role)] == "200"}
    for_all = {tool.href for tool in TOOLS if answers[tool.href]["visitor"] == "200" and role not in tool.roles}
    assert offered == opens - for_all, "a page that everybody reads is offered to who has work there"


def test_a_visitor_is_offered_none() -> None:
    assert tools_of(VISITOR) == []
