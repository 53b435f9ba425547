"""Every write of reports: one file per kind of verb."""

from meydan.reports.actions.arranging import set_category, set_rule
from meydan.reports.actions.filing import file_report, limit_filing, limit_suggesting
from meydan.reports.actions.following import answer_question, confirm_solution, reopen_report, withdraw_report
from meydan.reports.actions.forwarding import forward_report
from meydan.reports.actions.handling import (
    accept_report,
    add_note,
    add_photo,
    ask_reporter,
    close_as_solved,
    decline_report,
    move_report,
    route_report,
)
from meydan.reports.actions.importing import ImportedReport, import_reports
from meydan.reports.actions.joining import join_report, split_report
from meydan.reports.actions.keys import issue_api_key, keep_demo_key, revoke_api_key
from meydan.reports.actions.learning import learn_categories
from meydan.reports.actions.ledger import Row, known_rows, take_rows
from meydan.reports.actions.media import bring_picture, may_come_later, take_picture
from meydan.reports.actions.moderating import hide_report, show_report

__all__ = [
    "ImportedReport",
    "Row",
    "accept_report",
    "add_note",
    "add_photo",
    "answer_question",
    "ask_reporter",
    "bring_picture",
    "close_as_solved",
    "confirm_solution",
    "decline_report",
    "file_report",
    "forward_report",
    "hide_report",
    "import_reports",
    "issue_api_key",
    "join_report",
    "keep_demo_key",
    "known_rows",
    "learn_categories",
    "limit_filing",
    "limit_suggesting",
    "may_come_later",
    "move_report",
    "reopen_report",
    "revoke_api_key",
    "route_report",
    "set_category",
    "set_rule",
    "show_report",
    "split_report",
    "take_picture",
    "take_rows",
    "withdraw_report",
]
