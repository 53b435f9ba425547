"""Every read of reports. The actor comes first, and what they may not see is left out by the query itself."""

from meydan.reports.queries.figures import Figures, forget_figures, public_figures, read_figures
from meydan.reports.queries.labels import (
    Labels,
    forget_labels,
    labels,
    list_api_keys,
    list_categories,
)
from meydan.reports.queries.learning import Guess, train
from meydan.reports.queries.links import CASE_COOKIE, CASE_COOKIE_SECONDS, case_keys_in, cookie_with
from meydan.reports.queries.listing import Page, Row, list_mine, list_public
from meydan.reports.queries.mapping import list_cells, list_pins, list_placed
from meydan.reports.queries.measuring import (
    LIKELY,
    VERY_LIKELY,
    Answer,
    calibration_lines,
    confusion_lines,
    measure_lines,
    share_of_commonest,
    share_right,
)
from meydan.reports.queries.one import (
    Contact,
    find_by_form_token,
    find_by_key,
    find_report,
    lock_report,
    number_of,
    show_contact,
)
from meydan.reports.queries.routing import find_department
from meydan.reports.queries.suggesting import (
    Suggestion,
    balance,
    forget_model,
    gather_material,
    match_keywords,
    measure_on_reports,
    samples_of,
    say_sureness,
    suggest_categories,
    words_are_learned,
)
from meydan.reports.queries.timeline import TimelineItem, find_photo, list_photos, list_timeline
from meydan.reports.queries.words import searchable
from meydan.reports.queries.work import count_work, list_work

__all__ = [
    "CASE_COOKIE",
    "CASE_COOKIE_SECONDS",
    "LIKELY",
    "VERY_LIKELY",
    "Answer",
    "Contact",
    "Figures",
    "Guess",
    "Labels",
    "Page",
    "Row",
    "Suggestion",
    "TimelineItem",
    "balance",
    "calibration_lines",
    "case_keys_in",
    "confusion_lines",
    "cookie_with",
    "count_work",
    "find_by_form_token",
    "find_by_key",
    "find_department",
    "find_photo",
    "find_report",
    "forget_figures",
    "forget_labels",
    "forget_model",
    "gather_material",
    "labels",
    "list_api_keys",
    "list_categories",
    "list_cells",
    "list_mine",
    "list_photos",
    "list_pins",
    "list_placed",
    "list_public",
    "list_timeline",
    "list_work",
    "lock_report",
    "match_keywords",
    "measure_lines",
    "measure_on_reports",
    "number_of",
    "public_figures",
    "read_figures",
    "samples_of",
    "say_sureness",
    "searchable",
    "share_of_commonest",
    "share_right",
    "show_contact",
    "suggest_categories",
    "train",
    "words_are_learned",
]
