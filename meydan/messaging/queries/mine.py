"""What is held in memory of one person: their settings as far as the server obeys them, and what they have not read."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from meydan.messaging.models.push import Rules


class Settings(msgspec.Struct, frozen=True):
    """Push rules, with what they were compiled of; the rooms that are direct chats (`m.direct`), the tags of each room
    (`m.tag`), and the people whose messages they do not want (`m.ignored_user_list`)."""

    rules: Rules
    changes: bytes
    direct: frozenset[str]
    tags: Mapping[str, frozenset[str]]
    ignored: frozenset[str] = frozenset()


@dataclass(slots=True)
class Tally:
    """How many events notify, and how many of them loudly."""

    notify: int = 0
    highlight: int = 0


@dataclass(slots=True)
class Unread:
    """What somebody has not read of a room up to a position, by these rules: outside of threads, and in each."""

    upto: int
    rules: Rules
    ignored: frozenset[str] = frozenset()
    main: Tally = field(default_factory=Tally)
    threads: dict[str, Tally] = field(default_factory=dict)

    def total(self) -> tuple[int, int]:
        """Both numbers with all threads."""
        if not self.threads:
            return self.main.notify, self.main.highlight
        all_ = (self.main, *self.threads.values())
        return sum(one.notify for one in all_), sum(one.highlight for one in all_)
