"""Messages, rooms and people are reported to Meydan's moderators (client-server API, "Reporting Content")."""

from meydan.accounts.public import Person, actor_for
from meydan.kernel.actor import Channel
from meydan.kernel.errors import Conflict, NotFound, Refused, TooMany
from meydan.messaging.actions.devices import limited
from meydan.messaging.models.errors import forbidden, not_found
from meydan.messaging.queries.reported import KINDS
from meydan.moderation.public import Reason, flag_thing, limit_flagging


def report(account: str, reference: str, words: str, address: str) -> None:
    """For a thread: flag a thing. Twice is once. `M_NOT_FOUND`, `M_FORBIDDEN`, `M_LIMIT_EXCEEDED`."""
    if reference.partition(":")[0] not in KINDS:
        raise LookupError(reference)
    actor = actor_for(Person.objects.get(pk=account), channel=Channel.API, address=address)
    try:
        limit_flagging(actor)
        flag_thing(actor, reference=reference, reason=Reason.OTHER, words=words)
    except Conflict:
        return
    except TooMany as error:
        raise limited(error) from error
    except NotFound as error:
        raise not_found("There is no such thing.") from error
    except Refused as error:
        raise forbidden(str(error.message)) from error
