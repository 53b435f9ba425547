"""What our sign-up asks beyond allauth's fields: a name, and that the charter is accepted."""

from typing import Any

from allauth.account.forms import SignupForm as AllauthSignupForm
from allauth.socialaccount.forms import SignupForm as AllauthSocialSignupForm
from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from meydan.accounts.models import NAME_LENGTH, clean_name
from meydan.accounts.policies import LOOKS_OFFICIAL, looks_official
from meydan.accounts.queries import official_names


class SignupExtras(forms.Form):
    """What both sign-up forms ask."""

    name = forms.CharField(max_length=NAME_LENGTH)
    charter = forms.BooleanField()

    field_order = ["name", "email", "password1", "charter"]

    def clean_name(self) -> str:
        name = clean_name(self.cleaned_data["name"])
        if not name:
            raise ValidationError(_("Enter the name that others may see."))
        if looks_official(name, official_names()):
            raise ValidationError(LOOKS_OFFICIAL)
        return name

    def clean_charter(self) -> bool:
        if not self.cleaned_data["charter"]:
            raise ValidationError(_("Read the charter and accept it to open an account."))
        return True

    def save(self, request: HttpRequest) -> Any:
        """One transaction: the account, its address and what the adapter records."""
        with transaction.atomic():
            return super().save(request)  # type: ignore[misc]  # allauth's forms have it


class SignupForm(SignupExtras, AllauthSignupForm):
    """Sign-up with e-mail address and password."""

    way = "form"


class SocialSignupForm(SignupExtras, AllauthSocialSignupForm):
    """Sign-up by way of another provider: the provider's name is the way."""

    @property
    def way(self) -> str:
        return str(self.sociallogin.account.provider)
