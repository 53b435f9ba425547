"""One report: its page, and what people do to it there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from meydan.kernel.actor import Actor
from meydan.kernel.errors import Invalid, NotFound
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.i18n import format_date, format_number, text_of
from meydan.kernel.inputs import parse
from meydan.kernel.limits import check
from meydan.kernel.policy import Verdict
from meydan.reports import actions
from meydan.reports.inputs import CaseWords
from meydan.reports.models import ALLOWED, Reason, Report, State, Verb
from meydan.reports.pages.asking import answer_rows
from meydan.reports.pages.drawing import locator
from meydan.reports.pages.filing import hand_over_key
from meydan.reports.pages.forms import append, hands_options, typed
from meydan.reports.pages.listing import options
from meydan.reports.pages.looks import (
    category_name,
    department_name,
    district_name,
    forwards_view,
    pair_of,
    picture,
    place_of,
    state_view,
    team_name,
    term,
    timeline_view,
    title_of,
    waiting_view,
)
from meydan.reports.pages.pictures import receive_pictures
from meydan.reports.pages.supporting import close_view
from meydan.reports.policies import (
    is_reporter,
    is_staff_of,
    may_add_note,
    may_add_photo,
    may_assign,
    may_follow_up,
    may_moderate,
    may_move,
    may_see_contact,
    may_support,
    may_witness,
    may_work,
    may_write,
)
from meydan.reports.queries import (
    Contact,
    address_for,
    find_by_key,
    find_report,
    hear,
    labels,
    list_close,
    list_forwards,
    list_hands,
    list_kin,
    list_looks,
    list_photos,
    list_replies,
    list_takers,
    list_timeline,
    list_waiting,
    place_for,
    public_place,
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
    Verb.FORWARD: Act(
        may_work,
        lambda actor, number, words: actions.forward_report(actor, number, authority=words.authority, text=words.text),
        _("Forward to another authority"),
        _(
            "For problems that are not this city's to solve. They get the words, the place and the checked photos, and"
            " never who reported it. What you write here is public."
        ),
        "external-link",
        _("The case is on its way to the other authority."),
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
    "assign": Act(
        may_assign,
        lambda actor, number, words: actions.assign_report(
            actor, number, officer=words.officer, team=words.team, text=words.text
        ),
        _("Assign"),
        _("To an officer of the department, or to an office of it. Only the staff reads this."),
        "user-check",
        _("The case is assigned."),
        words="may",
        kind="quiet",
    ),
    "message": Act(
        may_write,
        lambda actor, number, words: actions.write_message(
            actor, number, text=words.text, photos=shas_of(words.photos)
        ),
        _("Write a message"),
        _("Only the reporter and the city read it. The state stays as it is."),
        "mail",
        _("Your message has been sent."),
        photos="may",
        kind="quiet",
    ),
    Verb.MERGE: Act(
        may_work,
        lambda actor, number, words: actions.join_report(actor, number, into=words.into or 0, text=words.text),
        _("Join with another report"),
        _("For the same problem, reported twice. This one ends here; its reporter follows the other one."),
        "merge",
        _("The reports are joined."),
        words="may",
        kind="quiet",
    ),
    "separate": Act(
        may_work,
        lambda actor, number, words: actions.separate_report(actor, number, text=words.text),
        _("Take out again"),
        _("Was it joined by mistake? It is then open again, with a term of its own."),
        "split",
        _("The report stands by itself again."),
        words="may",
        kind="quiet",
    ),
    "split": Act(
        may_work,
        lambda actor, number, words: actions.split_report(actor, number, category=words.category, text=words.text),
        _("Split in two"),
        _("For two problems in one report: describe the second. It goes to its own department. Everybody can read it."),
        "split",
        _("The second problem has a report of its own now."),
        kind="quiet",
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
    "complete": _("Thank you. The report is complete now, and on its way to the department."),
    "again": _("It is sent once more."),
    "recall": _("The case is yours again."),
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


CHOOSES_KIND = frozenset({Verb.MOVE, "repick", "split"})


@page("POST")
def act(request: HttpRequest, number: int, verb: str) -> HttpResponse:
    """Do one of the `ACTS`, once, then come back to the page; with `use` only put ready-made words into its form."""
    actor = actor_of(request)
    deed = ACTS.get(verb)
    if deed is None:
        raise NotFound
    check(f"reports.act:{actor.person_id or actor.address}", limit=ACTS_PER_HOUR, seconds=3600)
    report = find_report(actor, number)
    photos, fault = _pictures(request, deed, actor, report)
    if request.POST.get("use") and is_staff_of(actor, report):
        return _show(request, report, fault=Fault(verb, {}, filled_in(actor, report, verb, request.POST), photos))
    try:
        words = parse(CaseWords, request.POST, photos=photos)
        if fault:
            raise Invalid(fields={"photo": fault})
        actions.do_once(actor, words.form_token, lambda: deed.do(actor, number, words))
    except Invalid as error:
        values = typed(request.POST)
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
    takers = list_takers(actor, report) if Verb.FORWARD in acts else []
    if not takers:
        acts.pop(Verb.FORWARD, None)
    officers, teams = list_hands(actor, {report.department_id or ""}) if "assign" in acts else ([], [])
    context = {
        "report": report,
        "title": title_of(actor, report),
        "state": state_view(report.state),
        "facts": [*_facts(actor, report, staff=staff), *answer_rows(report, party=mine or staff)],
        "timeline": timeline_view(list_timeline(actor, report, photos)),
        "pair": pair_of(photos),
        "pictures": [picture(photo.pk) for photo in photos],
        "waiting": waiting_view(actor, list_waiting(actor, report)),
        "looks": list_looks(actor, report),
        "forwards": forwards_view(list_forwards(actor, report)),
        "may_handle": bool(may_work(actor, report)),
        "takers": [("", _("Choose an authority")), *((one.pk, text_of(one.name) or one.pk) for one in takers)],
        "lacks": mine and report.is_open and "lacks" in report.external,
        "watch_address": _watch_address(report),
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
        "categories": options(labels().categories, str(_("As it is"))) if CHOOSES_KIND & acts.keys() else [],
        "departments": options(labels().departments, str(_("As the category says"))) if Verb.MOVE in acts else [],
        "officers": hands_options(officers),
        "teams": [("", _("As it is")), *((team.pk, team_name(team.pk)) for team in teams)],
        "replies": list_replies(actor, report, place_of(actor, report)) if staff else {},
        "kin": list_kin(actor, report),
        "close": _close_ones(actor, report) if Verb.MERGE in acts else [],
        "new_token": uuid4,
    }
    return render(request, "reports/show.html", context, status=status)


def _watch_address(report: Report) -> str:
    """Where one watches the area around: by the place that everybody may see."""
    if report.point is None:
        return f"/me/areas?{urlencode({'district': report.district_id or ''})}"
    shown = public_place(report.category_id, report.point.lat, report.point.lon)
    return f"/me/areas?{urlencode({'lat': f'{shown.lat:.5f}', 'lon': f'{shown.lon:.5f}'})}"


def filled_in(actor: Actor, report: Report, verb: str, form: QueryDict) -> dict[str, str]:
    """What was typed, with the chosen ready-made words after it."""
    return append(typed(form), list_replies(actor, report, place_of(actor, report)).get(verb, []))


def _close_ones(actor: Actor, report: Report) -> list[dict[str, Any]]:
    """Open reports that may be about the same problem."""
    found = list_close(actor, report.point, category=report.category_id) if report.point else []
    return [close_view(row) for row in found if row["number"] != report.pk]


def list_acts(actor: Actor, report: Report) -> dict[str, Act]:
    """What the actor may do now, in the order of `ACTS`; who is asked something answers in place of writing."""
    acts = {name: deed for name, deed in ACTS.items() if deed.policy(actor, report) and _is_possible(name, report)}
    if Verb.ANSWER in acts:
        acts.pop("message", None)
    return acts


def _is_possible(name: str, report: Report) -> bool:
    if name in Verb.values:
        return Verb(name) in ALLOWED[State(report.state)]
    if name in ("repick", "assign", "split"):
        return report.is_open
    if name == "separate":
        return report.state == State.MERGED
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


def _facts(actor: Actor, report: Report, *, staff: bool) -> list[tuple[Any, Any]]:
    """The rows of the summary: what, where, who, until when."""
    rows: list[tuple[Any, Any]] = [
        (_("Kind"), category_name(report.category_id)),
        (_("Address"), address_for(actor, report)),
        (_("District"), district_name(report.district_id)),
        (_("Department"), department_name(report.department_id) or _("is being found")),
    ]
    rows.append((_("Office"), _office(report)))
    if report.is_open:
        rows.append((_("Answer"), _("waits for the reporter's answer") if report.paused_on else term(report.due_on)))
    if report.supporters:
        rows.append((_("Also affected"), format_number(report.supporters)))
    if report.anonymous_at:
        day = format_date(localtime(report.anonymous_at).date())
        rows.append((_("Personal data"), _("removed on %(day)s") % {"day": day}))
    if staff:
        rows.append((_("Came by"), report.get_origin_display()))
        rows.append((_("Officer"), report.officer.name if report.officer else ""))
    return [row for row in rows if row[1]]
