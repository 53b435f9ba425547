"""What an authority outside says about a case that was forwarded to it."""

from meydan.kernel.action import action_on
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.facts import record
from meydan.reports.actions.steps import about, need_words, write_entry
from meydan.reports.facts import AuthorityAnswered
from meydan.reports.models import Audience, EntryKind, Forward, Report, Sending, Side
from meydan.reports.policies import may_carry
from meydan.reports.queries import lock_forward


@action_on(lock_forward, policy=may_carry)
def note_letter(actor: Actor, forward: Forward, *, text: str) -> Report:
    """The authority wrote back. Its words are for the staff, who decide what becomes of them: a letter is no proof."""
    forward.state, forward.said = Sending.ANSWERED, text[:4000]
    forward.save(update_fields=["state", "said"])
    write_entry(actor, forward.report, EntryKind.RETURNED, need_words(text[:4000]), audience=Audience.STAFF)
    _record(forward, closed=False)
    return forward.report


@action_on(lock_forward, policy=may_carry)
def note_standing(actor: Actor, forward: Forward, *, status: str, notes: str) -> None:
    """The authority's server says something new about the request: open or closed there, and words that it shows to
    everybody."""
    closed = status == "closed"
    forward.state = Sending.ANSWERED if closed else Sending.SENT
    forward.their_state, forward.said, forward.asked_at = status, notes, now()
    forward.save(update_fields=["state", "their_state", "said", "asked_at"])
    kind = EntryKind.DONE_THERE if closed else EntryKind.RETURNED
    write_entry(actor, forward.report, kind, notes, side=Side.SYSTEM)
    _record(forward, closed=closed)


def _record(forward: Forward, *, closed: bool) -> None:
    values = about(forward.report)
    record(AuthorityAnswered(**values, authority=forward.authority_id, forward=forward.pk, closed=closed))
