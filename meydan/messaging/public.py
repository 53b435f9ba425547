"""The door of messaging. With it comes what moderators see of messages, rooms and people that were reported.

A domain has a room for each of its cases: `open_case`, then `write_in_case`, `hand_case_over`, `set_case`, in its own
transaction, as `SYSTEM`; twice is once. It reacts to `facts.CaseMessageWritten`, and reads with `read_case_message`
what the person wrote. The page at the case's `link` has its card beside it, at `<link>/card`: JSON with `number title
state tone term late following deeds pictures`, for its parties alone, and the same after a POST of a deed (as
`reports.api` has it); the messenger's page shows it above the conversation.
"""

from meydan.messaging.actions.cases import forget_case, hand_case_over, open_case, set_case, write_in_case
from meydan.messaging.actions.stickers import keep_stickers
from meydan.messaging.models.stickers import STICKERS
from meydan.messaging.queries.cases import CaseMessage, find_case, read_case_message, wants_cases
from meydan.messaging.queries.export import export_messenger
from meydan.messaging.queries.reported import KINDS

__all__ = [
    "KINDS",
    "STICKERS",
    "CaseMessage",
    "export_messenger",
    "find_case",
    "forget_case",
    "hand_case_over",
    "keep_stickers",
    "open_case",
    "read_case_message",
    "set_case",
    "wants_cases",
    "write_in_case",
]
