"""Every read of reports. The actor comes first, and what they may not see is left out by the query itself."""

from meydan.reports.queries.figures import Figures, forget_figures, public_figures, read_figures
from meydan.reports.queries.labels import (
    Labels,
    forget_labels,
    labels,
    list_api_keys,
    list_categories,
    suggest_categories,
)
from meydan.reports.queries.links import CASE_COOKIE, CASE_COOKIE_SECONDS, case_keys_in, cookie_with
from meydan.reports.queries.listing import Page, Row, list_mine, list_public
from meydan.reports.queries.mapping import list_cells, list_pins, list_placed
from meydan.reports.queries.one import (
    Contact,
    find_by_form_token,
    find_by_key,
    find_report,
    lock_report,
    number_of,
    show_contact,
)
from meydan.reports.queries.photos import (
    Sealed,
    count_to_check,
    find_photo,
    find_to_check,
    list_due_originals,
    list_looks,
    list_photos,
    list_waiting,
    lock_photo,
    own_copy,
    show_original,
    shown_to,
)
from meydan.reports.queries.routing import find_department
from meydan.reports.queries.timeline import TimelineItem, list_timeline
from meydan.reports.queries.words import searchable
from meydan.reports.queries.work import count_work, list_work

__all__ = [
    "CASE_COOKIE",
    "CASE_COOKIE_SECONDS",
    "Contact",
    "Figures",
    "Labels",
    "Page",
    "Row",
    "Sealed",
    "TimelineItem",
    "case_keys_in",
    "cookie_with",
    "count_to_check",
    "count_work",
    "find_by_form_token",
    "find_by_key",
    "find_department",
    "find_photo",
    "find_report",
    "find_to_check",
    "forget_figures",
    "forget_labels",
    "labels",
    "list_api_keys",
    "list_categories",
    "list_cells",
    "list_due_originals",
    "list_looks",
    "list_mine",
    "list_photos",
    "list_pins",
    "list_placed",
    "list_public",
    "list_timeline",
    "list_waiting",
    "list_work",
    "lock_photo",
    "lock_report",
    "number_of",
    "own_copy",
    "public_figures",
    "read_figures",
    "searchable",
    "show_contact",
    "show_original",
    "shown_to",
    "suggest_categories",
]
