"""Verdicts of the messenger: as in `meydan.kernel.policy`, with the errcode and the English sentence of Matrix."""

import msgspec

from meydan.messaging.models.errors import MatrixError


class Verdict(msgspec.Struct, frozen=True):
    """The answer of a rule. True in a condition when it allows. `errcode` is one of client-server API, "Standard error
    response"; `reason` says in English what stands in the way."""

    allowed: bool
    reason: str = ""
    errcode: str = "M_FORBIDDEN"

    def __bool__(self) -> bool:
        return self.allowed


ALLOW = Verdict(True)


def refuse(reason: str, errcode: str = "M_FORBIDDEN") -> Verdict:
    """A no, with its reason."""
    return Verdict(False, reason, errcode)


def demand(verdict: Verdict) -> None:
    """Raise `MatrixError` unless the verdict allows: 403 for M_FORBIDDEN, 400 for all else."""
    if not verdict:
        raise MatrixError(403 if verdict.errcode == "M_FORBIDDEN" else 400, verdict.errcode, verdict.reason)
