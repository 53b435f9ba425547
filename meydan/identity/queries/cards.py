"""What a credential says of a person, and what any verifier may know about the kind of it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from meydan.identity.models import NO_LEVEL, Claims, Identity
from meydan.identity.models.credentials import CREDENTIAL_LIVES
from meydan.identity.models.presenting import CARD_CLAIMS
from meydan.identity.queries.keys import address, issuer
from meydan.identity.queries.statuslists import list_address
from meydan.identity.tokens.jose import Jwk
from meydan.kernel.clock import now
from meydan.kernel.i18n import LANGUAGES

CONFIGURATION = "person"
WAITS = _("Your identity came from another account. It can be shown once its powers are open.")
"""Why nothing is given of an identity whose level is nothing yet."""
TYPE_PATH = "/id/credentials/person"
ADULT = 18

LABELS = {
    "given_name": _("Given name"),
    "family_name": _("Family name"),
    "birthdate": _("Date of birth"),
    "age_over_18": _("Whether they are over 18"),
    "sex": _("Sex"),
    "nationality": _("Nationality"),
    "address": _("Address"),
    "personal_administrative_number": _("ID number"),
    "email": _("E-mail address"),
}


def vct() -> str:
    """The type of the city's ID credential; its metadata is found there."""
    return address(TYPE_PATH)


def card_claims(claims: Claims, *, on: date) -> dict[str, Any]:
    """What can be disclosed; what the registry does not know is left out."""
    said = {
        "given_name": claims.given_name,
        "family_name": claims.family_name,
        "birthdate": claims.birth_date.isoformat(),
        "age_over_18": age_on(claims.birth_date, on) >= ADULT,
        "sex": claims.sex,
        "nationality": claims.nationality,
        "address": claims.address,
        "personal_administrative_number": claims.number,
    }
    return {name: value for name, value in said.items() if value != ""}


def age_on(born: date, day: date) -> int:
    """Whole years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def level_now(identity: Identity) -> str:
    """`acr`: its level once its powers are open. Before that light, for what the counter has raised, and nothing yet
    for what came over from another account. A freeze is for the caller to see."""
    if identity.opens_at <= now():
        return identity.level
    return "light" if identity.level == "in-person" else NO_LEVEL


def first_moment() -> datetime:
    """From when credentials of today count: the beginning of the day, so that a moment tells nobody apart."""
    return datetime.combine(now().date(), time(), UTC)


def card_payload(*, level: str, key: Jwk, status_list: int, index: int, start: datetime) -> dict[str, Any]:
    """What stands openly in a credential (SD-JWT VC, 3.2.2.2; Token Status List, 6.1)."""
    return {
        "iss": issuer(),
        "vct": vct(),
        "iat": int(start.timestamp()),
        "nbf": int(start.timestamp()),
        "exp": int((start + CREDENTIAL_LIVES).timestamp()),
        "acr": level,
        "cnf": {"jwk": key.json},
        "status": {"status_list": {"idx": index, "uri": list_address(status_list)}},
    }


def said_of(identity: Identity) -> dict[str, Any]:
    """What a credential of this identity discloses, as of today in the city."""
    return card_claims(identity.claims, on=localdate(now()))


def in_all_languages(text: Any) -> dict[str, str]:
    """A sentence, by language."""
    said = {}
    for language in LANGUAGES:
        with override(language):
            said[language] = str(text)
    return said


def claims_metadata(*, named: str) -> list[dict[str, Any]]:
    """Each claim with its path and what it is called, by language; `named`: which word the standard has for that."""
    return [
        {
            "path": [name],
            "display": [
                {"locale": language, named: words} for language, words in in_all_languages(LABELS[name]).items()
            ],
        }
        for name in CARD_CLAIMS
    ]


def type_metadata() -> Mapping[str, Any]:
    """SD-JWT VC Type Metadata (6.2): every claim may be disclosed, `acr` and the status never are hidden."""
    names = in_all_languages(_("Identity card of the city"))
    return {
        "vct": vct(),
        "name": names["en"],
        "display": [{"locale": language, "name": name} for language, name in names.items()],
        "claims": [{**one, "sd": "always"} for one in claims_metadata(named="label")],
    }


def label_of(name: str) -> str:
    """What a claim is called, in the reader's language."""
    return str(LABELS.get(name, name))


SEXES = {"F": _("female"), "M": _("male")}


def words_of(name: str, value: Any) -> Any:
    """What a clerk reads of a claim: the registry's letter for the sex as a word, and all others as they are."""
    if isinstance(value, bool):
        return value
    return str(SEXES.get(value, value) if name == "sex" else value)


def labels_of(names: Sequence[str]) -> list[str]:
    """The same for several."""
    return [label_of(name) for name in names]
