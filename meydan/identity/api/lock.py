"""The door at which the browser that holds an ID gets the key to it, where its passkey cannot make one by itself: for
an answer of the passkey (WebAuthn, 7.2) in which it says that it has seen its owner."""

import struct

from allauth.mfa.webauthn.internal import auth
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from meydan.identity.inputs import LockAnswer, LockChallenge, LockSecret
from meydan.identity.models.credentials import keyed
from meydan.identity.policies import may_use_own_identity
from meydan.identity.tokens.jose import b64url
from meydan.kernel.errors import Invalid, SignInFirst
from meydan.kernel.http import actor_of, doors, json_door
from meydan.kernel.limits import check
from meydan.kernel.policy import demand

TRIES, SECONDS = 60, 600


def _holder(request: HttpRequest) -> AbstractBaseUser:
    actor, user = actor_of(request), request.user
    demand(may_use_own_identity(actor), actor)
    if not isinstance(user, AbstractBaseUser):
        raise SignInFirst
    check(f"identity.lock:{actor.person_id}", limit=TRIES, seconds=SECONDS)
    return user


@json_door(summary="Draw a challenge for the passkey that locks one's ID", gives=LockChallenge, errors=(401, 429))
def _draw(request: HttpRequest) -> LockChallenge:
    """To be answered once, in this session. It asks for the owner (user verification), whichever passkey answers."""
    _holder(request)
    return LockChallenge(challenge=auth.begin_authentication()["publicKey"]["challenge"])


@json_door(
    summary="Get the key to one's ID in this browser, for an answer of one's passkey",
    takes=LockAnswer,
    gives=LockSecret,
    errors=(401, 429),
)
def _open(request: HttpRequest, taken: LockAnswer) -> LockSecret:
    """The same secret each time for the same passkey; none once that was removed from the account."""
    user = _holder(request)
    try:
        passkey = auth.complete_authentication(user, taken.credential.model_dump())
    except (ValidationError, ValueError, TypeError, KeyError, IndexError, struct.error) as error:
        raise Invalid(fields={"credential": _("This is no answer of a passkey of yours.")}) from error
    return LockSecret(secret=b64url(keyed("lock", f"{user.pk}:{passkey.pk}")))


lock = doors(get=_draw, post=_open)
