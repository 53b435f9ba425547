"""Sign in with Meydan: what people allow a relying party to learn, and each sign-in there with its tokens."""

from datetime import timedelta
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from meydan.identity.models.credentials import Token
from meydan.identity.models.identities import RANKS
from meydan.identity.models.presenting import MAX_REDIRECT, RelyingParty
from meydan.kernel.ids import uuid7

ACCESS_LIVES, STAY_LIVES = timedelta(minutes=5), timedelta(days=30)
"""An access token, and a refresh token that nobody uses."""
ID_TOKEN_LIVES, LOGOUT_LIVES = timedelta(minutes=10), timedelta(minutes=2)
MOST_NONCE = 200
STAYS = "offline_access"
SCOPES: dict[str, tuple[str, ...]] = {
    "openid": (),
    "profile": ("given_name", "family_name", "birthdate", "age_over_18", "sex", "nationality"),
    "address": ("address",),
    "email": ("email",),
    STAYS: (),
}
"""What can be asked for, and the claims that it stands for (OpenID Connect Core, 5.4). The ID number comes by its name
alone, in the parameter `claims` (5.5)."""


class Allowance(models.Model):
    """What a person allows a relying party to learn whenever they sign in there; withdrawn, it is deleted. `stays`:
    also while they are away."""

    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="+")
    party = models.ForeignKey(RelyingParty, on_delete=models.CASCADE, related_name="allowances")
    claims = ArrayField(models.CharField(max_length=40))
    stays = models.BooleanField(default=False)
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["person", "party"], name="identity_allowed_once")]

    def __str__(self) -> str:
        return f"{self.person_id} allows {self.party_id}"


class SignIn(models.Model):
    """That a person signed in at a relying party: first a code, to be used once, then tokens.

    `session` is a keyed digest of the browser's session that it belongs to, "" where it stays without one. `claims` is
    what was allowed, `told` those of them that stand in the ID token. `level` is what the account was worth (`acr`),
    `methods` by what it was proven (`amr`), `proven_at` when (`auth_time`). `jkt`: the key that its tokens are bound to
    (DPoP).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    party = models.ForeignKey(RelyingParty, on_delete=models.CASCADE, related_name="sign_ins")
    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="+")
    session = models.CharField(max_length=64, blank=True)
    code = models.BinaryField(max_length=32, unique=True)
    redirect = models.CharField(max_length=MAX_REDIRECT)
    challenge = models.CharField(max_length=43)
    nonce = models.CharField(max_length=MOST_NONCE, blank=True)
    scopes = ArrayField(models.CharField(max_length=20))
    claims = ArrayField(models.CharField(max_length=40))
    told = ArrayField(models.CharField(max_length=40))
    level = models.CharField(max_length=13, choices=[(one, one) for one in RANKS])
    methods = ArrayField(models.CharField(max_length=10))
    proven_at = models.DateTimeField()
    jkt = models.CharField(max_length=43, blank=True)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, db_index=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["person", "party"], name="identity_sign_in_of")]

    def __str__(self) -> str:
        return f"sign_in:{self.pk}"

    @property
    def reference(self) -> str:
        """The subject of facts about this sign-in."""
        return f"sign_in:{self.pk}"

    @property
    def stays(self) -> bool:
        """Whether it goes on without the browser."""
        return STAYS in self.scopes


class SignInToken(Token):
    """A token of a sign-in."""

    sign_in = models.ForeignKey(SignIn, on_delete=models.CASCADE, related_name="tokens")

    def __str__(self) -> str:
        return f"a token of {self.sign_in_id}"
