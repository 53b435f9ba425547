"""Every read of reports. The actor comes first, and what they may not see is left out by the query itself."""

from meydan.reports.queries.arranging import (
    list_all_categories,
    list_rules,
    list_teams,
    show_category,
    show_rule,
    show_team,
)
from meydan.reports.queries.figures import Figures, forget_figures, public_figures, read_figures
from meydan.reports.queries.hearing import (
    Hearing,
    Satisfaction,
    count_witnesses,
    find_closing,
    hear,
    list_followers,
    list_satisfaction,
)
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
from meydan.reports.queries.routing import Candidate, Miss, Route, explain_route, find_route
from meydan.reports.queries.silence import find_manager, is_late, list_overdue, list_silent
from meydan.reports.queries.timeline import TimelineItem, find_photo, list_photos, list_timeline
from meydan.reports.queries.words import searchable
from meydan.reports.queries.work import count_work, list_work

__all__ = [
    "CASE_COOKIE",
    "CASE_COOKIE_SECONDS",
    "Candidate",
    "Contact",
    "Figures",
    "Hearing",
    "Labels",
    "Miss",
    "Page",
    "Route",
    "Row",
    "Satisfaction",
    "TimelineItem",
    "case_keys_in",
    "cookie_with",
    "count_witnesses",
    "count_work",
    "explain_route",
    "find_by_form_token",
    "find_by_key",
    "find_closing",
    "find_manager",
    "find_photo",
    "find_report",
    "find_route",
    "forget_figures",
    "forget_labels",
    "hear",
    "is_late",
    "labels",
    "list_all_categories",
    "list_api_keys",
    "list_categories",
    "list_cells",
    "list_followers",
    "list_mine",
    "list_overdue",
    "list_photos",
    "list_pins",
    "list_placed",
    "list_public",
    "list_rules",
    "list_satisfaction",
    "list_silent",
    "list_teams",
    "list_timeline",
    "list_work",
    "lock_report",
    "number_of",
    "public_figures",
    "read_figures",
    "searchable",
    "show_category",
    "show_contact",
    "show_rule",
    "show_team",
    "suggest_categories",
]
