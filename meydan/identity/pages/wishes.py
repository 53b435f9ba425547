"""The pages on which a person asks for deletion, or reports somebody, and on which that is answered."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from meydan.identity.actions.wishes import answer_wish, ask_deletion, report_party
from meydan.identity.inputs import AnswerWish, ReportParty
from meydan.identity.models.wishes import DELETION, REPORT
from meydan.identity.queries.wishes import own_holder, wishes_to_answer
from meydan.kernel.errors import Conflict, Invalid, Sentence
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.inputs import parse
from meydan.kernel.limits import check

WISHES_A_DAY = 20


@page("GET", "POST")
def deletion(request: HttpRequest, code: str) -> HttpResponse:
    """Ask whoever got something of my ID to delete it."""
    actor = actor_of(request)
    if request.method != "POST":
        return _form(request, code, DELETION)
    check(f"identity.wish:{actor.person_id}", limit=WISHES_A_DAY, seconds=24 * 3600)
    try:
        ask_deletion(actor, code)
    except Conflict as error:
        return _form(request, code, DELETION, {"": error.message}, 409)
    messages.success(request, _("They were asked. The answer will stand here."))
    return HttpResponseRedirect(reverse("identity:consents"))


@page("GET", "POST")
def report(request: HttpRequest, code: str) -> HttpResponse:
    """Tell the city what is wrong with them."""
    actor = actor_of(request)
    if request.method != "POST":
        return _form(request, code, REPORT)
    check(f"identity.wish:{actor.person_id}", limit=WISHES_A_DAY, seconds=24 * 3600)
    try:
        report_party(actor, code, words=parse(ReportParty, request.POST).words)
    except (Invalid, Conflict) as error:
        return _form(request, code, REPORT, error.fields or {"": error.message}, error.status)
    messages.success(request, _("The city was told. The answer will stand here."))
    return HttpResponseRedirect(reverse("identity:consents"))


def _form(
    request: HttpRequest, code: str, kind: str, errors: dict[str, Sentence] | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "holder": own_holder(actor_of(request), code),
        "kind": kind,
        "errors": errors or {},
        "words": request.POST.get("words", ""),
    }
    return render(request, "identity/wish.html", context, status=status)


@page("GET")
def wishes(request: HttpRequest) -> HttpResponse:
    """What people ask of us, for clerks; and what they report, for administrators."""
    return _wishes(request)


@page("POST")
def answer(request: HttpRequest, key: UUID) -> HttpResponse:
    """Answer one."""
    try:
        said = parse(AnswerWish, request.POST)
        answer_wish(actor_of(request), key, answer=said.answer, reply=said.reply)
    except (Invalid, Conflict) as error:
        return _wishes(request, key, error.fields or {"": error.message}, error.status)
    messages.success(request, _("Answered. The person reads it in their list."))
    return HttpResponseRedirect(reverse("identity:wishes"))


def _wishes(
    request: HttpRequest, key: UUID | None = None, errors: dict[str, Sentence] | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "wishes": wishes_to_answer(actor_of(request)),
        "answered": key,
        "errors": errors or {},
        "reply": request.POST.get("reply", ""),
    }
    return render(request, "identity/wishes.html", context, status=status)
