"""Who may do what with a report. Pure: an actor and a row in, a verdict out. Whether the report's state allows it is
asked afterwards, by `models.ALLOWED`."""

from django.utils.translation import gettext_lazy as _

from meydan.kernel.actor import Actor, Role
from meydan.kernel.policy import ALLOW, Verdict, refuse, sign_in_first
from meydan.reports.models import WAITING, BulkChange, Forward, Photo, Report, Side

OVERSEERS = (Role.OPERATOR, Role.MODERATOR, Role.AUDITOR, Role.ADMIN)
"""Roles that see every case of the city."""
_NOBODY = _("The personal data of this report was removed: nobody knows any more who sent it.")


def is_reporter(actor: Actor, report: Report) -> bool:
    """By the account, or by the secret link; nobody, once the report is anonymous."""
    by_account = actor.person_id is not None and actor.person_id == report.reporter_id
    return by_account or (report.reference in actor.case_keys and report.anonymous_at is None)


def is_responsible(actor: Actor, report: Report) -> bool:
    """An officer of the department that has the case."""
    return actor.has(Role.OFFICER) and report.department_id in actor.departments


def is_staff_of(actor: Actor, report: Report) -> bool:
    """Somebody of the city's who may read all of the case."""
    return actor.is_system or actor.has(*OVERSEERS) or is_responsible(actor, report)


def is_party(actor: Actor, report: Report) -> bool:
    """The reporter, or the city's staff: who may read the questions and answers."""
    return is_reporter(actor, report) or is_staff_of(actor, report)


def may_file(actor: Actor) -> Verdict:
    """Everybody may, with or without an account."""
    return ALLOW


def may_file_on_behalf(actor: Actor) -> Verdict:
    """Operators enter what callers say."""
    if actor.has(Role.OPERATOR) or actor.is_system:
        return ALLOW
    return sign_in_first() if actor.is_visitor else refuse(_("Only the call centre files reports for others."))


def may_see(actor: Actor, report: Report) -> Verdict:
    """What is public, what is one's own, and for the staff what is theirs to work on."""
    return ALLOW if report.public or is_party(actor, report) else refuse(_("This report is not public."))


def may_work(actor: Actor, report: Report) -> Verdict:
    """Officers of the responsible department answer it."""
    if actor.is_system or is_responsible(actor, report):
        return ALLOW
    return (
        sign_in_first() if actor.is_visitor else refuse(_("Only officers of the responsible department may do this."))
    )


def may_assign(actor: Actor, report: Report) -> Verdict:
    """The responsible department says who of it does the work."""
    return may_work(actor, report)


def may_move(actor: Actor, report: Report) -> Verdict:
    """The responsible department passes a case on; operators and administrators do where nobody is responsible yet."""
    if report.department_id is None and actor.has(Role.OPERATOR, Role.ADMIN):
        return ALLOW
    return may_work(actor, report)


def may_add_note(actor: Actor, report: Report) -> Verdict:
    """Internal notes come from the department and from the call centre, as long as somebody will read them."""
    if report.anonymous_at is not None:
        return refuse(_NOBODY)
    return ALLOW if actor.has(Role.OPERATOR) else may_work(actor, report)


def may_follow_up(actor: Actor, report: Report) -> Verdict:
    """Answer, confirm, reopen, withdraw: the reporter; for a case from a phone call also the call centre."""
    by_phone = report.operator_id is not None or report.is_reached_by_phone
    if is_reporter(actor, report) or (actor.has(Role.OPERATOR) and by_phone):
        return ALLOW
    if actor.is_visitor:
        return Verdict(False, _("Sign in, or open the secret link that you got with the report."), "sign_in_first")
    return refuse(_("Only the person who sent the report may do this."))


def may_write(actor: Actor, report: Report) -> Verdict:
    """Both sides may write to the other, whatever the state, as long as it is known who the other is."""
    if report.anonymous_at is not None:
        return refuse(_NOBODY)
    return ALLOW if may_work(actor, report) else may_follow_up(actor, report)


def may_take_calls(actor: Actor) -> Verdict:
    """Operators find a caller's earlier cases, and ring back."""
    if actor.has(Role.OPERATOR):
        return ALLOW
    return sign_in_first() if actor.is_visitor else refuse(_("Only the call centre may do this."))


def may_ring_back(actor: Actor, report: Report) -> Verdict:
    """The same, about one report."""
    return may_take_calls(actor)


def may_change_many(actor: Actor) -> Verdict:
    """Officers, and operators with what is nobody's yet; each report's own policy decides about that one."""
    if actor.has(Role.OFFICER, Role.OPERATOR, Role.ADMIN):
        return ALLOW
    return sign_in_first() if actor.is_visitor else refuse(_("The worklist is for the city's officers."))


def may_go_round(actor: Actor) -> Verdict:
    """Officers walk their department's round."""
    if actor.has(Role.OFFICER):
        return ALLOW
    return sign_in_first() if actor.is_visitor else refuse(_("The round is for the city's officers."))


def may_undo(actor: Actor, change: BulkChange) -> Verdict:
    """Whoever made the change, as long as they may make one."""
    if change.person_id is None or change.person_id != actor.person_id:
        return refuse(_("Only the person who made this change may undo it."))
    return may_change_many(actor)


def may_witness(actor: Actor, report: Report) -> Verdict:
    """Those who follow a report say whether they find it solved; its reporter says so as the reporter. A device
    without an account is not asked: its word could not be told from many."""
    if actor.is_visitor:
        return sign_in_first()
    if is_reporter(actor, report):
        return refuse(_("You sent this report: confirm it, or reopen it."))
    return ALLOW


def may_unfollow(actor: Actor, report: Report) -> Verdict:
    """Whoever has an account, for themselves."""
    return sign_in_first() if actor.is_visitor else ALLOW


def may_add_photo(actor: Actor, report: Report) -> Verdict:
    """Both sides may show more, as long as there are two."""
    if report.anonymous_at is not None:
        return refuse(_NOBODY)
    return ALLOW if may_work(actor, report) else may_follow_up(actor, report)


def may_support(actor: Actor, report: Report) -> Verdict:
    """Everybody whom it concerns, but not its reporter, who has said so already."""
    if is_reporter(actor, report):
        return refuse(_("You have reported this yourself."))
    return ALLOW if report.public else refuse(_("This report is not public."))


def may_see_contact(actor: Actor, report: Report) -> Verdict:
    """Whoever works on the case; each look is recorded."""
    if report.anonymous_at is not None:
        return refuse(_NOBODY)
    if actor.has(Role.OPERATOR) or may_work(actor, report) or is_reporter(actor, report):
        return ALLOW
    return refuse(_("Only those who work on the case may see the reporter's contact."))


def may_moderate(actor: Actor, report: Report) -> Verdict:
    """Moderators and the responsible department take a report off the public pages, or put it back."""
    return ALLOW if actor.has(Role.MODERATOR) else may_work(actor, report)


def may_see_worklist(actor: Actor) -> Verdict:
    """Officers see their departments' cases, overseers all."""
    if actor.is_system or actor.has(Role.OFFICER, *OVERSEERS):
        return ALLOW
    return sign_in_first() if actor.is_visitor else refuse(_("The worklist is for the city's officers."))


def may_complete(actor: Actor, report: Report) -> Verdict:
    """Who sent a letter says what it left open."""
    return may_follow_up(actor, report)


def may_take_letters(actor: Actor) -> Verdict:
    """The worker takes them out of the mailbox."""
    return ALLOW if actor.is_system else refuse(_("This happens by itself."))


def may_carry(actor: Actor, forward: Forward) -> Verdict:
    """The worker carries what was forwarded, and what comes back."""
    return ALLOW if actor.is_system else refuse(_("This happens by itself."))


def may_handle_forward(actor: Actor, forward: Forward) -> Verdict:
    """Whoever works on the case."""
    return may_work(actor, forward.report)


def may_see_letters(actor: Actor) -> Verdict:
    """The call centre, moderators and administrators look after refused letters."""
    if actor.has(Role.OPERATOR, Role.MODERATOR, Role.ADMIN):
        return ALLOW
    return sign_in_first() if actor.is_visitor else refuse(_("Letters are looked after by the city's staff."))


def may_arrange(actor: Actor) -> Verdict:
    """Administrators keep the categories and the routing rules; seeds and imports do as the system."""
    if actor.is_system or actor.has(Role.ADMIN):
        return ALLOW
    return sign_in_first() if actor.is_visitor else refuse(_("Only administrators may change this."))


def may_count(actor: Actor) -> Verdict:
    """The city's own machinery counts."""
    return ALLOW if actor.is_system else refuse(_("This happens by itself."))


def may_anonymise(actor: Actor, report: Report) -> Verdict:
    """The city's own machinery, when the time is over."""
    return ALLOW if actor.is_system else refuse(_("This happens by itself."))


def may_import(actor: Actor) -> Verdict:
    """The city's own machinery."""
    return ALLOW if actor.is_system else refuse(_("Reports are imported with the command `meydan import`."))


def may_route(actor: Actor, report: Report) -> Verdict:
    """The rules route, by the city's own machinery; people pass a case on."""
    return ALLOW if actor.is_system else refuse(_("Reports find their department by themselves."))


# Photos


def is_sender(actor: Actor, photo: Photo) -> bool:
    """Who sent the photo: the reporter, or that very person of the city's."""
    if photo.entry.side == Side.REPORTER:
        return is_reporter(actor, photo.report)
    return actor.person_id is not None and actor.person_id == photo.entry.person_id


def may_see_photo_queue(actor: Actor) -> Verdict:
    """Moderators and the call centre look at all photos, officers at their departments'."""
    if actor.has(Role.MODERATOR, Role.OPERATOR, Role.OFFICER):
        return ALLOW
    return sign_in_first() if actor.is_visitor else refuse(_("Photos are checked by the city's staff."))


def may_check_photo(actor: Actor, photo: Photo) -> Verdict:
    """The same, for one photo: publish it, keep it from the public, see its original."""
    if actor.has(Role.MODERATOR, Role.OPERATOR) or is_responsible(actor, photo.report):
        return ALLOW
    return sign_in_first() if actor.is_visitor else refuse(_("Photos are checked by the city's staff."))


def may_draw(actor: Actor, photo: Photo) -> Verdict:
    """Say what to hide in a photo: whoever sent it, until it is checked; those who check it, always."""
    if is_sender(actor, photo) and photo.looking in WAITING:
        return ALLOW
    return may_check_photo(actor, photo)


def may_mark(actor: Actor, photo: Photo) -> Verdict:
    """The city's own machinery: what it found in a photo, and forgetting the originals."""
    return ALLOW if actor.is_system else refuse(_("This happens by itself."))
