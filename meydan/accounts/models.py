"""Persons, departments, roles, the charter of use, and the programs that people let into their accounts."""

import hashlib
import hmac
import unicodedata
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from meydan.kernel.actor import Assurance, Role
from meydan.kernel.clock import now
from meydan.kernel.config import config
from meydan.kernel.errors import Sentence
from meydan.kernel.ids import uuid7

NAME_LENGTH = 80
EMAIL_LENGTH = 254
USERNAME_LENGTH = 32
URL_LENGTH = 1000
POLL_SECONDS = 5
"""That a device waits between two questions whether it is let in."""
SCOPE_LENGTH = 1000
LOOPBACK = ("localhost", "127.0.0.1", "::1")
LANGUAGE_CODES = [("ar", "ar"), ("fr", "fr"), ("en", "en"), ("fa", "fa"), ("tg", "tg")]

ROLE_NAMES: dict[Role, Sentence] = {
    Role.USER: _("resident"),
    Role.DEVELOPER: _("developer"),
    Role.MODERATOR: _("moderator"),
    Role.OFFICER: _("officer"),
    Role.OPERATOR: _("call-centre operator"),
    Role.AUDITOR: _("auditor"),
    Role.ADMIN: _("administrator"),
}
ASSURANCE_NAMES: dict[Assurance, Sentence] = {
    Assurance.NONE: _("not confirmed"),
    Assurance.SELF_DECLARED: _("e-mail address confirmed"),
    Assurance.LIGHT: _("identity checked from afar"),
    Assurance.IN_PERSON: _("identity checked in person"),
}

# A subset of Matrix's user id grammar, for a person's name in the messenger is the same.
username_validator = RegexValidator(
    r"^[a-z0-9][a-z0-9._-]*\Z", _("Use small letters a to z, digits, dots, hyphens and underscores.")
)


class Department(models.Model):
    """A part of the city's administration that answers reports. Others refer to it by its code; mail to it speaks
    `language`."""

    code = models.CharField(primary_key=True, max_length=60, validators=[RegexValidator(r"^[a-z0-9][a-z0-9_-]*\Z")])
    name = models.JSONField()
    email = models.EmailField(max_length=EMAIL_LENGTH, blank=True)
    language = models.CharField(max_length=2, choices=LANGUAGE_CODES, default="en")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")

    class Meta:
        ordering: ClassVar = ["code"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(parent=F("code")), name="accounts_department_not_its_own_parent")
        ]

    def __str__(self) -> str:
        return self.code


class People(BaseUserManager["Person"]):
    """Finds persons by what they type to sign in."""

    def get_by_natural_key(self, username: str | None) -> "Person":
        return self.get(username=(username or "").lower())


class Person(AbstractBaseUser):
    """Somebody with an account. A deleted person keeps the row, emptied of all that says who it was."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    username = models.CharField(max_length=USERNAME_LENGTH, unique=True, validators=[username_validator])
    email = models.EmailField(max_length=EMAIL_LENGTH, unique=True, null=True, blank=True)
    name = models.CharField(max_length=NAME_LENGTH, blank=True)
    language = models.CharField(max_length=2, choices=LANGUAGE_CODES, default="en")
    assurance = models.PositiveSmallIntegerField(
        choices=[(level.value, level.name.lower()) for level in Assurance], default=Assurance.NONE.value
    )
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=now, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[People] = People()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(username=Lower("username")), name="accounts_person_username_is_lower"),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="accounts_person_email_is_lower"),
            models.CheckConstraint(
                condition=Q(deleted_at__isnull=True) | Q(is_active=False, email__isnull=True, name=""),
                name="accounts_person_deleted_is_empty",
            ),
        ]
        indexes: ClassVar = [models.Index(Lower("name"), name="accounts_person_name")]

    def __str__(self) -> str:
        return self.username

    def save(self, *args: Any, **kwargs: Any) -> None:
        """No address is NULL, not "": allauth writes the latter, and the column is unique."""
        self.email = self.email.lower() if self.email else None
        super().save(*args, **kwargs)

    @property
    def reference(self) -> str:
        """The subject of facts about this person."""
        return person_reference(self.pk)


def person_reference(person_id: UUID) -> str:
    """The subject of facts about a person: "person:0199...."."""
    return f"person:{person_id}"


def clean_name(name: str) -> str:
    """A name as it may be shown: NFC, single spaces, no control, format or private characters (they could turn the
    text around it), except the joiners that Persian and Arabic spelling needs."""
    kept = (letter for letter in unicodedata.normalize("NFC", name) if letter in "\u200c\u200d" or _is_plain(letter))
    return " ".join("".join(kept).split())[:NAME_LENGTH]


def _is_plain(letter: str) -> bool:
    return letter.isspace() or unicodedata.category(letter)[0] != "C"


class Grant(models.Model):
    """A role that a person holds beside `user`, which everybody with an account has."""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=20, choices=[(role.value, role.value) for role in Role if role is not Role.USER])
    department = models.ForeignKey(Department, on_delete=models.PROTECT, null=True, blank=True, related_name="grants")
    granted_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    granted_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering: ClassVar = ["role", "department"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "role", "department"], nulls_distinct=False, name="accounts_grant_once"
            ),
            models.CheckConstraint(
                condition=Q(role=Role.OFFICER, department__isnull=False)
                | (~Q(role=Role.OFFICER) & Q(department__isnull=True)),
                name="accounts_grant_officer_has_department",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role}:{self.department_id}" if self.department_id else self.role


class CharterVersion(models.Model):
    """The rules of use, as the city wrote them: `text` is Markdown by language."""

    version = models.CharField(primary_key=True, max_length=20)
    text = models.JSONField()
    published_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        get_latest_by = "published_at"

    def __str__(self) -> str:
        return self.version


class CharterAcceptance(models.Model):
    """That a person accepted a version, and in which language they read it."""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="acceptances")
    version = models.ForeignKey(CharterVersion, on_delete=models.PROTECT, related_name="acceptances")
    language = models.CharField(max_length=2, choices=LANGUAGE_CODES)
    accepted_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "version"], name="accounts_charter_accepted_once")
        ]


class RetiredName(models.Model):
    """A username that a deleted account had: nobody else is ever called so, for they would be taken for whom it was.
    Only a keyed digest of it is kept."""

    digest = models.BinaryField(primary_key=True, max_length=32)


def digest_of_name(username: str) -> bytes:
    """What is kept of a retired username."""
    return hmac.digest(f"accounts.names:{config().secret_key}".encode(), username.encode(), hashlib.sha256)


class OAuthClient(models.Model):
    """A program that has introduced itself (RFC 7591), so that people can let it into their account. It is public: it
    has no secret. `digest` is of what it said: the same again is the same client."""

    id = models.CharField(primary_key=True, max_length=32)
    digest = models.BinaryField(max_length=32, unique=True)
    name = models.JSONField()  # by language; "" is what it is called everywhere else
    site = models.CharField(max_length=URL_LENGTH)
    redirects = models.JSONField()
    native = models.BooleanField(default=False)
    made_at = models.DateTimeField(default=now, editable=False)
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["made_at"], name="accounts_oauthclient_unused", condition=Q(used_at__isnull=True))
        ]

    def __str__(self) -> str:
        return self.id

    @property
    def client_id(self) -> str:
        """As oauthlib calls it."""
        return self.id


class OAuthCode(models.Model):
    """That a person let a client in; it comes with the code for its tokens, once. Only the code's SHA-256 is kept, for
    a while after it was used as well: a second time closes what the first has opened."""

    digest = models.BinaryField(primary_key=True, max_length=32)
    client = models.ForeignKey(OAuthClient, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    redirect = models.CharField(max_length=URL_LENGTH)
    scope = models.CharField(max_length=SCOPE_LENGTH)
    challenge = models.CharField(max_length=128)
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)
    opened = models.CharField(max_length=100, blank=True)


class BrowserRequest(models.Model):
    """A browser that asks to be signed in by a device on which its person is: it shows a short code, also for a
    camera, and that device says yes or no. The browser's session alone holds the long secret, of which the SHA-256 is
    kept, and of the short code a keyed hash. `agent` is what the browser says it is."""

    digest = models.BinaryField(primary_key=True, max_length=32)
    user_digest = models.BinaryField(max_length=32, unique=True)
    agent = models.CharField(max_length=300, blank=True)
    expires_at = models.DateTimeField(db_index=True)
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="+")
    answer = models.CharField(max_length=3, blank=True)  # "yes", "no", or nothing yet
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"until {self.expires_at}"


class DeviceCode(models.Model):
    """A device that asks to be let in and has no browser of its own (RFC 8628): it asks for its tokens by a long code,
    and its person, elsewhere, says yes or no by a short one. Only the long one's SHA-256 is kept, and a keyed hash of
    the short one. `person` is who has answered, `interval` how many seconds the device is to wait between two
    questions."""

    digest = models.BinaryField(primary_key=True, max_length=32)
    user_digest = models.BinaryField(max_length=32, unique=True)
    client = models.ForeignKey(OAuthClient, on_delete=models.CASCADE, related_name="+")
    scope = models.CharField(max_length=SCOPE_LENGTH)
    expires_at = models.DateTimeField(db_index=True)
    asked_at = models.DateTimeField(null=True)
    interval = models.PositiveSmallIntegerField(default=POLL_SECONDS)
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="+")
    answer = models.CharField(max_length=3, blank=True)  # "yes", "no", or nothing yet
    used_at = models.DateTimeField(null=True)
    opened = models.CharField(max_length=100, blank=True)
