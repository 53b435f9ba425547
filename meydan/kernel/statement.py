"""What the city signs for a day: a short text that anybody can write down again from its parts. Knows no database."""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Annotated, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

FORMAT = "meydan-seal-1"
NOTHING_BEFORE = "0" * 64
"""`previous` of the first day."""
MOST_FACTS = 100_000_000
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Base64 = Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]{43,86}={1,2}$")]


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One day: from and to which moment (UTC, whole seconds), how many facts, the first and last one's id (0 for
    none), the root of their tree, and the hash of the statement of the day before."""

    day: date
    starts_at: datetime
    ends_at: datetime
    count: int
    first: int
    last: int
    root: str
    previous: str

    @property
    def text(self) -> str:
        """The lines that are signed; each ends with a newline."""
        return (
            f"{FORMAT}\nday {self.day.isoformat()}\nfrom {_utc(self.starts_at)}\nto {_utc(self.ends_at)}\n"
            f"count {self.count}\nfirst {self.first}\nlast {self.last}\nroot {self.root}\nprevious {self.previous}\n"
        )

    @property
    def chain(self) -> str:
        """The hash that the next day's statement names as `previous`."""
        return sha256(self.text.encode()).hexdigest()


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Published(BaseModel):
    """`/seals/<day>.json`: a statement in parts, its hash, and the city's signature."""

    model_config = ConfigDict(frozen=True)

    format: Literal["meydan-seal-1"]
    day: date
    starts_at: AwareDatetime = Field(alias="from")
    ends_at: AwareDatetime = Field(alias="to")
    count: int = Field(ge=0, le=MOST_FACTS)
    first: int = Field(ge=0, lt=2**63)
    last: int = Field(ge=0, lt=2**63)
    root: Hash
    previous: Hash
    chain: Hash
    key: Base64
    signature: Base64

    @property
    def statement(self) -> Statement:
        """As it was signed, if it is what it says."""
        parts = ("day", "starts_at", "ends_at", "count", "first", "last", "root", "previous")
        return Statement(**{part: getattr(self, part) for part in parts})

    def faults(self) -> list[str]:
        """What is wrong with it by itself: its hash or its signature. None when all is well."""
        found = []
        if self.statement.chain != self.chain:
            found.append("its chain hash is not that of its statement: a part of it was changed")
        if not is_signed(self.statement, self.signature, self.key):
            found.append(f"its signature is not by the key {self.key}")
        return found


def publish(statement: Statement, signature: str, key: str) -> dict[str, str | int]:
    """A signed day as JSON, in the order of its lines."""
    parts: dict[str, str | int] = {"format": FORMAT}
    for line in statement.text.splitlines()[1:]:
        name, _, value = line.partition(" ")
        parts[name] = int(value) if name in ("count", "first", "last") else value
    return {**parts, "chain": statement.chain, "key": key, "signature": signature, "leaves": f"{statement.day}.leaves"}


def signing_key(secret: str) -> Ed25519PrivateKey:
    """The key that a stored secret stands for (kernel.config.stored_secret)."""
    return Ed25519PrivateKey.from_private_bytes(sha256(f"meydan seal key: {secret}".encode()).digest())


def public_key(key: Ed25519PrivateKey) -> str:
    """Its public half: 32 bytes in base64."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def sign(statement: Statement, key: Ed25519PrivateKey) -> str:
    """Ed25519 (RFC 8032) over the statement's text, in base64."""
    return base64.b64encode(key.sign(statement.text.encode())).decode()


def is_signed(statement: Statement, signature: str, key: str) -> bool:
    """Whether the signature is by this public key, and over this statement. False also for what is no key at all."""
    try:
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key, validate=True))
        public.verify(base64.b64decode(signature, validate=True), statement.text.encode())
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True
