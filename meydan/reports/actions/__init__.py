"""Every write of reports: one file per kind of verb."""

from meydan.reports.actions.anonymising import anonymise_report, anonymise_some
from meydan.reports.actions.arranging import When, remove_rule, set_category, set_reply, set_rule, set_team
from meydan.reports.actions.assigning import assign_report
from meydan.reports.actions.bulk import change_many, undo_change
from meydan.reports.actions.carrying import carry, explain_fault
from meydan.reports.actions.escalating import escalate_report, escalate_silence
from meydan.reports.actions.filing import file_report, limit_bringing, limit_filing, limit_suggesting
from meydan.reports.actions.following import (
    answer_question,
    confirm_solution,
    reopen_report,
    repick_category,
    withdraw_report,
)
from meydan.reports.actions.forwarding import (
    forward_report,
    keep_demo_authority,
    note_failure,
    note_sent,
    recall_forward,
    set_authority,
    try_again,
)
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
from meydan.reports.actions.hearing import hear_witness, unfollow_report
from meydan.reports.actions.importing import ImportedReport, import_reports
from meydan.reports.actions.joining import join_report, separate_report, split_report
from meydan.reports.actions.keys import issue_api_key, keep_demo_key, revoke_api_key
from meydan.reports.actions.learning import learn_categories, set_examples
from meydan.reports.actions.ledger import Row, known_rows, take_rows
from meydan.reports.actions.letters import Incoming, complete_report, forget_letters, guess_language, take_letter
from meydan.reports.actions.media import bring_picture, may_come_later, take_picture
from meydan.reports.actions.moderating import hide_report, show_report
from meydan.reports.actions.once import do_once, forget_forms
from meydan.reports.actions.photos import check_photo, draw_boxes, forget_original, keep_photo, mark_photo
from meydan.reports.actions.ringing import note_call
from meydan.reports.actions.supporting import limit_supporting, support_report
from meydan.reports.actions.talking import forget_room, take_reply, tell_in_messenger
from meydan.reports.actions.tallying import fold_changes, recount_figures
from meydan.reports.actions.writing import write_message

__all__ = [
    "ImportedReport",
    "Incoming",
    "Row",
    "When",
    "accept_report",
    "add_note",
    "add_photo",
    "anonymise_report",
    "anonymise_some",
    "answer_question",
    "ask_reporter",
    "assign_report",
    "bring_picture",
    "carry",
    "change_many",
    "check_photo",
    "close_as_solved",
    "complete_report",
    "confirm_solution",
    "decline_report",
    "do_once",
    "draw_boxes",
    "escalate_report",
    "escalate_silence",
    "explain_fault",
    "file_report",
    "fold_changes",
    "forget_forms",
    "forget_letters",
    "forget_original",
    "forget_room",
    "forward_report",
    "guess_language",
    "hear_witness",
    "hide_report",
    "import_reports",
    "issue_api_key",
    "join_report",
    "keep_demo_authority",
    "keep_demo_key",
    "keep_photo",
    "known_rows",
    "learn_categories",
    "limit_bringing",
    "limit_filing",
    "limit_suggesting",
    "limit_supporting",
    "mark_photo",
    "may_come_later",
    "move_report",
    "note_call",
    "note_failure",
    "note_sent",
    "recall_forward",
    "recount_figures",
    "remove_rule",
    "reopen_report",
    "repick_category",
    "revoke_api_key",
    "route_report",
    "separate_report",
    "set_authority",
    "set_category",
    "set_examples",
    "set_reply",
    "set_rule",
    "set_team",
    "show_report",
    "split_report",
    "support_report",
    "take_letter",
    "take_picture",
    "take_reply",
    "take_rows",
    "tell_in_messenger",
    "try_again",
    "undo_change",
    "unfollow_report",
    "withdraw_report",
    "write_message",
]
