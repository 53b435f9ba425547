"""Where a report can stand and what moves it on: one table, `ALLOWED`, and nothing beside it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """Where a report stands."""

    SUBMITTED = "submitted", _("Sent")
    ACCEPTED = "accepted", _("In progress")
    ASKED = "asked", _("Waiting for an answer")
    MOVED = "moved", _("Passed on")
    FORWARDED = "forwarded", _("With another authority")
    SOLVED = "solved", _("Solved, to be confirmed")
    CONFIRMED = "confirmed", _("Confirmed as solved")
    DECLINED = "declined", _("Declined")
    REOPENED = "reopened", _("Reopened")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    MERGED = "merged", _("Joined with another report")


class Verb(models.TextChoices):
    """What moves a report from one state to another."""

    ACCEPT = "accept", _("Accept")
    ASK = "ask", _("Ask the reporter")
    ANSWER = "answer", _("Answer")
    MOVE = "move", _("Pass on")
    FORWARD = "forward", _("Forward to another authority")
    SOLVE = "solve", _("Close as solved")
    DECLINE = "decline", _("Decline")
    CONFIRM = "confirm", _("Yes, it is solved")
    REOPEN = "reopen", _("No, reopen it")
    WITHDRAW = "withdraw", _("Withdraw")
    MERGE = "merge", _("Join with another report")


_OFFICE: dict[Verb, State] = {
    Verb.ACCEPT: State.ACCEPTED,
    Verb.ASK: State.ASKED,
    Verb.MOVE: State.MOVED,
    Verb.FORWARD: State.FORWARDED,
    Verb.SOLVE: State.SOLVED,
    Verb.DECLINE: State.DECLINED,
    Verb.WITHDRAW: State.WITHDRAWN,
    Verb.MERGE: State.MERGED,
}
_TAKEN_ON: dict[Verb, State] = {verb: state for verb, state in _OFFICE.items() if verb is not Verb.ACCEPT}

# From each state, what may be done and where it leads. Nothing else changes a state.
ALLOWED: dict[State, dict[Verb, State]] = {
    State.SUBMITTED: _OFFICE,
    State.MOVED: _OFFICE,
    State.REOPENED: _OFFICE,
    State.ACCEPTED: _TAKEN_ON,
    State.ASKED: {**_TAKEN_ON, Verb.ANSWER: State.ACCEPTED},
    State.FORWARDED: _OFFICE,
    State.SOLVED: {Verb.CONFIRM: State.CONFIRMED, Verb.REOPEN: State.REOPENED},
    State.DECLINED: {Verb.REOPEN: State.REOPENED},
    State.CONFIRMED: {},
    State.WITHDRAWN: {},
    State.MERGED: {Verb.REOPEN: State.REOPENED},
}

OPEN = tuple(state for state in State if Verb.SOLVE in ALLOWED[state])
CLOSED = tuple(state for state in State if state not in OPEN)


class Origin(models.TextChoices):
    """By which way a report came in."""

    WEB = "web", _("Website")
    PHONE = "phone", _("Call centre")
    API = "api", _("Other program")
    OPEN311 = "open311", _("Open311")
    MAIL = "mail", _("E-mail")
    IMPORT = "import", _("Taken over from another system")
