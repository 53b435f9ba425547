"""Flags, reviews, decisions, sanctions, and their appeals. Things are named by their references ("report:123")."""

from meydan.moderation.models.blocks import Block, Measure, Trace, Whom
from meydan.moderation.models.bounds import (
    CLAIM_HOURS,
    EVIDENCE_DAYS,
    MAX_ANSWERS_BYTES,
    MAX_DAYS,
    MAX_EVIDENCE,
    MAX_LIST,
    MAX_TITLE,
    MAX_WORDS,
    REFERENCE,
    TRACE_DAYS,
)
from meydan.moderation.models.flags import Claim, Decision, Flag, Page, Reason, make_token
from meydan.moderation.models.reviews import ALLOWED, Appeal, Review, ReviewState
from meydan.moderation.models.rules import ModerationRules, moderation_rules

__all__ = [
    "ALLOWED",
    "CLAIM_HOURS",
    "EVIDENCE_DAYS",
    "MAX_ANSWERS_BYTES",
    "MAX_DAYS",
    "MAX_EVIDENCE",
    "MAX_LIST",
    "MAX_TITLE",
    "MAX_WORDS",
    "REFERENCE",
    "TRACE_DAYS",
    "Appeal",
    "Block",
    "Claim",
    "Decision",
    "Flag",
    "Measure",
    "ModerationRules",
    "Page",
    "Reason",
    "Review",
    "ReviewState",
    "Trace",
    "Whom",
    "make_token",
    "moderation_rules",
]
