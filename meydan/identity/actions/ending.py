"""Relying parties are told that a sign-in has ended, so that nobody stays signed in there who has left here (OpenID
Connect Back-Channel Logout 1.0)."""

from datetime import timedelta
from uuid import UUID

from meydan.identity.actions.keys import keep_issuer_key
from meydan.identity.facts import PartyToldOfEnd
from meydan.identity.models import SignIn
from meydan.identity.plugins.backchannel import Outcome, tell
from meydan.identity.policies import may_issue
from meydan.identity.queries.keys import signer_for
from meydan.identity.queries.sign_ins import LOGOUT_TYP, find_to_tell, logout_payload
from meydan.kernel.action import action
from meydan.kernel.actor import SYSTEM, Actor
from meydan.kernel.clock import now
from meydan.kernel.facts import record
from meydan.kernel.jobs import enqueue_at, job

PAUSES = tuple(timedelta(seconds=seconds) for seconds in (5, 60, 600, 3600, 6 * 3600))
"""Between the tries: after seven hours it is given up, and the person reads so."""


@job(name="identity.tell_logout", queue="outside")
def tell_logout(*, sign_in: str, tries: int = 0) -> None:
    """Tell one relying party of one sign-in, by a token made afresh for each try."""
    row = find_to_tell(UUID(sign_in))
    if row is None:
        return
    token = signer_for(keep_issuer_key("sign_in"), LOGOUT_TYP, chain=False).sign(logout_payload(row))
    outcome = tell(row.party.logout_uri, token)
    if outcome is Outcome.LATER and tries < len(PAUSES):
        enqueue_at(now() + PAUSES[tries], tell_logout, sign_in=sign_in, tries=tries + 1)
    else:
        note_told(SYSTEM, row=row, told=outcome is Outcome.TOLD)


@action(policy=may_issue)
def note_told(actor: Actor, *, row: SignIn, told: bool) -> None:
    """What came of it, for the person's own history."""
    party, persons = row.party, (row.person_id,)
    record(PartyToldOfEnd(subject=row.reference, persons=persons, party=party.code, name=party.name, told=told))
