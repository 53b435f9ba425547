"""The mails that allauth's flows send, by the template that allauth would have rendered: plain text, short, and in the
language of whoever gets them. A `{}` field is filled from allauth's own context."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from meydan.kernel.config import config
from meydan.kernel.errors import Sentence

_IGNORE = _("If it was not you, ignore this mail: nothing happens without the code.")
_NOT_YOU = _(
    "If it was not you, set a new password at once: {site}/accounts/password/reset/\nThen end the other sessions on"
    " your page: {site}/me"
)
_NOT_YOU_AT_OLD_ADDRESS = _(
    "If it was not you, sign in at once and put your own address back: {site}/accounts/email/\nThen set a new password"
    " and end the other sessions on your page: {site}/me"
)


@dataclass(frozen=True)
class Letter:
    """Subject and paragraphs."""

    subject: Sentence
    paragraphs: tuple[Sentence, ...]


def _change(subject: Sentence, text: Sentence) -> Letter:
    return Letter(subject, (text, _NOT_YOU))


LETTERS: dict[str, Letter] = {
    "account/email/email_confirmation_signup": Letter(
        _("{code} is your code"),
        (_("Welcome. To open your account, enter this code on the page where you left off:"), "{code}", _IGNORE),
    ),
    "account/email/email_confirmation": Letter(
        _("{code} is your code"),
        (_("To confirm your e-mail address, enter this code on the page where you left off:"), "{code}", _IGNORE),
    ),
    "account/email/password_reset_code": Letter(
        _("{code} is your code"),
        (_("To set a new password, enter this code on the page where you left off:"), "{code}", _IGNORE),
    ),
    "account/email/unknown_account": Letter(
        _("There is no account with this address"),
        (
            _("Somebody, probably you, asked to reset the password of an account with this e-mail address."),
            _("There is none here. Perhaps you used another address. You can open an account: {signup_url}"),
        ),
    ),
    "account/email/account_already_exists": Letter(
        _("You already have an account"),
        (
            _("Somebody, probably you, tried to open an account with this e-mail address. You have one already."),
            _("If you forgot the password, set a new one: {password_reset_url}"),
        ),
    ),
    "account/email/password_changed": _change(
        _("Your password was changed"), _("The password of your account was changed.")
    ),
    "account/email/password_reset": _change(
        _("Your password was changed"), _("The password of your account was changed.")
    ),
    "account/email/password_set": _change(_("Your password was set"), _("Your account has a password now.")),
    "account/email/email_changed": Letter(  # to the address of before, from where no password can be reset now
        _("Your e-mail address was changed"),
        (_("The e-mail address of your account is now {to_email}."), _NOT_YOU_AT_OLD_ADDRESS),
    ),
    "account/email/email_deleted": _change(
        _("An e-mail address was removed"), _("The address {deleted_email} was removed from your account.")
    ),
    "mfa/email/totp_activated": _change(
        _("The authenticator app is on"), _("Signing in to your account now asks for a code from your app.")
    ),
    "mfa/email/totp_deactivated": _change(
        _("The authenticator app is off"), _("Signing in to your account no longer asks for a code from your app.")
    ),
    "mfa/email/webauthn_added": _change(_("A passkey was added"), _("A passkey was added to your account.")),
    "mfa/email/webauthn_removed": _change(_("A passkey was removed"), _("A passkey was removed from your account.")),
    "mfa/email/recovery_codes_generated": _change(
        _("New recovery codes"), _("New recovery codes were made for your account. The old ones no longer work.")
    ),
    "socialaccount/email/account_connected": _change(
        _("An account was connected"), _("Your account can now be opened by way of {provider}.")
    ),
    "socialaccount/email/account_disconnected": _change(
        _("An account was disconnected"), _("Your account can no longer be opened by way of {provider}.")
    ),
}


def write_letter(template: str, language: str, context: Mapping[str, Any]) -> tuple[str, str]:
    """Subject and body of the mail that stands for allauth's `template`, in `language`."""
    letter = LETTERS[template]
    fields = {key: str(value) for key, value in context.items()} | {"site": config().base_url}
    with translation.override(language):
        paragraphs = [str(one).format_map(fields) for one in letter.paragraphs]
        return str(letter.subject).format_map(fields), "\n\n".join(paragraphs) + "\n"
