"""Open Badges 3.0: an award as a credential that anybody can verify, and the lists that say which are revoked.

Signed as VC-JWT (OB 3.0, 8.2.4): the payload is the credential itself. The holder is named by the salted hash of their
e-mail address alone: whoever knows the address can tell that it is theirs, and nobody else learns it.
"""

import base64
import gzip
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import jwt
from django.urls import reverse

from meydan.club.models import LIST_BITS, Award, Badge, Rule
from meydan.club.queries.keys import (
    ALGORITHM,
    find_key,
    find_signing_key,
    issuer_did,
    key_reference,
    private_key,
    public_key,
)
from meydan.club.queries.kinds import label_of
from meydan.kernel.city import this_city
from meydan.kernel.clock import now
from meydan.kernel.config import config
from meydan.kernel.errors import NotFound
from meydan.kernel.i18n import current_language, format_number, text_of

VC = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
LIST_LIVES = timedelta(days=7)
"""How long a copy of a status list may be believed; the city signs a new one whenever it is asked."""
LIST_REFRESH = timedelta(minutes=5)
MAX_TOKEN = 64 * 1024


def address(name: str, **parts: object) -> str:
    """The public address of a page, whole."""
    return config().base_url + reverse(name, kwargs=parts)


def narrate(rule: Rule, level: int) -> str:
    """In the reader's language, how a level is earned."""
    needed = rule.levels[level - 1]
    acts = "; ".join(label_of(kind) for kind in rule.kinds)
    return f"{format_number(needed)} × {acts}"


def achievement(badge: Badge, rule: Rule, level: int) -> dict[str, Any]:
    """A level of a badge as Open Badges describes it, in the reader's language."""
    home = address("club:level", code=badge.pk, level=level)
    name = text_of(badge.name) or badge.pk
    return {
        "id": home,
        "type": ["Achievement"],
        "achievementType": "Badge",
        "name": f"{name} · {format_number(level)}" if len(rule.levels) > 1 else name,
        "description": text_of(badge.text) or name,
        "criteria": {"id": address("club:badge", code=badge.pk), "narrative": narrate(rule, level)},
        "image": {"id": address("club:picture", code=badge.pk, level=level), "type": "Image"},
        "inLanguage": current_language(),
    }


def issuer_profile() -> dict[str, Any]:
    """The city as the issuer."""
    return {
        "id": issuer_did(),
        "type": ["Profile"],
        "name": text_of(this_city().name),
        "url": config().base_url,
    }


def identity_hash(email: str, salt: str) -> str:
    """An e-mail address as a credential says it: `sha256$` of the address and the salt."""
    return "sha256$" + hashlib.sha256((email.strip().lower() + salt).encode()).hexdigest()


def credential(award: Award) -> dict[str, Any]:
    """The credential of an award (with its badge, rule and person at hand), not signed yet."""
    list_address = address("club:status", number=award.list_number)
    subject: dict[str, Any] = {"type": ["AchievementSubject"]}
    if award.person.email:
        subject["identifier"] = [
            {
                "type": "IdentityObject",
                "hashed": True,
                "identityHash": identity_hash(award.person.email, award.salt),
                "identityType": "emailAddress",
                "salt": award.salt,
            }
        ]
    else:  # a subject needs a name of some kind: this one says nothing
        subject["id"] = f"urn:uuid:{award.pk}"
    subject["achievement"] = achievement(award.badge, award.rule, award.level)
    return {
        "@context": [VC, OPEN_BADGES],
        "id": address("club:award", key=award.pk),
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": subject["achievement"]["name"],
        "issuer": issuer_profile(),
        "validFrom": _moment(award.earned_at),
        "credentialSubject": subject,
        "credentialStatus": {
            "id": f"{list_address}#{award.index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": str(award.index),
            "statusListCredential": list_address,
        },
    }


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def sign(document: dict[str, Any]) -> str:
    """A credential as a compact VC-JWT, signed with the key that signs now. Raises `NotFound` before there is one."""
    key = find_signing_key()
    if key is None:
        raise NotFound
    issuer, start = document["issuer"], datetime.fromisoformat(document["validFrom"])
    claims = {
        "iss": issuer if isinstance(issuer, str) else issuer["id"],
        "jti": document["id"],
        "nbf": int(start.timestamp()),
    }
    if subject := document["credentialSubject"].get("id"):
        claims["sub"] = subject
    if "validUntil" in document:
        claims["exp"] = int(datetime.fromisoformat(document["validUntil"]).timestamp())
    headers = {"kid": key_reference(key), "typ": "vc+jwt"}
    return jwt.encode({**document, **claims}, private_key(key), algorithm=ALGORITHM, headers=headers)


def status_list(number: int) -> str:
    """A status list (W3C Bitstring Status List 1.0), signed now. Raises `NotFound` for one without a place in use."""
    if not Award.objects.filter(list_number=number).exists():
        raise NotFound
    revoked = Award.objects.filter(list_number=number, revoked_at__isnull=False)
    home = address("club:status", number=number)
    moment = now()
    return sign(
        {
            "@context": [VC],
            "id": home,
            "type": ["VerifiableCredential", "BitstringStatusListCredential"],
            "issuer": issuer_did(),
            "validFrom": _moment(moment),
            "validUntil": _moment(moment + LIST_LIVES),
            "credentialSubject": {
                "id": f"{home}#list",
                "type": "BitstringStatusList",
                "statusPurpose": "revocation",
                "encodedList": encode_bits(revoked.values_list("index", flat=True)),
                "ttl": int(LIST_REFRESH.total_seconds() * 1000),
            },
        }
    )


def encode_bits(positions: Iterable[int]) -> str:
    """These bits set in a list of `LIST_BITS`, the first bit the highest of the first byte; gzip, then base64url behind
    the "u" of multibase."""
    bits = bytearray(LIST_BITS // 8)
    for position in positions:
        bits[position // 8] |= 0x80 >> (position % 8)
    packed = gzip.compress(bytes(bits), mtime=0)
    return "u" + base64.urlsafe_b64encode(packed).decode().rstrip("=")


class Outcome(StrEnum):
    """What became of looking at somebody's credential."""

    VALID = "valid"
    REVOKED = "revoked"
    NOT_OURS = "not_ours"
    BROKEN = "broken"


@dataclass(frozen=True)
class Checked:
    """A credential that was looked at; the award where it is one of this city's. `is_theirs`: whether it is of the
    e-mail address that was asked about, None when none was. `issuer`: who says to have signed it."""

    outcome: Outcome
    award: Award | None = None
    is_theirs: bool | None = None
    issuer: str = ""


def check_credential(token: str, *, email: str = "") -> Checked:
    """Look at a VC-JWT that somebody shows: is it by this city's key, does the award stand, whose is it."""
    try:
        header = jwt.get_unverified_header(token)
        said = jwt.decode(token, options={"verify_signature": False})
        key = find_key(str(header.get("kid", "")))
        if key is None:
            return Checked(_stranger(said), issuer=str(said.get("iss", ""))[:200])
        payload = jwt.decode(token, public_key(key), algorithms=[ALGORITHM], options={"verify_aud": False})
    except (jwt.PyJWTError, ValueError, RecursionError):
        return Checked(Outcome.BROKEN)
    award = _award_in(payload)
    if award is None:
        return Checked(Outcome.BROKEN)
    outcome = Outcome.REVOKED if award.revoked_at else Outcome.VALID
    return Checked(outcome, award, _is_theirs(payload, email), issuer_did())


def _stranger(said: dict[str, Any]) -> Outcome:
    """Of a key that is none of ours: another issuer's, or a forgery of ours."""
    return Outcome.BROKEN if said.get("iss") == issuer_did() else Outcome.NOT_OURS


def _award_in(payload: dict[str, Any]) -> Award | None:
    number = str(payload.get("jti", "")).rpartition("/")[2]
    try:
        key = UUID(number)
    except ValueError:
        return None
    return Award.objects.select_related("badge", "rule", "person").filter(pk=key).first()


def _is_theirs(payload: dict[str, Any], email: str) -> bool | None:
    if not email:
        return None
    identities = payload["credentialSubject"].get("identifier", [])
    return any(identity_hash(email, str(one["salt"])) == one["identityHash"] for one in identities)
