"""One parser for each command of identity."""

from datetime import date
from typing import Annotated, Literal
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, Field, field_validator, model_validator

from meydan.accounts.public import LOOPBACK
from meydan.identity.models import Given
from meydan.identity.models.identities import NUMBER_LENGTH
from meydan.identity.models.mrz import MAX_LENGTH, MrzError, read_mrz
from meydan.identity.models.presenting import (
    MAX_PARTY_NAME,
    MAX_PURPOSE,
    MAX_REDIRECT,
    MOST_A_DAY,
    MOST_REDIRECTS,
)
from meydan.identity.models.wishes import MAX_WISH_WORDS
from meydan.kernel.city import city_today
from meydan.kernel.errors import Sentence
from meydan.kernel.inputs import Input

MRZ_FAULTS: dict[str, Sentence] = {
    "lines": _("A machine-readable zone has two lines of 36 or 44 characters, or three of 30. Copy all of it."),
    "letters": _("There are characters in it that no such zone has. Only A to Z, 0 to 9 and < stand there."),
    "date": _("A date in it cannot be read. Check the second line."),
    "number": _("The document's number does not fit its check digit. Compare it with your document."),
    "birth_date": _("The birth date does not fit its check digit. Compare it with your document."),
    "expires": _("The expiry date does not fit its check digit. Compare it with your document."),
    "optional": _("The last part does not fit its check digit. Compare it with your document."),
    "composite": _("The last check digit does not fit. Compare all lines with your document."),
}
Name = Annotated[str, Field(max_length=120)]


class Answer(Input):
    """What is done at the step that the application has come to."""

    do: Literal["begin", "consent", "number", "document", "picture", "back", "withdraw"]


class Consent(Input):
    """Whether a machine may compare the faces."""

    agrees: bool


class GiveNumber(Input):
    """The national ID number, as it stands on the document."""

    number: str = Field(min_length=3, max_length=NUMBER_LENGTH, pattern=r"^[0-9A-Za-z][0-9A-Za-z /.-]*$")


class GiveDocument(Input):
    """The document: its machine-readable zone, or what stands on it."""

    zone: str = Field("", max_length=MAX_LENGTH)
    family_name: Name = ""
    given_name: Name = ""
    birth_date: date | None = None
    document: str = Field("", max_length=32)

    def read(self) -> Given:
        """What was given. Raises `ValueError` with a sentence."""
        if not self.zone:
            return Given(
                family_name=self.family_name,
                given_name=self.given_name,
                birth_date=self.birth_date,
                document=self.document,
            )
        try:
            zone = read_mrz(self.zone, today=city_today())
        except MrzError as error:
            raise ValueError(MRZ_FAULTS[error.what]) from error
        return Given(
            family_name=zone.family_name[:120],
            given_name=zone.given_name[:120],
            birth_date=zone.birth_date,
            document=zone.number[:32],
            expires=zone.expires,
            from_zone=True,
        )

    @model_validator(mode="after")
    def _is_whole(self) -> "GiveDocument":
        given = self.read()
        if not (given.family_name and given.given_name and given.birth_date):
            raise ValueError(_("Copy the machine-readable zone, or fill in your names and your birth date."))
        if given.birth_date > city_today():
            raise ValueError(_("This birth date lies in the future."))
        return self


class GivePicture(Input):
    """The challenge that the pictures answer, where there was a camera; `at`: milliseconds of each frame."""

    nonce: str = Field("", max_length=64)
    at: list[int] = Field(default=[], max_length=20)


class Decide(Input):
    """An officer's decision."""

    do: Literal["accept", "refuse", "back"]
    reason: str = Field("", max_length=20)
    text: str = Field("", max_length=1000)


class SeePerson(Input):
    """What the clerk does at the counter."""

    code: str = Field(min_length=8, max_length=20)
    document: str = Field("", max_length=20)
    pin: str = Field("", max_length=12)
    again: str = Field("", max_length=12)


class Challenge(BaseModel):
    """A drawn challenge."""

    nonce: str
    poses: list[str]
    seconds: int


class LockChallenge(BaseModel):
    """What a passkey is to answer (base64url)."""

    challenge: str


PasskeyPart = Annotated[str, Field(max_length=4000)]


class _PasskeySaid(Input):
    clientDataJSON: PasskeyPart
    authenticatorData: PasskeyPart
    signature: PasskeyPart


class _Passkey(Input):
    id: PasskeyPart
    rawId: PasskeyPart
    type: Literal["public-key"]
    response: _PasskeySaid


class LockAnswer(Input):
    """A passkey's answer, as WebAuthn writes it in JSON (AuthenticationResponseJSON)."""

    credential: _Passkey


class LockSecret(BaseModel):
    """32 bytes (base64url)."""

    secret: str


# Counters and relying parties

ClaimName = Annotated[str, Field(max_length=40)]


class AskAtCounter(Input):
    """What a clerk asks for; the names with `is_` are what they typed in to have it compared."""

    party: str = Field(max_length=40)
    mode: Literal["age", "claims", "match"] = "age"
    claims: list[ClaimName] = Field([], max_length=20)
    is_given_name: str = Field("", max_length=120)
    is_family_name: str = Field("", max_length=120)
    is_birthdate: date | None = None
    is_personal_administrative_number: str = Field("", max_length=32)

    @property
    def expected(self) -> dict[str, str]:
        """What was typed in, by claim."""
        said = {
            "given_name": self.is_given_name,
            "family_name": self.is_family_name,
            "birthdate": self.is_birthdate.isoformat() if self.is_birthdate else "",
            "personal_administrative_number": self.is_personal_administrative_number,
        }
        return {name: value for name, value in said.items() if value}


class KeepParty(Input):
    """A relying party and what it may ask."""

    code: str = Field(max_length=40, pattern=r"^[a-z0-9][a-z0-9-]*$")
    name: str = Field(max_length=MAX_PARTY_NAME)
    purpose: str = Field(max_length=MAX_PURPOSE)
    claims: list[ClaimName] = Field(min_length=1, max_length=20)
    level: Literal["light", "in-person"] = "light"
    per_day: int = Field(1000, ge=1, le=MOST_A_DAY)
    encrypts: bool = False
    active: bool = False


class KeepSignIn(Input):
    """How people sign in at a relying party: addresses one a line, its public keys as a JWK set."""

    redirects: str = Field("", max_length=MOST_REDIRECTS * (MAX_REDIRECT + 2))
    leave_to: str = Field("", max_length=MOST_REDIRECTS * (MAX_REDIRECT + 2))
    logout_uri: str = Field("", max_length=MAX_REDIRECT)
    proves: Literal["secret", "key", "none"] = "secret"
    public_keys: str = Field("", max_length=8000)
    sign_in_level: Literal["self-declared", "light", "in-person"] = "self-declared"
    learns_email: bool = False

    @field_validator("redirects", "leave_to")
    @classmethod
    def _are_addresses(cls, text: str) -> str:
        lines = text.split()
        if len(lines) > MOST_REDIRECTS:
            raise ValueError(_("At most ten addresses."))
        for line in lines:
            _check_address(line)
        return "\n".join(dict.fromkeys(lines))

    @field_validator("logout_uri")
    @classmethod
    def _is_address(cls, line: str) -> str:
        if line:
            _check_address(line)
        return line

    @model_validator(mode="after")
    def _has_a_key(self) -> "KeepSignIn":
        if self.proves == "key" and not self.public_keys.strip():
            raise ValueError(_("Paste its public keys, or choose another way for it to show that it is itself."))
        return self

    @property
    def lists(self) -> dict[str, list[str]]:
        """The addresses, one by one."""
        return {"redirects": self.redirects.split(), "leave_to": self.leave_to.split()}


def _check_address(line: str) -> None:
    """https, or the programmer's own machine; exact, without a fragment (OAuth 2.0, 3.1.2)."""
    try:
        parts = urlsplit(line)
        _port = parts.port
    except ValueError:
        raise ValueError(_("This is no address: %(address)s") % {"address": line[:200]}) from None
    secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not (secure and parts.hostname and line.isascii() and line.isprintable()) or "#" in line or "@" in parts.netloc:
        raise ValueError(
            _("An address begins with https://, and has no user and no #: %(address)s") % {"address": line[:200]}
        )
    if len(line) > MAX_REDIRECT:
        raise ValueError(_("An address has at most %(most)s letters.") % {"most": MAX_REDIRECT})


class SetClerk(Input):
    """Who may ask for a party, or no longer."""

    username: str = Field(max_length=150)
    may: bool = False


class ReportParty(Input):
    """What is wrong with a relying party, in the person's words."""

    words: str = Field(min_length=10, max_length=MAX_WISH_WORDS)


class AnswerWish(Input):
    """What was done about what a person asked or reported."""

    answer: Literal["deleted", "kept", "heard"]
    reply: str = Field("", max_length=MAX_WISH_WORDS)


class GivePaper(Input):
    """What a paper's signature shows of its person."""

    shows: Literal["name", "nothing"] = "name"


class FindPaper(Input):
    """The code on a paper, or what tells of a file: the browser computes its SHA-256, so that it need not be sent."""

    code: str = Field("", max_length=300)
    sha256: str = Field("", pattern=r"^([0-9a-f]{64})?$")
