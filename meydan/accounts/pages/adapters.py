"""Where allauth meets our actions: every change that its flows make leaves a fact, in our words.

allauth's views are pages of ours, so this is a part of the HTML door. It calls these hooks; no signal is used.
"""

import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.core import context as request_context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib import messages
from django.core.mail import EmailMessage
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest
from django.utils.text import slugify
from django.utils.translation import gettext as _

from meydan.accounts import actions
from meydan.accounts.models import USERNAME_LENGTH, Person
from meydan.accounts.pages.mails import write_letter
from meydan.accounts.pages.sentences import ERRORS, MESSAGES
from meydan.accounts.queries import actor_for, is_retired
from meydan.kernel.actor import Actor
from meydan.kernel.errors import NotFound
from meydan.kernel.http import actor_of
from meydan.kernel.i18n import current_language
from meydan.ui.codes import qr_code

SECURITY_LETTERS = {
    "mfa/email/totp_activated": "authenticator_app_added",
    "mfa/email/totp_deactivated": "authenticator_app_removed",
    "mfa/email/webauthn_added": "passkey_added",
    "mfa/email/webauthn_removed": "passkey_removed",
    "mfa/email/recovery_codes_generated": "recovery_codes_made",
    "socialaccount/email/account_connected": "sign_in_provider_connected",
    "socialaccount/email/account_disconnected": "sign_in_provider_removed",
}
"""allauth sends such a letter right after each of these changes: that is the moment to record it."""


def person_as_actor(request: HttpRequest | None, person: Person) -> Actor:
    """The person who has just proved who they are, though the request came in without them."""
    visitor = actor_of(request) if request else actor_for(None)
    return actor_for(person, channel=visitor.channel, language=person.language, address=visitor.address)


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up, sign-in, sign-out, passwords and addresses."""

    error_messages = {**DefaultAccountAdapter.error_messages, **ERRORS}

    def save_user(self, request: HttpRequest, user: Any, form: BaseForm, commit: bool = True) -> Person:
        data = form.cleaned_data
        return actions.sign_up(
            actor_of(request),
            username=self.free_username(data["name"]),
            name=data["name"],
            email=data["email"],
            password=data.get("password1"),
            language=current_language(),
            way=getattr(form, "way", "form"),
        )

    def free_username(self, name: str) -> str:
        """A name for the address of the person in the messenger: from the given name where its letters allow."""
        base = slugify(name).replace("-", ".")[: USERNAME_LENGTH - 8].strip("._-") or "neighbour"
        found = str(self.generate_unique_username([base]))
        while is_retired(found):
            found = str(self.generate_unique_username([f"{base}{secrets.randbelow(10**6)}"]))
        return found

    def login(self, request: HttpRequest, user: Person) -> None:
        methods = [str(one["method"]) for one in get_authentication_records(request, user)]
        with transaction.atomic():
            super().login(request, user)
            actions.sign_in(person_as_actor(request, user), methods=methods)

    def logout(self, request: HttpRequest) -> None:
        with transaction.atomic():
            actions.sign_out(actor_of(request), session=request.session.session_key or "")
            super().logout(request)

    def set_password(self, user: Person, password: str) -> None:
        signed_in = self.request is not None and self.request.user.is_authenticated
        how = "reset" if not signed_in else "changed" if user.has_usable_password() else "set"
        changed = actions.change_password(person_as_actor(self.request, user), user.pk, password=password, how=how)
        user.password = changed.password

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        with transaction.atomic():
            confirmed = bool(super().confirm_email(request, email_address))
            if confirmed:
                person = email_address.user
                actions.confirm_email(person_as_actor(request, person), person.pk, email=email_address.email)
        return confirmed

    def is_reauthentication_required(self, *, app: str, **more: Any) -> bool:
        """For another e-mail address too: whoever finds a browser signed in must not take the account over by it."""
        return app == "allauth.account" or bool(super().is_reauthentication_required(app=app, **more))

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """A password is no proof where there is a second one: whoever has found it out, and a browser that is signed
        in, would add a passkey of their own. First comes what the person has at hand: the app, else the passkey."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        second = [one for one in methods if one["id"] != "reauthenticate"]
        if second and not is_mfa_enabled(user, [Authenticator.Type.TOTP]):
            second.sort(key=lambda one: one["id"] == "mfa_reauthenticate")
        return second or methods

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        if template_prefix in SECURITY_LETTERS:
            actions.change_security(person_as_actor(self.request, user), what=SECURITY_LETTERS[template_prefix])
        super().send_notification_mail(template_prefix, user, {**(context or {}), "user": user}, email)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Our letters know by themselves where the city is: they need no request; after a commit there may be none."""
        self.render_mail(template_prefix, email, context).send()

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMessage:
        reader = context.get("user")
        language = reader.language if isinstance(reader, Person) else current_language()
        subject, body = write_letter(template_prefix, language, context)
        to = [email] if isinstance(email, str) else email
        return EmailMessage(subject, body, self.get_from_email(), to, headers=headers)

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        sentence = message or MESSAGES.get(message_template or "")
        if sentence:
            messages.add_message(request, level, str(sentence), extra_tags=extra_tags)


class SessionsAdapter(DefaultUserSessionsAdapter):
    """Ending one's other sessions: those of browsers that allauth has found, and all that are none."""

    def end_sessions(self, sessions: list[UserSession]) -> None:
        request = request_context.request
        actions.end_sessions(actor_of(request), keys=[one.session_key for one in sessions], elsewhere=None)


class SocialAdapter(DefaultSocialAccountAdapter):
    """Signing in by way of another provider."""

    error_messages = {**DefaultSocialAccountAdapter.error_messages, **ERRORS}

    def get_app(self, request: HttpRequest, provider: str, client_id: str | None = None) -> SocialApp:
        """The city's client at a provider; the addresses of one that it has not set up do not exist."""
        try:
            return super().get_app(request, provider, client_id)
        except SocialApp.DoesNotExist:
            raise NotFound from None

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: BaseForm | None = None) -> Person:
        if form is None:
            raise ValueError("accepting the charter needs a form: SOCIALACCOUNT_AUTO_SIGNUP is off")
        with transaction.atomic():
            person = AccountAdapter(request).save_user(request, None, form)
            sociallogin.user = person
            sociallogin.save(request)
        return person


class MfaAdapter(DefaultMFAAdapter):
    """Authenticator app and passkeys. Their secrets are encrypted with a key from the city's own."""

    error_messages = {**DefaultMFAAdapter.error_messages, **ERRORS}

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def build_totp_svg(self, url: str) -> str:
        return qr_code(url, module=16)

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        return _("My passkey")


def _cipher() -> Fernet:
    return Fernet(urlsafe_b64encode(sha256(b"meydan.mfa:" + settings.SECRET_KEY.encode()).digest()))
