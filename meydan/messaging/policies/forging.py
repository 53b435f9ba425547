"""What people may not say of themselves: only the city does."""

from collections.abc import Sequence
from dataclasses import replace

from meydan.accounts.public import looks_official
from meydan.messaging.models.cases import DEPARTMENT_FIELD
from meydan.messaging.models.departments import OFFICIAL_AVATAR
from meydan.messaging.models.drafts import Draft
from meydan.messaging.models.errors import forbidden
from meydan.messaging.models.events import Content


def is_department(user_id: str) -> bool:
    """Whether this is a department's name: no account's begins so (accounts, `username_validator`)."""
    return user_id.startswith("@_")


def unforged(draft: Draft, sender: str, officials: Sequence[str]) -> Draft:
    """The draft without what its sender may not say. In a member event that is taken away: who lets people into a
    restricted room (`policies.joining`), unless `rooming` has just written it; and, of people, a name or picture of the
    city's. `M_FORBIDDEN` for a room that is called or looks so."""
    if is_department(sender) or draft.official:
        return draft
    if draft.type == "m.room.member":
        return _unforged_member(draft, officials)
    if draft.state_key is not None and _is_face(draft.type, draft.content, officials):
        raise forbidden("This name or picture is the city's own.")
    return draft


def _unforged_member(draft: Draft, officials: Sequence[str]) -> Draft:
    content = dict(draft.content)
    name = content.get("displayname")
    content.pop(DEPARTMENT_FIELD, None)
    if isinstance(name, str) and looks_official(name, officials):
        del content["displayname"]
    if is_official_picture(content.get("avatar_url")):
        del content["avatar_url"]
    if not draft.vouched:
        content.pop("join_authorised_via_users_server", None)
    return draft if content == draft.content else replace(draft, content=content)


def _is_face(kind: str, content: Content, officials: Sequence[str]) -> bool:
    name = content.get("name")
    if kind == "m.room.name":
        return isinstance(name, str) and looks_official(name, officials)
    return kind == "m.room.avatar" and is_official_picture(content.get("url"))


def is_official_picture(url: object) -> bool:
    """Whether this is the address of the picture that only departments show."""
    return isinstance(url, str) and url.startswith("mxc://") and url.endswith(f"/{OFFICIAL_AVATAR}")
