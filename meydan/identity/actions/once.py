"""What may be used once: whoever comes second is refused, also at the same moment on another machine."""

from datetime import datetime

from django.db import IntegrityError, transaction

from meydan.identity.models import UsedOnce
from meydan.identity.models.credentials import secret_digest
from meydan.identity.queries.nonces import forgotten_at
from meydan.identity.queries.proofs import Dpop
from meydan.identity.tokens.faults import Fault


def use_once(purpose: str, secret: str, *, until: datetime) -> bool:
    """Whether this is the first use. Call it in an action's transaction: undone with it, it counts as not used."""
    try:
        with transaction.atomic():
            UsedOnce.objects.create(pk=secret_digest(f"{purpose}:{secret}"), until=until)
    except IntegrityError:
        return False
    return True


def use_proof(dpop: Dpop | None) -> None:
    """Use a DPoP proof up, where there is one. Raises `Fault`: `invalid_dpop_proof` for one that was used before."""
    if dpop and not use_once(f"dpop:{dpop.jkt}", dpop.number, until=forgotten_at()):
        raise Fault("invalid_dpop_proof", "The DPoP proof was used before.")
