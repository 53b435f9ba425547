"""Refusals by the specifications' own codes, for programs."""

from typing import ClassVar

from meydan.kernel.errors import MeydanError, Sentence


class Fault(MeydanError):
    """A refusal as OAuth 2.0 writes it: `code` is the specification's, the message is for who writes the program."""

    status: ClassVar[int] = 400
    default: ClassVar[Sentence] = "The request was refused."

    def __init__(self, code: str, description: str = "") -> None:
        super().__init__(description or None, code=code)


class Unauthorized(Fault):
    """No token, or one that opens nothing (RFC 6750, 3.1)."""

    status: ClassVar[int] = 401


class Broken(ValueError):
    """A token that is not what it says, or not written as it should be. The message says what, for the log of who
    wrote it; it never holds a value out of the token."""
