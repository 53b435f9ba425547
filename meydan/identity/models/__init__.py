"""The tables of identity: whom an account stands for, the credentials of it, and to whom they are shown. Every claim
lies encrypted (`kernel.vault`), every code and token as a digest."""

from meydan.identity.models.credentials import (
    Credential,
    Issuance,
    IssuerKey,
    Offer,
    StatusList,
    UsedOnce,
    Wallet,
    WalletToken,
)
from meydan.identity.models.identities import (
    HOLD,
    LEVELS,
    WHY_FROZEN,
    Claims,
    Identity,
    number_digest,
)
from meydan.identity.models.presenting import Clerk, Presentation, RelyingParty

__all__ = [
    "HOLD",
    "LEVELS",
    "WHY_FROZEN",
    "Claims",
    "Clerk",
    "Credential",
    "Identity",
    "Issuance",
    "IssuerKey",
    "Offer",
    "Presentation",
    "RelyingParty",
    "StatusList",
    "UsedOnce",
    "Wallet",
    "WalletToken",
    "number_digest",
]
