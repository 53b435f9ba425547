"""Every write of moderation, one subject per file."""

from meydan.moderation.actions.appeals import answer_appeal, appeal_decision, forget_evidence, forget_old_evidence
from meydan.moderation.actions.blocks import (
    appeal_block,
    block_sender,
    decide_appeal,
    forget_traces,
    note_sender,
    refuse_blocked,
)
from meydan.moderation.actions.flags import (
    claim_thing,
    flag_page,
    flag_thing,
    forget_flags,
    keep_thing,
    limit_flagging,
    take_thing_off,
)
from meydan.moderation.actions.reviews import (
    approve_review,
    hand_in,
    refuse_review,
    send_back_review,
    take_review,
    withdraw_review,
)

__all__ = [
    "answer_appeal",
    "appeal_block",
    "appeal_decision",
    "approve_review",
    "block_sender",
    "claim_thing",
    "decide_appeal",
    "flag_page",
    "flag_thing",
    "forget_evidence",
    "forget_flags",
    "forget_old_evidence",
    "forget_traces",
    "hand_in",
    "keep_thing",
    "limit_flagging",
    "note_sender",
    "refuse_blocked",
    "refuse_review",
    "send_back_review",
    "take_review",
    "take_thing_off",
    "withdraw_review",
]
