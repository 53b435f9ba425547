"""What allauth wants said, in our words and in every language of ours: its own texts lack Tajik and are longer.

Errors go by their code, messages by the template that allauth would have rendered.
"""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.utils.translation import gettext_lazy as _

from meydan.kernel.errors import Sentence

ERRORS: dict[str, Sentence] = {
    "required": _("Fill this in."),
    "invalid": _("This is not written as it should be. Check it for slips."),
    "invalid_choice": _("Choose one of the answers."),
    "max_length": _("This is too long. Shorten it."),
    "null_characters_not_allowed": _("Remove the invisible characters from this text."),
    "account_inactive": _("This account is closed."),
    "email_password_mismatch": _("The e-mail address or the password is wrong."),
    "username_password_mismatch": _("The name or the password is wrong."),
    "invalid_login": _("The name or the password is wrong."),
    "too_many_login_attempts": _("Too many attempts. Wait five minutes and try again, or reset your password."),
    "rate_limited": _("Too many attempts. Wait a minute and try again."),
    "incorrect_password": _("This password is wrong."),
    "enter_current_password": _("This password is wrong."),
    "incorrect_code": _("This code is wrong or too old. Check it, or ask for a new one."),
    "email_taken": _("There is an account with this e-mail address. Sign in to it instead."),
    "duplicate_email": _("This is your e-mail address already."),
    "same_as_current": _("This is the same as before. Choose another."),
    "unknown_email": _("This e-mail address belongs to no account."),
    "max_email_addresses": _("You cannot add more e-mail addresses."),
    "username_taken": _("This name is taken. Choose another."),
    "username_blacklisted": _("This name is taken. Choose another."),
    "unverified_email": _("Confirm your e-mail address first."),
    "add_email_blocked": _("Turn the authenticator app off before you change the e-mail address."),
    "cannot_delete_authenticator": _("This way to sign in cannot be taken away."),
    "cannot_generate_recovery_codes": _("Recovery codes come with an authenticator app or a passkey. Add one first."),
    "password_too_short": _("Use at least 10 characters. Four ordinary words in a row are easy to keep in mind."),
    "password_too_common": _("Many people use this password, so it is guessed first. Choose another."),
    "password_too_similar": _("This password is too much like your name or address. Choose another."),
    "password_mismatch": _("The two passwords differ. Type the same one twice."),
    "no_password": _("Your account has no password yet. Set one first."),
    "no_verified_email": _("Confirm your e-mail address first."),
    "disconnect_last": _("This is your only way to sign in. Set a password first."),
    "connected_other": _("That account is connected to somebody else here."),
    "invalid_token": _("The other side's answer could not be checked. Try again."),
}

MESSAGES: dict[str, Sentence] = {
    "account/messages/email_confirmed.txt": _("Your e-mail address is confirmed."),
    "account/messages/email_confirmation_failed.txt": _("This e-mail address belongs to another account."),
    "account/messages/email_deleted.txt": _("The e-mail address was removed."),
    "account/messages/cannot_delete_primary_email.txt": _("Your account needs one e-mail address."),
    "account/messages/unverified_primary_email.txt": _("Confirm this e-mail address first."),
    "account/messages/password_changed.txt": _("Your password is changed."),
    "account/messages/password_set.txt": _("Your password is set."),
    "mfa/messages/totp_activated.txt": _("The authenticator app is on."),
    "mfa/messages/totp_deactivated.txt": _("The authenticator app is off."),
    "mfa/messages/webauthn_added.txt": _("The passkey is added."),
    "mfa/messages/webauthn_removed.txt": _("The passkey is removed."),
    "mfa/messages/recovery_codes_generated.txt": _("Your new recovery codes are ready. The old ones no longer work."),
    "usersessions/messages/sessions_logged_out.txt": _("The other sessions are ended."),
    "socialaccount/messages/account_connected.txt": _("The account is connected."),
    "socialaccount/messages/account_connected_other.txt": _("That account is connected to somebody else here."),
    "socialaccount/messages/account_disconnected.txt": _("The account is disconnected."),
}


def errors_of(form: BaseForm) -> dict[str, Sentence]:
    """A form's faults for `ui.error_summary`: one sentence per field; "" is the form as a whole."""
    faults: Mapping[str, Any] = form.errors.as_data()
    return {"" if name == "__all__" else name: sentence_for(errors[0]) for name, errors in faults.items()}


def sentence_for(error: ValidationError) -> Sentence:
    """Our sentence for the error's code; an error of our own comes without a code and says itself."""
    if error.code in ERRORS:
        return ERRORS[error.code]
    return error.messages[0]
