"""What lists are narrowed to."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Filter:
    """What a list is narrowed to; empty means everything. `state` is a state, or "open" or "closed"; `street` are
    words that stand in the address."""

    state: str = ""
    category: str = ""
    district: str = ""
    words: str = ""
    street: str = ""


@dataclass(frozen=True)
class WorkFilter(Filter):
    """What an officer looks at. `department` is one of theirs; `none` means: nobody is responsible yet."""

    department: str = ""
    mine: bool = False
    overdue: bool = False
