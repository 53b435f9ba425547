"""A device that is known again without an account: a signed random number in a cookie, known to us by a keyed hash.

It tells two visitors behind one address apart, for limits and for "me too". It says nothing of a person, no fact holds
it, and whoever deletes the cookie is somebody new.
"""

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpResponse
from django.utils.crypto import salted_hmac

DEVICE_COOKIE = "meydan_device"
DEVICE_COOKIE_SECONDS = 365 * 24 * 3600
_SALT = "meydan.device"


def new_device_cookie() -> str:
    """The cookie's value for a device that has none."""
    return signing.dumps(secrets.token_urlsafe(12), salt=_SALT)


def device_of(cookie: str) -> str:
    """The keyed hash (64 hexadecimal digits) of the device that bears this cookie; "" when it is none of ours."""
    if not cookie:
        return ""
    try:
        number = signing.loads(cookie, salt=_SALT, max_age=DEVICE_COOKIE_SECONDS)
    except signing.BadSignature:
        return ""
    return salted_hmac(_SALT, str(number), algorithm="sha256").hexdigest()


def give_device(response: HttpResponse, cookie: str) -> None:
    """Let this browser be known again, without an account."""
    response.set_cookie(
        DEVICE_COOKIE,
        cookie,
        max_age=DEVICE_COOKIE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def sender_mark(email: str) -> str:
    """The keyed hash of a letter's sender, who has no device: a block reaches them by it. "" for no address."""
    return salted_hmac(f"{_SALT}.sender", email.lower(), algorithm="sha256").hexdigest() if email else ""
