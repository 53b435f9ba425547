"""What can happen to a report. No fact holds private words: neither the description nor anybody's contact."""

from dataclasses import dataclass

from meydan.kernel.facts import Fact, fact


@dataclass(frozen=True, kw_only=True)
class AboutReport(Fact):
    """The base of a report's facts: codes of its category and, once it is known, of its department."""

    category: str
    department: str = ""


@fact("reports.report_filed")
@dataclass(frozen=True, kw_only=True)
class ReportFiled(AboutReport):
    """Somebody told the city of a problem; `origin` says by which way (models.Origin)."""

    district: str
    origin: str
    public: bool


@fact("reports.report_imported")
@dataclass(frozen=True, kw_only=True)
class ReportImported(AboutReport):
    """A report came with its history from another system, named by `source`."""

    source: str
    state: str


@fact("reports.report_routed")
@dataclass(frozen=True, kw_only=True)
class ReportRouted(AboutReport):
    """The city's rules found the department that is responsible, and in it the team ("" when they name none)."""

    district: str
    team: str = ""


@fact("reports.report_accepted")
@dataclass(frozen=True, kw_only=True)
class ReportAccepted(AboutReport):
    """The department has taken the case on."""


@fact("reports.question_asked")
@dataclass(frozen=True, kw_only=True)
class QuestionAsked(AboutReport):
    """The department needs to know more; the case waits for its reporter."""


@fact("reports.question_answered")
@dataclass(frozen=True, kw_only=True)
class QuestionAnswered(AboutReport):
    """The reporter has answered the department's question."""


@fact("reports.note_added")
@dataclass(frozen=True, kw_only=True)
class NoteAdded(AboutReport):
    """The staff wrote something down for themselves."""


@fact("reports.photo_added")
@dataclass(frozen=True, kw_only=True)
class PhotoAdded(AboutReport):
    """A picture was added to the case; `kind` as in models.PhotoKind."""

    kind: str


@fact("reports.report_supported")
@dataclass(frozen=True, kw_only=True)
class ReportSupported(AboutReport):
    """Somebody said "me too". `counts`: for the first time; `follows`: they want to hear what happens."""

    counts: bool
    follows: bool


@fact("reports.photo_marked")
@dataclass(frozen=True, kw_only=True)
class PhotoMarked(AboutReport):
    """Somebody, or the machine, has said what to hide in a photo: so many boxes. `by` is machine, reporter or staff."""

    photo: int
    boxes: int
    by: str


@fact("reports.photo_checked")
@dataclass(frozen=True, kw_only=True)
class PhotoChecked(AboutReport):
    """Somebody of the staff has looked at a photo: what its boxes leave may be seen by those whom it is meant for."""

    photo: int
    boxes: int


@fact("reports.photo_kept")
@dataclass(frozen=True, kw_only=True)
class PhotoKept(AboutReport):
    """Somebody of the staff has kept a photo from the public, and has told the reporter why."""

    photo: int


@fact("reports.original_forgotten")
@dataclass(frozen=True, kw_only=True)
class OriginalForgotten(AboutReport):
    """The sealed original of a photo was deleted, the city's time after the close."""

    photo: int


@fact("reports.report_solved")
@dataclass(frozen=True, kw_only=True)
class ReportSolved(AboutReport):
    """The department says that the problem is solved; the reporter has not confirmed it yet."""


@fact("reports.report_declined")
@dataclass(frozen=True, kw_only=True)
class ReportDeclined(AboutReport):
    """The department will not act, and has said why."""


@fact("reports.report_moved")
@dataclass(frozen=True, kw_only=True)
class ReportMoved(AboutReport):
    """The case was passed on: `category` and `department` are the new ones."""

    from_category: str
    from_department: str


@fact("reports.solution_confirmed")
@dataclass(frozen=True, kw_only=True)
class SolutionConfirmed(AboutReport):
    """The reporter agrees that the problem is solved."""


@fact("reports.report_reopened")
@dataclass(frozen=True, kw_only=True)
class ReportReopened(AboutReport):
    """The reporter does not agree with how the case was closed."""


@fact("reports.witness_heard")
@dataclass(frozen=True, kw_only=True)
class WitnessHeard(AboutReport):
    """A follower who is not the reporter has said whether they find it solved."""

    solved: bool


@fact("reports.silence_escalated")
@dataclass(frozen=True, kw_only=True)
class SilenceEscalated(AboutReport):
    """Nobody answered by the term. `step` 1 and 2: told to a manager above; 3: on the public list. `team` is the office
    whose manager is told, "" for the department itself."""

    step: int
    team: str


@fact("reports.category_repicked")
@dataclass(frozen=True, kw_only=True)
class CategoryRepicked(AboutReport):
    """The reporter has chosen another category: `category` and `department` are the new ones."""

    from_category: str
    from_department: str


@fact("reports.report_unfollowed")
@dataclass(frozen=True, kw_only=True)
class ReportUnfollowed(AboutReport):
    """Somebody follows the report no longer, and does not count as affected."""


@fact("reports.report_forwarded")
@dataclass(frozen=True, kw_only=True)
class ReportForwarded(AboutReport):
    """The case was given to an authority outside (its code); `forward` is the row that says how far it has come."""

    authority: str
    forward: int


@fact("reports.authority_answered")
@dataclass(frozen=True, kw_only=True)
class AuthorityAnswered(AboutReport):
    """The authority outside has said something about the case, or has closed it there."""

    authority: str
    forward: int
    closed: bool


@fact("reports.forward_moved")
@dataclass(frozen=True, kw_only=True)
class ForwardMoved(AboutReport):
    """A forwarded case has come further on its way: `state` as in models.Sending."""

    authority: str
    forward: int
    state: str


@fact("reports.report_completed")
@dataclass(frozen=True, kw_only=True)
class ReportCompleted(AboutReport):
    """The reporter has said what a letter left open: the kind, the place, and that everybody may read it (`public`)."""

    district: str
    public: bool


@fact("reports.letter_taken")
@dataclass(frozen=True, kw_only=True)
class LetterTaken(Fact):
    """An e-mail was taken into the case `report`; the subject is "letter:<id>"."""

    report: str


@fact("reports.letter_refused")
@dataclass(frozen=True, kw_only=True)
class LetterRefused(Fact):
    """An e-mail became nothing, and why (models.Refusal). `told`: its sender is to hear of it."""

    reason: str
    told: bool


@fact("reports.authority_set")
@dataclass(frozen=True, kw_only=True)
class AuthoritySet(Fact):
    """An authority outside was added or changed; the subject is "authority:<code>". `by_open311`: else by e-mail."""

    by_open311: bool
    active: bool


@fact("reports.report_joined")
@dataclass(frozen=True, kw_only=True)
class ReportJoined(AboutReport):
    """The same problem was reported before: the case goes on in the report with the number `into`."""

    into: int


@fact("reports.report_separated")
@dataclass(frozen=True, kw_only=True)
class ReportSeparated(AboutReport):
    """It was joined by mistake with the report of the number `was_in` (0 where that is gone), and is open again."""

    was_in: int


@fact("reports.report_split")
@dataclass(frozen=True, kw_only=True)
class ReportSplit(AboutReport):
    """The report told of two problems: the second goes on in the report with the number `part`."""

    part: int


@fact("reports.report_assigned")
@dataclass(frozen=True, kw_only=True)
class ReportAssigned(AboutReport):
    """The case was given to an officer of its department, or to a team of it (its code, "" for none)."""

    to_officer: bool
    team: str


@fact("reports.message_written")
@dataclass(frozen=True, kw_only=True)
class MessageWritten(AboutReport):
    """The city has written to the reporter, or (`from_city` false) the reporter to the city; nothing else changed."""

    from_city: bool


@fact("reports.reporter_rung")
@dataclass(frozen=True, kw_only=True)
class ReporterRung(AboutReport):
    """The call centre has rung somebody back who left only a number: reached, missed, or told not to call again."""

    outcome: str


@fact("reports.change_undone")
@dataclass(frozen=True, kw_only=True)
class ChangeUndone(AboutReport):
    """What a change to many reports had done to this one was taken back; the subject of that one is `change`."""

    change: str
    verb: str
    state: str


@fact("reports.many_changed")
@dataclass(frozen=True, kw_only=True)
class ManyChanged(Fact):
    """One officer did the same to many reports, each with a fact of its own; the subject is "bulk:<id>"."""

    verb: str
    changed: int
    refused: int


@fact("reports.many_undone")
@dataclass(frozen=True, kw_only=True)
class ManyUndone(Fact):
    """A change to many reports was taken back where nothing had happened since (`kept`: where something had)."""

    restored: int
    kept: int


@fact("reports.report_withdrawn")
@dataclass(frozen=True, kw_only=True)
class ReportWithdrawn(AboutReport):
    """The reporter took the report back."""


@fact("reports.report_anonymised")
@dataclass(frozen=True, kw_only=True)
class ReportAnonymised(AboutReport):
    """What leads to a person was taken out of an old report. This fact does not say either whose it was."""


@fact("reports.report_hidden")
@dataclass(frozen=True, kw_only=True)
class ReportHidden(AboutReport):
    """The report is no longer public."""


@fact("reports.report_shown")
@dataclass(frozen=True, kw_only=True)
class ReportShown(AboutReport):
    """A hidden report is public again."""


@fact("reports.category_set")
@dataclass(frozen=True, kw_only=True)
class CategorySet(Fact):
    """A kind of problem was added or changed; the subject is "category:<code>"."""

    department: str
    term_days: int
    private: bool
    active: bool


@fact("reports.examples_set")
@dataclass(frozen=True, kw_only=True)
class ExamplesSet(Fact):
    """The sentences from which suggestions learn were set for some categories. The subject is "categorizer"."""

    categories: int
    examples: int


@fact("reports.team_set")
@dataclass(frozen=True, kw_only=True)
class TeamSet(Fact):
    """An office that answers reports was added or changed; the subject is "team:<code>". Its holder, if it has one, is
    in `persons`."""

    department: str
    parent: str
    active: bool


@fact("reports.reply_set")
@dataclass(frozen=True, kw_only=True)
class ReplySet(Fact):
    """Ready-made words were added or changed; the subject is "reply:<code>"."""

    verb: str
    active: bool


@fact("reports.categorizer_trained")
@dataclass(frozen=True, kw_only=True)
class CategorizerTrained(Fact):
    """The model that suggests a category was trained anew: how many it knows, and of how many reports it learned. The
    subject is "categorizer"."""

    categories: int
    reports: int


@fact("reports.routing_rule_set")
@dataclass(frozen=True, kw_only=True)
class RoutingRuleSet(Fact):
    """Reports of a category ("" for any) in a district ("" for any) go to this department and team ("" for none), at
    the times that the rule with this number says (subject "routing:<number>")."""

    category: str
    district: str
    department: str
    team: str = ""


@fact("reports.routing_rule_removed")
@dataclass(frozen=True, kw_only=True)
class RoutingRuleRemoved(Fact):
    """A rule is gone; the subject is "routing:<number>"."""

    category: str
    district: str
    department: str


@fact("reports.api_key_issued")
@dataclass(frozen=True, kw_only=True)
class ApiKeyIssued(Fact):
    """A program may file reports by Open311; the subject is "api_key:<id>". `hourly_limit`: reports in an hour."""

    name: str
    hourly_limit: int


@fact("reports.api_key_revoked")
@dataclass(frozen=True, kw_only=True)
class ApiKeyRevoked(Fact):
    """A program may no longer file reports."""

    name: str


@fact("reports.rows_taken")
@dataclass(frozen=True, kw_only=True)
class RowsTaken(Fact):
    """Rows of a file were taken over or refused; the subject is "import:<source>"."""

    imported: int
    refused: int
    first_line: int
    last_line: int


@fact("reports.figures_recounted")
@dataclass(frozen=True, kw_only=True)
class FiguresRecounted(Fact):
    """The sums behind the figures were counted anew; so many of them (`wrong`) had said something else."""

    wrong: int
