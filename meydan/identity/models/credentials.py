"""What wallets are given: keys that sign, offers, wallets with their tokens, credentials with their status entries.

Every code and token lies here as a digest alone: a copy of the database opens no wallet.
"""

import hashlib
import hmac
from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q

from meydan.identity.models.presenting import MAX_REDIRECT
from meydan.kernel.config import config
from meydan.kernel.ids import uuid7

LIST_SIZE = 2**20
"""Entries of one status list: the herd in which each is hidden. The unused ones look like any other."""
KEY_USES = ("root", "credentials", "party", "sign_in", "clock")
OFFER_LIVES = timedelta(minutes=5)
CODE_LIVES = timedelta(seconds=60)
REQUEST_LIVES = timedelta(minutes=30)
"""An authorization request, of wallets and of relying parties: long enough to sign in by a letter, and to set up an
authenticator app on the way."""
ACCESS_LIVES, REFRESH_LIVES = timedelta(minutes=5), timedelta(days=90)
CREDENTIAL_LIVES = timedelta(days=30)
"""From the beginning of the day: a moment of its own would tell one person's credentials from all others'."""
TX_CODE_DIGITS, MOST_TRIES = 6, 5
BATCH_SIZE = 20
MOST_WALLETS = 10
DEFERRED_SECONDS = 30
"""How long a wallet waits before it asks again."""
EVENTS = ("credential_accepted", "credential_failure", "credential_deleted")
WHY_REVOKED = ("holder", "claims", "ended", "frozen", "wallet", "replaced")
MAX_WALLET_NAME, MAX_CLIENT = 60, 200


class IssuerKey(models.Model):
    """A P-256 key of the city with its certificate: the root, what signs credentials, what signs the requests of a
    relying party, or what stamps time on papers. `id` is its thumbprint (RFC 7638); `private` is locked away."""

    id = models.CharField(primary_key=True, max_length=43)
    use = models.CharField(max_length=11, choices=[(one, one) for one in KEY_USES])
    party = models.ForeignKey("RelyingParty", on_delete=models.CASCADE, null=True, related_name="keys")
    public = models.JSONField()
    private = models.TextField()
    certificate = models.BinaryField()
    made_at = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["use", "party", "-made_at"], name="identity_key_by_use")]

    def __str__(self) -> str:
        return f"key:{self.pk}"


class StatusList(models.Model):
    """One list of LIST_SIZE entries; the highest number is the one that new credentials are entered in."""

    number = models.PositiveIntegerField(primary_key=True)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"statuslist:{self.pk}"


class Offer(models.Model):
    """What a QR on the holder's screen stands for: credentials, against a code and digits that they type."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="+")
    code = models.BinaryField(max_length=32, unique=True)
    tx_code = models.BinaryField(max_length=32)
    tries = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"offer:{self.pk}"


class Wallet(models.Model):
    """An app or a browser that holds credentials of a person. `jkt`: the key that its tokens are bound to (DPoP).
    `name`: where the code went that opened it, "" where it came with digits. `identified`: it asked by
    `authorization_details`, and names the credential by the identifier that it got for that."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=MAX_WALLET_NAME, blank=True)
    jkt = models.CharField(max_length=43, blank=True)
    identified = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"wallet:{self.pk}"

    @property
    def reference(self) -> str:
        """The subject of facts about this wallet."""
        return f"wallet:{self.pk}"


class WalletCode(models.Model):
    """That a person has let a wallet in: a code for its tokens, to be used once, within CODE_LIVES.

    `client` and `redirect` are what its request said, `challenge` is what its verifier must fit (PKCE), `jkt` the key
    that must be proven with it, "" where any may, `identified` as in `Wallet`. `wallet`: what it has opened.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="+")
    code = models.BinaryField(max_length=32, unique=True)
    client = models.CharField(max_length=MAX_CLIENT)
    redirect = models.CharField(max_length=MAX_REDIRECT)
    challenge = models.CharField(max_length=43)
    jkt = models.CharField(max_length=43, blank=True)
    identified = models.BooleanField(default=False)
    wallet = models.ForeignKey(Wallet, on_delete=models.CASCADE, null=True, related_name="+")
    made_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"wallet_code:{self.pk}"

    @property
    def reference(self) -> str:
        """The subject of facts about this code."""
        return f"wallet_code:{self.pk}"


class Token(models.Model):
    """An access or refresh token. A refresh token that is used twice ends all that it came from."""

    digest = models.BinaryField(primary_key=True, max_length=32)
    refreshes = models.BooleanField(default=False)
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class WalletToken(Token):
    """A token of a wallet."""

    wallet = models.ForeignKey(Wallet, on_delete=models.CASCADE, related_name="tokens")

    def __str__(self) -> str:
        return f"a token of {self.wallet_id}"


class Issuance(models.Model):
    """One request of a wallet for credentials. While it is deferred, `keys` are those that will be bound."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    wallet = models.ForeignKey(Wallet, on_delete=models.CASCADE, related_name="issuances")
    keys = models.JSONField(default=list)
    transaction = models.BinaryField(max_length=32, null=True, unique=True)
    notification = models.BinaryField(max_length=32, null=True, unique=True)
    event = models.CharField(max_length=20, blank=True)
    asked_at = models.DateTimeField()
    issued_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"issuance:{self.pk}"


class Credential(models.Model):
    """That a credential was given, and its entry in a status list. Neither its key nor its claims are kept.

    Rows stay: an index is never given twice, and a revocation is final.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    identity = models.ForeignKey("Identity", on_delete=models.PROTECT, related_name="credentials")
    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, related_name="credentials")
    status_list = models.ForeignKey(StatusList, on_delete=models.PROTECT, related_name="+", db_index=False)
    index = models.PositiveIntegerField()
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_why = models.CharField(max_length=10, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["status_list", "index"], name="identity_one_per_entry"),
            models.CheckConstraint(condition=Q(index__lt=LIST_SIZE), name="identity_entry_in_list"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["status_list", "index"], condition=Q(revoked_at__isnull=False), name="identity_revoked_entries"
            ),
        ]

    def __str__(self) -> str:
        return f"credential:{self.pk}"


class UsedOnce(models.Model):
    """The digest of a nonce or of a proof's number that was used, until it would be refused for its age anyway."""

    digest = models.BinaryField(primary_key=True, max_length=32)
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return "used once"


def secret_digest(secret: str) -> bytes:
    """How a code or token of 256 random bits lies in the database."""
    return hashlib.sha256(secret.encode()).digest()


def keyed(purpose: str, text: str) -> bytes:
    """What only this city can compute: for what is too short to be hashed alone, and for secrets made of others."""
    return hmac.digest(config().secret_key.encode(), f"identity.{purpose}:{text}".encode(), hashlib.sha256)
