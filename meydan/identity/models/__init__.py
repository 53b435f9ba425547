"""The tables of identity: whom an account stands for. Every claim lies encrypted (`kernel.vault`)."""

from meydan.identity.models.identities import (
    HOLD,
    LEVELS,
    WHY_FROZEN,
    Claims,
    Identity,
    number_digest,
)

__all__ = ["HOLD", "LEVELS", "WHY_FROZEN", "Claims", "Identity", "number_digest"]
