"""How often somebody may do what costs much."""

from meydan.kernel.errors import TooMany
from meydan.kernel.limits import check
from meydan.messaging.actions.devices import limited

SEARCHES_PER_MINUTE = 60


def count_search(person: str) -> None:
    """For a thread: count a search. `M_LIMIT_EXCEEDED`."""
    try:
        check(f"messaging.search:{person}", limit=SEARCHES_PER_MINUTE, seconds=60)
    except TooMany as error:
        raise limited(error) from error
