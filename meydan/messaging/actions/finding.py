"""People say whether others find them. Django's side: for the pages."""

from meydan.kernel.action import action
from meydan.kernel.actor import Actor
from meydan.kernel.errors import NotFound
from meydan.kernel.facts import record
from meydan.messaging.facts import FindingSet
from meydan.messaging.models import Findable, Found
from meydan.messaging.policies.cases import may_switch


@action(policy=may_switch)
def set_finding(actor: Actor, *, by_name: Found, by_address: bool) -> None:
    """From now on one is found by these; who has met one already keeps the conversation."""
    if actor.person_id is None:
        raise NotFound
    wish = {"by_name": by_name, "by_address": by_address}
    Findable.objects.update_or_create(pk=actor.person_id, defaults=wish)
    record(
        FindingSet(
            subject=f"person:{actor.person_id}",
            persons=(actor.person_id,),
            by_name=by_name.value,
            by_address=by_address,
        )
    )
