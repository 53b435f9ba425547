"""One report: its page, and what people do to it there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from meydan.kernel.actor import Actor
from meydan.kernel.errors import Invalid, NotFound
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.i18n import format_number
from meydan.kernel.inputs import parse
from meydan.kernel.limits import check
from meydan.kernel.policy import Verdict
from meydan.reports import actions
from meydan.reports.inputs import CaseWords
from meydan.reports.models import ALLOWED, Reason, Report, State, Verb
from meydan.reports.pages.asking import answer_rows
from meydan.reports.pages.drawing import locator
from meydan.reports.pages.filing import hand_over_key
from meydan.reports.pages.listing import options
from meydan.reports.pages.looks import (
    category_name,
    department_name,
    district_name,
    pair_of,
    picture,
    state_view,
    team_name,
    term,
    timeline_view,
    title_of,
    waiting_view,
)
from meydan.reports.pages.pictures import receive_pictures
from meydan.reports.policies import (
    is_reporter,
    is_staff_of,
    may_add_note,
    may_add_photo,
    may_follow_up,
    may_moderate,
    may_move,
    may_see_contact,
    may_support,
    may_witness,
    may_work,
)
from meydan.reports.queries import (
    Contact,
    find_by_key,
    find_report,
    hear,
    labels,
    list_looks,
    list_photos,
    list_timeline,
    list_waiting,
    place_for,
    shas_of,
    show_contact,
)

ACTS_PER_HOUR = 120
Policy = Callable[[Actor, Report], Verdict]
Do = Callable[[Actor, int, CaseWords], object]


@dataclass(frozen=True)
class Act:
    """One thing that can be done on a report's page: its words, its form and its action.

    `words` and `photos` say what the form asks for: "" nothing, "may" or "must".
    """

    policy: Policy
    do: Do
    label: Any
    hint: Any
    icon: str
    done: Any
    words: str = "must"
    photos: str = ""
    kind: str = "primary"


# In the order in which the page offers them.
ACTS: Mapping[str, Act] = {
    Verb.CONFIRM: Act(
        may_follow_up,
        lambda actor, number, words: actions.confirm_solution(
            actor, number, text=words.text, content=words.content, reasons=words.reasons
        ),
        _("Yes, it is solved"),
        _("The report is then counted as solved."),
        "circle-check-big",
        _("Thank you. The report is confirmed as solved."),
        words="",
    ),
    Verb.REOPEN: Act(
        may_follow_up,
        lambda actor, number, words: actions.reopen_report(
            actor,
            number,
            text=words.text,
            photos=shas_of(words.photos),
            content=words.content,
            reasons=words.reasons,
        ),
        _("No, reopen it"),
        _("Say what is still wrong. Everybody can read it."),
        "rotate-ccw",
        _("The report is open again. The department has been told."),
        photos="may",
        kind="quiet",
    ),
    Verb.ANSWER: Act(
        may_follow_up,
        lambda actor, number, words: actions.answer_question(
            actor, number, text=words.text, photos=shas_of(words.photos)
        ),
        _("Send the answer"),
        _("Only the city reads your answer."),
        "message-circle",
        _("Your answer has been sent."),
        photos="may",
    ),
    Verb.ACCEPT: Act(
        may_work,
        lambda actor, number, words: actions.accept_report(actor, number, text=words.text),
        _("Accept the case"),
        _("You take the case on. The reporter is told; what you write here is public."),
        "hammer",
        _("The case is yours now."),
        words="may",
    ),
    Verb.SOLVE: Act(
        may_work,
        lambda actor, number, words: actions.close_as_solved(
            actor, number, text=words.text, photos=shas_of(words.photos)
        ),
        _("Close as solved"),
        _("Say what was done. Words are public, photos once they are checked; the reporter is asked to confirm."),
        "check",
        _("Closed as solved. The reporter is asked to confirm."),
        photos="may",
    ),
    Verb.ASK: Act(
        may_work,
        lambda actor, number, words: actions.ask_reporter(actor, number, text=words.text),
        _("Ask the reporter"),
        _("Only the reporter and the city read the question."),
        "message-circle-question-mark",
        _("Your question has been sent."),
        kind="quiet",
    ),
    Verb.MOVE: Act(
        may_move,
        lambda actor, number, words: actions.move_report(
            actor, number, category=words.category, department=words.department, text=words.text
        ),
        _("Pass on"),
        _("To another category, whose department then gets it, or to a department. What you write here is public."),
        "forward",
        _("The case was passed on."),
        words="may",
        kind="quiet",
    ),
    Verb.DECLINE: Act(
        may_work,
        lambda actor, number, words: actions.decline_report(actor, number, text=words.text),
        _("Decline"),
        _("Give the reason. Everybody can read it."),
        "ban",
        _("The report is declined; the reporter reads why."),
        kind="danger",
    ),
    "note": Act(
        may_add_note,
        lambda actor, number, words: actions.add_note(actor, number, text=words.text),
        _("Add an internal note"),
        _("Only the city's staff reads notes."),
        "notebook-pen",
        _("The note is saved."),
        kind="quiet",
    ),
    "photo": Act(
        may_add_photo,
        lambda actor, number, words: actions.add_photo(actor, number, photos=shas_of(words.photos), text=words.text),
        _("Add photos"),
        _("Photos of a public report become public once the city has looked at them. Avoid faces and number plates."),
        "image",
        _("The photos were added."),
        words="may",
        photos="must",
        kind="quiet",
    ),
    "repick": Act(
        may_follow_up,
        lambda actor, number, words: actions.repick_category(actor, number, category=words.category, text=words.text),
        _("Choose another kind"),
        _("Was it the wrong kind? The report then goes to the department of the new one. Possible twice."),
        "tag",
        _("The kind is changed. The report is with the department that is responsible for it."),
        words="",
        kind="quiet",
    ),
    Verb.WITHDRAW: Act(
        may_follow_up,
        lambda actor, number, words: actions.withdraw_report(actor, number, text=words.text),
        _("Withdraw the report"),
        _("For example because it was sent by mistake. This cannot be undone."),
        "undo-2",
        _("The report is withdrawn."),
        words="may",
        kind="danger",
    ),
    "hide": Act(
        may_moderate,
        lambda actor, number, words: actions.hide_report(actor, number, text=words.text),
        _("Take off the public pages"),
        _("Say why; the reporter and the city can read it."),
        "eye-off",
        _("The report is not public any more."),
        kind="danger",
    ),
    "show": Act(
        may_moderate,
        lambda actor, number, words: actions.show_report(actor, number, text=words.text),
        _("Make public again"),
        "",
        "eye",
        _("The report is public again."),
        words="may",
        kind="quiet",
    ),
}
CONTENTS = (
    (5, _("Very content")),
    (4, _("Content")),
    (3, _("So so")),
    (2, _("Not content")),
    (1, _("Not content at all")),
)
DONE = {
    "sent": _("Your report has been sent. The responsible department is being told now."),
    "flagged": _("Thank you. A moderator will look at it."),
    "supported": _("Thank you. Your “me too” counts."),
    "witness": _("Thank you. Your word as a witness counts."),
    "unfollow": _("You follow this report no longer."),
}


@dataclass(frozen=True)
class Fault:
    """What was wrong with what somebody sent, and what they had typed."""

    act: str
    errors: Mapping[str, Any]
    values: Mapping[str, str] = field(default_factory=dict)
    photos: list[str] = field(default_factory=list)


@page("GET")
def show(request: HttpRequest, number: int) -> HttpResponse:
    """A report's page; with `?key=` the secret link, which makes this browser the reporter's."""
    key = request.GET.get("key")
    if key is None:
        return _show(request, find_report(actor_of(request), number))
    find_by_key(number, key[:64])
    response = HttpResponseRedirect(reverse("reports:show", kwargs={"number": number}))
    hand_over_key(request, response, number)
    return response


@page("POST")
def act(request: HttpRequest, number: int, verb: str) -> HttpResponse:
    """Do one of the `ACTS`, then come back to the page."""
    actor = actor_of(request)
    deed = ACTS.get(verb)
    if deed is None:
        raise NotFound
    check(f"reports.act:{actor.person_id or actor.address}", limit=ACTS_PER_HOUR, seconds=3600)
    report = find_report(actor, number)
    photos, fault = _pictures(request, deed, actor, report)
    try:
        words = parse(CaseWords, request.POST, photos=photos)
        if fault:
            raise Invalid(fields={"photo": fault})
        deed.do(actor, number, words)
    except Invalid as error:
        values = {name: str(value)[:5000] for name, value in request.POST.items()}
        errors = {f"{verb}-{_FILES.get(name, name)}": sentence for name, sentence in error.fields.items()}
        return _show(request, report, fault=Fault(verb, errors, values, photos), status=422)
    return HttpResponseRedirect(f"{reverse('reports:show', kwargs={'number': number})}?done={verb}")


_FILES = {"photos": "photo"}  # a fault of the tokens is shown at the field that takes files


def _pictures(request: HttpRequest, deed: Act, actor: Actor, report: Report) -> tuple[list[str], str]:
    """Pictures are decoded only for those who may send them."""
    if not deed.photos or not deed.policy(actor, report):
        return [], ""
    return receive_pictures(request.FILES.getlist("photo"), request.POST.getlist("photos"))


@page("POST")
def contact(request: HttpRequest, number: int) -> HttpResponse:
    """Show the reporter's contact to whoever works on the case; the look is recorded."""
    actor = actor_of(request)
    seen = show_contact(actor, number)
    return _show(request, find_report(actor, number), contact=seen)


def _show(
    request: HttpRequest,
    report: Report,
    *,
    fault: Fault | None = None,
    contact: Contact | None = None,
    status: int = 200,
) -> HttpResponse:
    actor = actor_of(request)
    photos = list_photos(actor, report)
    acts = list_acts(actor, report)
    mine, staff = is_reporter(actor, report), is_staff_of(actor, report)
    context = {
        "report": report,
        "title": title_of(report),
        "state": state_view(report.state),
        "facts": [*_facts(report, staff=staff), *answer_rows(report, party=mine or staff)],
        "timeline": timeline_view(list_timeline(actor, report, photos)),
        "pair": pair_of(photos),
        "pictures": [picture(photo.pk) for photo in photos],
        "waiting": waiting_view(actor, list_waiting(actor, report)),
        "looks": list_looks(actor, report),
        "map": locator(place_for(actor, report), report.district_id),
        "acts": acts,
        "may_support": report.is_open and bool(may_support(actor, report)),
        "fault": fault,
        "done": _done(request),
        "mine": mine,
        "staff": staff,
        "secret": request.build_absolute_uri(f"?key={report.key}") if mine and report.reporter_id is None else None,
        "contact": contact,
        "hearing": hear(actor, report),
        "witness": bool(may_witness(actor, report)),
        "contents": CONTENTS,
        "reasons": Reason.choices,
        "may_see_contact": staff and not mine and bool(may_see_contact(actor, report)),
        "categories": options(labels().categories, str(_("As it is"))) if {Verb.MOVE, "repick"} & acts.keys() else [],
        "departments": options(labels().departments, str(_("As the category says"))) if Verb.MOVE in acts else [],
    }
    return render(request, "reports/show.html", context, status=status)


def list_acts(actor: Actor, report: Report) -> dict[str, Act]:
    """What the actor may do now, in the order of `ACTS`."""
    return {name: deed for name, deed in ACTS.items() if deed.policy(actor, report) and _is_possible(name, report)}


def _is_possible(name: str, report: Report) -> bool:
    if name in Verb.values:
        return Verb(name) in ALLOWED[State(report.state)]
    if name == "repick":
        return report.is_open
    if name in ("hide", "show"):
        return report.public is (name == "hide") and not report.category.private
    return True


def _office(report: Report) -> str:
    """The office that answers; its manager by name only where the city has decided so."""
    shown = labels().holders.get(report.team_id or "", "")
    return f"{team_name(report.team_id)} · {shown}" if shown else team_name(report.team_id)


def _done(request: HttpRequest) -> Any:
    name = request.GET.get("done", "")
    if name in DONE:
        return DONE[name]
    return ACTS[name].done if name in ACTS else None


def _facts(report: Report, *, staff: bool) -> list[tuple[Any, Any]]:
    """The rows of the summary: what, where, who, until when."""
    rows: list[tuple[Any, Any]] = [
        (_("Kind"), category_name(report.category_id)),
        (_("Address"), report.address),
        (_("District"), district_name(report.district_id)),
        (_("Department"), department_name(report.department_id) or _("is being found")),
    ]
    rows.append((_("Office"), _office(report)))
    if report.is_open:
        rows.append((_("Answer"), _("waits for the reporter's answer") if report.paused_on else term(report.due_on)))
    if report.supporters:
        rows.append((_("Also affected"), format_number(report.supporters)))
    if staff:
        rows.append((_("Came by"), report.get_origin_display()))
        rows.append((_("Officer"), report.officer.name if report.officer else ""))
    return [row for row in rows if row[1]]
