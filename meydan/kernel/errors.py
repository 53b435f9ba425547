"""Every refusal of Meydan: a code for programs, a status for HTTP and a sentence for the reader.

Rules raise these; doors turn them into a page or into problem+json (RFC 9457). The sentence is lazy, so that it is
said in the language of whoever reads it.
"""

from collections.abc import Mapping
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Sentence = str | Promise


class MeydanError(Exception):
    """A refusal. `status` is its HTTP status; `code` is stable and for programs; `message` is for people."""

    status: ClassVar[int] = 400
    code: str = "bad_request"
    default: ClassVar[Sentence] = _("This request could not be understood.")

    def __init__(self, message: Sentence | None = None, *, code: str | None = None) -> None:
        super().__init__(message or self.default)
        self.message: Sentence = message or self.default
        self.code = code or self.code
        self.fields: dict[str, Sentence] = {}

    def __str__(self) -> str:
        return str(self.message)


class SignInFirst(MeydanError):
    """Nobody is signed in, and the door asks for somebody."""

    status = 401
    code = "sign_in_first"
    default = _("Please sign in first.")


class Refused(MeydanError):
    """The policy said no; the message is the policy's reason."""

    status = 403
    code = "not_allowed"
    default = _("You may not do this.")


class NotFound(MeydanError):
    """It does not exist, or this actor may not know that it does."""

    status = 404
    code = "not_found"
    default = _("There is nothing here. Check the address or the number.")


class WrongMethod(MeydanError):
    """The address is right, the HTTP method is not: `Allow` names those that are."""

    status = 405
    code = "wrong_method"
    default = _("This address cannot be used in this way.")


class Conflict(MeydanError):
    """The thing has moved on since the reader saw it, for example a case that was closed meanwhile."""

    status = 409
    code = "conflict"
    default = _("This has changed meanwhile. Look at it again and then decide.")


class TooLarge(MeydanError):
    """More bytes than the door takes."""

    status = 413
    code = "too_large"
    default = _("This is too large to send. Use fewer or smaller files.")


class Invalid(MeydanError):
    """What was sent breaks a rule; `fields` says which, by field name."""

    status = 422
    code = "invalid"
    default = _("Something is missing or wrong. See the notes beside the fields.")

    def __init__(
        self, message: Sentence | None = None, *, fields: Mapping[str, Sentence] | None = None, code: str | None = None
    ) -> None:
        super().__init__(message, code=code)
        self.fields = dict(fields or {})


class TooMany(MeydanError):
    """A rate limit; `retry_after` is in seconds."""

    status = 429
    code = "too_many"
    default = _("Too many requests. Please wait a little and try again.")

    def __init__(self, message: Sentence | None = None, *, retry_after: int = 60) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(MeydanError):
    """A part that is needed does not answer now; trying later may help."""

    status = 503
    code = "unavailable"
    default = _("This is not available right now. Please try again in a few minutes.")
