"""The JSON door, for administrators: which programs are told."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from pydantic import BaseModel

from meydan.kernel.http import actor_of, doors, json_door
from meydan.webhooks import actions
from meydan.webhooks.inputs import NewHook
from meydan.webhooks.models import Hook
from meydan.webhooks.queries import list_hooks, show_hook


class HookView(BaseModel):
    """A webhook. `secret` is there only in the answer to its making; `rate` is what the address allows a minute."""

    id: UUID
    name: str
    url: str
    kinds: list[str]
    active: bool
    agreed_at: datetime | None
    refusal: str
    rate: int | None
    failing_since: datetime | None
    stopped_at: datetime | None
    secret: str | None = None


class HookList(BaseModel):
    """All webhooks."""

    hooks: list[HookView]


class Removed(BaseModel):
    """What is gone."""

    id: UUID


def _view(hook: Hook, secret: str | None = None) -> HookView:
    return HookView(
        id=hook.pk,
        name=hook.name,
        url=hook.url,
        kinds=hook.kinds,
        active=hook.active,
        agreed_at=hook.agreed_at,
        refusal=hook.asked_said,
        rate=hook.rate or None,
        failing_since=hook.failing_since,
        stopped_at=hook.stopped_at,
        secret=secret,
    )


@json_door(summary="The programs that are told what happens to public reports", gives=HookList, errors=(401, 403))
def listed(request: HttpRequest) -> HookList:
    """All of them."""
    return HookList(hooks=[_view(hook) for hook in list_hooks(actor_of(request))])


@json_door(summary="Add a webhook", takes=NewHook, gives=HookView, status=201, errors=(401, 403, 409))
def add(request: HttpRequest, taken: NewHook) -> HookView:
    """Add one; its secret is told this once."""
    hook, secret = actions.add_hook(actor_of(request), name=taken.name, url=taken.url, kinds=taken.wanted)
    return _view(hook, secret)


@json_door(summary="One webhook", gives=HookView, errors=(401, 403, 404))
def show(request: HttpRequest, key: UUID) -> HookView:
    """How it fares."""
    return _view(show_hook(actor_of(request), key))


@json_door(summary="Remove a webhook", gives=Removed, errors=(401, 403, 404))
def remove(request: HttpRequest, key: UUID) -> Removed:
    """Tell it nothing more."""
    actions.remove_hook(actor_of(request), key)
    return Removed(id=key)


hooks = doors(get=listed, post=add)
hook = doors(get=show, delete=remove)
