"""Whether somebody has downloaded an app, without a list of what anybody uses."""

from django.utils.crypto import salted_hmac

from meydan.store.models import Receipt


def mark_of(person: object, reference: str) -> str:
    """The keyed hash of a person and an app together."""
    return salted_hmac("meydan.store.receipt", f"{person} {reference}", algorithm="sha256").hexdigest()


def has_downloaded(person: object, reference: str) -> bool:
    """Whether this person has downloaded the app, signed in."""
    return Receipt.objects.filter(pk=mark_of(person, reference)).exists()
