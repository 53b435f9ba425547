"""The door of identity: for domains that rest on who somebody is. They ask the actor's `assurance` first."""

from django.utils.translation import gettext

from meydan.accounts.public import tells
from meydan.identity.facts import (
    ClaimsChanged,
    IdentityEnded,
    IdentityEstablished,
    IdentityFrozen,
    IdentityThawed,
    LevelRaised,
    PowersOpened,
)
from meydan.identity.queries.identities import own_identity

__all__ = ["own_identity"]

tells(IdentityEstablished, lambda _fact: gettext("Your account stands for your identity"))
tells(LevelRaised, lambda _fact: gettext("Your identity was checked in person"))
tells(PowersOpened, lambda _fact: gettext("All powers of your identity are open"))
tells(IdentityFrozen, lambda _fact: gettext("Your identity was frozen"))
tells(IdentityThawed, lambda _fact: gettext("Your identity was thawed"))
tells(ClaimsChanged, lambda _fact: gettext("The registry changed what it says of you"))
tells(IdentityEnded, lambda _fact: gettext("Your identity was ended"))
