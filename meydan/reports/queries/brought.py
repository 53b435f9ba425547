"""Pictures that were brought before their report: each is known by a signed token, whoever has it brought it."""

from collections.abc import Iterable

from django.core import signing
from django.utils.translation import gettext as _

from meydan.kernel.errors import Invalid

_SALT = "meydan.reports.photo"
_DAY = 24 * 3600


def token_of(sha256: str) -> str:
    """A token that stands for a stored picture which this form has brought; good for a day."""
    return signing.dumps(sha256, salt=_SALT)


def shas_of(tokens: Iterable[str]) -> list[str]:
    """The sha256s behind the tokens. `Invalid` when one is not ours or too old."""
    try:
        return [str(signing.loads(token, salt=_SALT, max_age=_DAY)) for token in tokens]
    except signing.BadSignature as error:
        raise Invalid(fields={"photos": _("A photo was kept too long. Choose it again.")}) from error
