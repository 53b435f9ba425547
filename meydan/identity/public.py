"""The door of identity: for domains that rest on who somebody is. They ask the actor's `assurance` first."""

from django.utils.translation import gettext

from meydan.accounts.public import contributes_to_export, tells
from meydan.identity.facts import (
    ClaimsChanged,
    CredentialOffered,
    CredentialsIssued,
    CredentialsRevoked,
    IdentityEnded,
    IdentityEstablished,
    IdentityFrozen,
    IdentityThawed,
    LevelRaised,
    OfferRefused,
    PowersOpened,
    Presented,
    WalletEnded,
    WalletOpened,
)
from meydan.identity.queries.consents import exported_consents
from meydan.identity.queries.identities import own_identity
from meydan.identity.queries.wallets import awaits

__all__ = ["awaits", "own_identity"]

contributes_to_export("identity", exported_consents)

tells(IdentityEstablished, lambda _fact: gettext("Your account stands for your identity"))
tells(LevelRaised, lambda _fact: gettext("Your identity was checked in person"))
tells(PowersOpened, lambda _fact: gettext("All powers of your identity are open"))
tells(IdentityFrozen, lambda _fact: gettext("Your identity was frozen"))
tells(IdentityThawed, lambda _fact: gettext("Your identity was thawed"))
tells(ClaimsChanged, lambda _fact: gettext("The registry changed what it says of you"))
tells(IdentityEnded, lambda _fact: gettext("Your identity was ended"))
tells(CredentialOffered, lambda _fact: gettext("You offered your ID to a wallet"))
tells(OfferRefused, lambda _fact: gettext("Somebody typed wrong digits for your ID"))
tells(WalletOpened, lambda _fact: gettext("A new wallet may hold your ID"))
tells(CredentialsIssued, lambda _fact: gettext("A wallet received your ID"))
tells(WalletEnded, lambda _fact: gettext("A wallet of your ID was ended"))
tells(CredentialsRevoked, lambda _fact: gettext("Credentials of your ID were revoked"))
tells(Presented, lambda _fact: gettext("Your ID was shown"))
