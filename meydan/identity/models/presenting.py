"""To whom credentials are shown: relying parties, their clerks, and each request with what became of it."""

from datetime import timedelta
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from meydan.identity.models.identities import NO_LEVEL, RANKS
from meydan.kernel.ids import uuid7

CARD_CLAIMS = (
    *("given_name", "family_name", "birthdate", "age_over_18", "sex", "nationality", "address"),
    "personal_administrative_number",
)
"""What a credential can disclose, as it is named there (OpenID Connect Core, ARF's PID attributes)."""
MATCHED = ("given_name", "family_name", "birthdate", "personal_administrative_number")
"""What a clerk can type in to have it compared."""
MODES = ("claims", "match", "age")
OUTCOMES = ("", "shown", "match", "no_match", "declined", "refused")
ASK_LIVES = timedelta(seconds=90)
"""How long a code on the counter's screen can be taken up."""
RESULT_LIVES = timedelta(minutes=5)
"""How long the clerk sees what was shown; then it is forgotten."""
MAX_PARTY_NAME, MAX_PURPOSE, MOST_A_DAY = 80, 300, 100_000
PROOFS = ("secret", "key", "none")
"""How a relying party shows that it is itself: client_secret_basic, private_key_jwt, or, where it can keep no secret,
by PKCE alone."""
MAX_REDIRECT, MOST_REDIRECTS, MOST_KEYS = 500, 10, 5


class RelyingParty(models.Model):
    """Somebody who may ask: for what purpose, for which claims at most, from which level on, how often in a day.

    `counter` is the digest of the secret link by which a counter works without an account of its own. `encrypts`:
    wallets answer by `direct_post.jwt`; off only for those that cannot.

    It can also have people sign in with their account (OpenID Connect), once it has `redirects`: there `code` is its
    client_id, `proves` how it shows that it is itself, by a secret (of which `secret` is the digest) or by one of
    `public_keys`; `sign_in_level` is what an account must be worth, `learns_email` whether it may ask for the address,
    `leave_to` are the addresses that it may have people led to after they have signed out, and `logout_uri` is where
    its program is told that a sign-in has ended, "" where it does not want to hear of that.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=40, unique=True, validators=[RegexValidator(r"^[a-z0-9][a-z0-9-]*\Z")])
    name = models.CharField(max_length=MAX_PARTY_NAME)
    purpose = models.CharField(max_length=MAX_PURPOSE)
    claims = ArrayField(models.CharField(max_length=40))
    level = models.CharField(max_length=10, default="light")
    per_day = models.PositiveIntegerField(default=1000)
    encrypts = models.BooleanField(default=True)
    counter = models.BinaryField(max_length=32, null=True, unique=True)
    active = models.BooleanField(default=True)
    redirects = ArrayField(models.CharField(max_length=MAX_REDIRECT), default=list)
    leave_to = ArrayField(models.CharField(max_length=MAX_REDIRECT), default=list)
    logout_uri = models.CharField(max_length=MAX_REDIRECT, blank=True)
    proves = models.CharField(max_length=6, choices=[(one, one) for one in PROOFS], default="secret")
    secret = models.BinaryField(max_length=32, null=True)
    public_keys = models.JSONField(default=list)
    sign_in_level = models.CharField(max_length=13, choices=[(one, one) for one in RANKS], default=NO_LEVEL)
    learns_email = models.BooleanField(default=False)
    made_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["name", "code"]

    def __str__(self) -> str:
        return self.code

    @property
    def reference(self) -> str:
        """The subject of facts about this relying party."""
        return f"party:{self.code}"

    @property
    def client_id(self) -> str:
        """As OAuth calls it."""
        return self.code


class Clerk(models.Model):
    """Somebody who may ask for a relying party."""

    party = models.ForeignKey(RelyingParty, on_delete=models.CASCADE, related_name="clerks")
    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["party", "person"], name="identity_clerk_once")]

    def __str__(self) -> str:
        return f"{self.person_id} at {self.party_id}"


class Presentation(models.Model):
    """One request to show a credential, and its outcome.

    `expected` is what the clerk typed in to be compared, `result` what was shown: both encrypted, both forgotten after
    RESULT_LIVES. `person` is whom it turned out to be about, for their own log; the clerk never sees it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    party = models.ForeignKey(RelyingParty, on_delete=models.CASCADE, related_name="presentations")
    reference = models.BinaryField(max_length=32, unique=True)
    state = models.BinaryField(max_length=32, unique=True)
    nonce = models.CharField(max_length=43)
    mode = models.CharField(max_length=6, choices=[(one, one) for one in MODES])
    claims = ArrayField(models.CharField(max_length=40))
    key = models.TextField(blank=True)
    expected = models.TextField(blank=True)
    result = models.TextField(blank=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    fetched_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=8, blank=True)
    fault = models.CharField(max_length=40, blank=True)
    level = models.CharField(max_length=10, blank=True)
    person = models.ForeignKey("accounts.Person", on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["party", "made_at"], name="identity_asked_by"),
            models.Index(
                fields=["made_at"], condition=~(Q(expected="") & Q(result="") & Q(key="")), name="identity_to_forget"
            ),
        ]

    def __str__(self) -> str:
        return f"presentation:{self.pk}"

    @property
    def subject(self) -> str:
        """The subject of facts about this request."""
        return f"presentation:{self.pk}"
