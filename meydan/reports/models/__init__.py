"""Tables of reports, one file for each noun's room."""

from meydan.reports.models.arranging import EVERY_DAY, Authority, Category, ReplyTemplate, RoutingRule, Team
from meydan.reports.models.filters import Filter, WorkFilter
from meydan.reports.models.hearing import Follower, Opinion, Reason, Voice
from meydan.reports.models.learning import Categorizer
from meydan.reports.models.programs import ApiKey, ImportedRow
from meydan.reports.models.questions import MAX_ANSWER, Question, QuestionKind, questions_of, read_answers
from meydan.reports.models.report import MAX_ADDRESS, MAX_DESCRIPTION, Report, report_reference
from meydan.reports.models.rules import ReportRules, report_rules
from meydan.reports.models.states import ALLOWED, CLOSED, OPEN, Origin, State, Verb
from meydan.reports.models.timeline import (
    FOR_EVERYBODY,
    MAX_BOXES,
    MAX_ENTRIES,
    MAX_PHOTOS,
    MAX_PHOTOS_OF_A_CASE,
    WAITING,
    Audience,
    Entry,
    EntryKind,
    Looking,
    Photo,
    PhotoKind,
    Side,
)
from meydan.reports.models.work import LETTER_DAYS, BulkChange, BulkItem, Forward, Letter, Refusal, Sending

__all__ = [
    "ALLOWED",
    "CLOSED",
    "EVERY_DAY",
    "FOR_EVERYBODY",
    "LETTER_DAYS",
    "MAX_ADDRESS",
    "MAX_ANSWER",
    "MAX_BOXES",
    "MAX_DESCRIPTION",
    "MAX_ENTRIES",
    "MAX_PHOTOS",
    "MAX_PHOTOS_OF_A_CASE",
    "OPEN",
    "WAITING",
    "ApiKey",
    "Audience",
    "Authority",
    "BulkChange",
    "BulkItem",
    "Categorizer",
    "Category",
    "Entry",
    "EntryKind",
    "Filter",
    "Follower",
    "Forward",
    "ImportedRow",
    "Letter",
    "Looking",
    "Opinion",
    "Origin",
    "Photo",
    "PhotoKind",
    "Question",
    "QuestionKind",
    "Reason",
    "Refusal",
    "ReplyTemplate",
    "Report",
    "ReportRules",
    "RoutingRule",
    "Sending",
    "Side",
    "State",
    "Team",
    "Verb",
    "Voice",
    "WorkFilter",
    "questions_of",
    "read_answers",
    "report_reference",
    "report_rules",
]
