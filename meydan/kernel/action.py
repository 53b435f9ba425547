"""Actions: the only way the world changes.

An action opens the transaction, asks its policy, does its work and records what happened. With the facts, one job for
each reaction is enqueued in the same transaction. An action that records nothing is a fault and is rolled back.
"""

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from django.db import transaction

from meydan.kernel import reactions
from meydan.kernel.actor import Actor
from meydan.kernel.facts import Scope, scope_of, store
from meydan.kernel.policy import Verdict, demand

P = ParamSpec("P")
R = TypeVar("R")
K = TypeVar("K")
T = TypeVar("T")


class NoFactRecorded(RuntimeError):
    """An action changed the world and recorded no fact. Its transaction is rolled back."""


def action(
    *, policy: Callable[[Actor], Verdict]
) -> Callable[[Callable[Concatenate[Actor, P], R]], Callable[Concatenate[Actor, P], R]]:
    """An action about nothing that exists yet, or about nothing in particular.

    `policy(actor)` decides. Raises `SignInFirst` or `Refused` when it says no.
    """

    def decorate(work: Callable[Concatenate[Actor, P], R]) -> Callable[Concatenate[Actor, P], R]:
        @functools.wraps(work)
        def run(actor: Actor, /, *args: P.args, **kwargs: P.kwargs) -> R:
            with transaction.atomic(), scope_of(actor) as scope:
                demand(policy(actor), actor)
                result = work(actor, *args, **kwargs)
                _close(work, scope)
            return result

        return run

    return decorate


def action_on(
    on: Callable[[Actor, K], T], *, policy: Callable[[Actor, T], Verdict]
) -> Callable[[Callable[Concatenate[Actor, T, P], R]], Callable[Concatenate[Actor, K, P], R]]:
    """An action on one row: callers pass its key, the action gets the row, locked.

    `on(actor, key)` reads and locks the row and raises `NotFound` when the actor may not see it; then `policy(actor,
    row)` decides.
    """

    def decorate(work: Callable[Concatenate[Actor, T, P], R]) -> Callable[Concatenate[Actor, K, P], R]:
        @functools.wraps(work)
        def run(actor: Actor, key: K, /, *args: P.args, **kwargs: P.kwargs) -> R:
            with transaction.atomic(), scope_of(actor) as scope:
                row = on(actor, key)
                demand(policy(actor, row), actor)
                result = work(actor, row, *args, **kwargs)
                _close(work, scope)
            return result

        return run

    return decorate


def _close(work: Callable[..., object], scope: Scope) -> None:
    if not scope.facts:
        raise NoFactRecorded(f"{work.__module__}.{work.__qualname__} recorded no fact")
    reactions.enqueue(store(scope.actor, scope.facts))
