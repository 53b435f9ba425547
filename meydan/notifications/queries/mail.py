"""Every read of the outbox."""

from uuid import UUID

from meydan.kernel.actor import Actor
from meydan.kernel.errors import NotFound
from meydan.notifications.models import Mail
from meydan.notifications.policies import may_read_mailbox

MAILBOX_SIZE = 100


def list_mailbox(actor: Actor, *, words: str = "") -> list[Mail]:
    """The latest letters, newest first, to readers whose address contains `words`. NotFound outside the demo."""
    _demo_only(actor)
    letters = Mail.objects.order_by("-posted_at")
    if words := words.strip()[:100]:
        letters = letters.filter(to__icontains=words)
    return list(letters[:MAILBOX_SIZE])


def show_letter(actor: Actor, key: UUID) -> Mail:
    """One letter. NotFound outside the demo, or when there is none."""
    _demo_only(actor)
    letter = Mail.objects.filter(pk=key).first()
    if letter is None:
        raise NotFound
    return letter


def _demo_only(actor: Actor) -> None:
    if not may_read_mailbox(actor):
        raise NotFound


def lock_letter(actor: Actor, key: UUID) -> Mail:
    """The row, locked, for an action."""
    letter = Mail.objects.select_for_update().filter(pk=key).first()
    if letter is None:
        raise NotFound
    return letter
