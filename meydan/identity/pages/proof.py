"""The second proof: whatever is done with an identity needs a passkey or an authenticator's code, given lately.

A password alone, and a phone that lies about unlocked, open nothing here (ASVS 6.3.3; docs/security/identity.md).
"""

import functools
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import suspend_request
from allauth.mfa.models import Authenticator
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse

from meydan.accounts.public import has_second_proof
from meydan.kernel.errors import SignInFirst
from meydan.kernel.http import actor_of

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
PROOF_SECONDS = 15 * 60


def is_proven(request: HttpRequest, *, since: datetime | None = None) -> bool:
    """Whether a second proof was given in this session, within the last quarter of an hour, and not before `since`."""
    last = max((one["at"] for one in proofs_given(request) if one.get("method") == "mfa"), default=0)
    return time.time() - last <= PROOF_SECONDS and (since is None or last >= since.timestamp())


def proofs_given(request: HttpRequest) -> list[dict[str, Any]]:
    """By what the person has proven in this session who they are, the latest last: `method`, `type` for a second proof,
    `at` in seconds since 1970."""
    return sorted(get_authentication_records(request, _user(request)), key=lambda one: float(one.get("at", 0)))


def _user(request: HttpRequest) -> AbstractBaseUser | None:
    user = request.user
    return user if isinstance(user, AbstractBaseUser) else None


def second_proof(view: View[P]) -> View[P]:
    """Let nobody in without it: they are led to prove it and back, or to secure their account first."""

    @functools.wraps(view)
    def proven(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        actor = actor_of(request)
        if actor.person_id is None:
            raise SignInFirst
        if not has_second_proof(actor.person_id):
            return redirect("identity:secure")
        return view(request, *args, **kwargs) if is_proven(request) else way_to_proof(request)

    return proven


def way_to_proof(request: HttpRequest) -> HttpResponse:
    """Where a second proof is given, and back to here. A button that was pressed is pressed once more after the proof;
    what was typed is not kept for that."""
    kinds = set(Authenticator.objects.filter(user_id=actor_of(request).person_id).values_list("type", flat=True))
    name = "mfa_reauthenticate" if Authenticator.Type.TOTP in kinds else "mfa_reauthenticate_webauthn"
    if request.method == "POST" and set(request.POST) <= {"csrfmiddlewaretoken"}:
        suspended: HttpResponse = suspend_request(request, reverse(name))
        return suspended
    return HttpResponseRedirect(f"{reverse(name)}?{urlencode({'next': request.get_full_path()})}")
