"""Sign in with Meydan: the page that asks a person whether to let a relying party know them, and the way out again."""

from datetime import UTC, datetime
from urllib.parse import urlencode, urlsplit

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from meydan.accounts.public import Person, find_active_person, has_second_proof
from meydan.identity.actions.connect import answer_request, refuse_request, take_request
from meydan.identity.actions.sign_ins import leave_party
from meydan.identity.models.signing_in import SCOPES, STAYS
from meydan.identity.pages.proof import is_proven, proofs_given, way_to_proof
from meydan.identity.queries.asking import MOST_HINT, Standing, Step, Steps, Wanted, find_step, learnable
from meydan.identity.queries.cards import labels_of
from meydan.identity.queries.keys import issuer
from meydan.identity.queries.pushing import Kept
from meydan.identity.queries.sign_ins import find_client, is_allowed, level_of, read_hint
from meydan.kernel.actor import Actor
from meydan.kernel.errors import NotFound, TooLarge
from meydan.kernel.http import View, actor_of, page, render
from meydan.kernel.i18n import LANGUAGES
from meydan.kernel.limits import check
from meydan.ui.leading import LedBack, leading_to

METHODS = {"totp": "otp", "recovery_codes": "otp", "webauthn": "pop", "password": "pwd", "code": "otp"}
"""Ways to prove who one is, in the words of RFC 8176: a passkey is a key that was proven to be held."""
MOST_STATE, MOST_QUERY = 500, 6000


def from_anywhere(view: View) -> View:
    """The standards let relying parties send a form here from their own pages: it becomes an address, which a browser
    comes to with its session. What the person answers on our own page is guarded as any form is."""
    guarded = csrf_protect(view)

    @csrf_exempt
    def serve(request: HttpRequest) -> HttpResponseBase:
        if request.method != "POST" or "answer" in request.POST:
            return guarded(request)
        if len(query := request.POST.urlencode()) > MOST_QUERY:
            raise TooLarge
        response = HttpResponseRedirect(f"{request.path}?{query}")
        response.status_code = 303
        return response

    return serve


@from_anywhere
@page("GET", "POST")
def authorize(request: HttpRequest) -> HttpResponse:
    """The authorization endpoint (OpenID Connect Core, 3.1.2): from a request to its answer, by as many pages as it
    takes."""
    actor = actor_of(request)
    check(f"identity.authorize:{actor.address}", limit=1200, seconds=600)
    asked = take_request(request.META["QUERY_STRING"])
    if asked.leave:
        return LedBack(asked.leave)
    if asked.wanted is None or asked.kept is None:
        named = {"client_id": request.GET["client_id"], "request_uri": asked.uri}
        return HttpResponseRedirect(f"{request.path}?{urlencode(named)}")
    return _answer(request, actor, asked.kept, asked.wanted)


def _answer(request: HttpRequest, actor: Actor, kept: Kept, wanted: Wanted) -> HttpResponse:
    standing = _standing(request, actor)
    step = _step(wanted, standing, kept)
    if step and "none" in wanted.prompts:
        return LedBack(refuse_request(wanted, step.refusal))
    if standing is None:
        return _to_login(request, wanted)
    if step and step is not Steps.CONSENT:
        return _lead(request, wanted, standing, step)
    if request.method == "POST" and request.POST.get("answer") != "yes":
        return LedBack(refuse_request(wanted))
    if step and request.method != "POST":
        return _ask(request, actor, wanted, standing)
    return LedBack(answer_request(actor, kept=kept, wanted=wanted, standing=standing))


def _standing(request: HttpRequest, actor: Actor) -> Standing | None:
    """None for visitors."""
    if actor.person_id is None:
        return None
    proofs = proofs_given(request)
    person = find_active_person(actor.person_id)
    at = datetime.fromtimestamp(proofs[-1]["at"], UTC) if proofs else _signed_in_at(person)
    words = dict.fromkeys(METHODS.get(str(one.get("type", one.get("method"))), "") for one in proofs)
    found = [word for word in words if word]
    return Standing(
        person=actor.person_id,
        session=request.session.session_key or "",
        level=level_of(actor.person_id),
        proven=is_proven(request),
        can_prove=has_second_proof(actor.person_id),
        at=at,
        methods=(*found, *(["mfa"] if len(found) > 1 else [])),
    )


def _signed_in_at(person: Person | None) -> datetime:
    """When the session says nothing of it."""
    return (person.last_login if person else None) or datetime.fromtimestamp(0, UTC)


def _step(wanted: Wanted, standing: Standing | None, kept: Kept) -> Step | None:
    if standing is None:
        return Steps.LOGIN
    allowed = is_allowed(standing.person, wanted.party, learnable(wanted, standing), stays=STAYS in wanted.scopes)
    return find_step(wanted, standing, since=kept.at, allowed=allowed)


def _to_login(request: HttpRequest, wanted: Wanted) -> HttpResponse:
    """To sign in, or up, in the language that the relying party has spoken with them."""
    name = "account_signup" if "create" in wanted.prompts else "account_login"
    response = redirect_to_login(request.get_full_path(), reverse(name))
    spoken = next((one for tag in wanted.locales if (one := tag.partition("-")[0].lower()) in LANGUAGES), None)
    if spoken and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, spoken, samesite="Lax")
    return response


def _lead(request: HttpRequest, wanted: Wanted, standing: Standing, step: Step) -> HttpResponse:
    if step is Steps.OTHER:
        return LedBack(refuse_request(wanted, step.refusal))
    if step is Steps.LEVEL:
        return _too_low(request, wanted, standing)
    if standing.can_prove:
        return way_to_proof(request)
    if step is Steps.PROOF:
        return redirect("identity:secure")
    return HttpResponseRedirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': request.get_full_path()})}")


def _too_low(request: HttpRequest, wanted: Wanted, standing: Standing) -> HttpResponse:
    """What is missing, where to get it, and the way back with the reason."""
    if request.method == "POST":
        return LedBack(refuse_request(wanted, Steps.LEVEL.refusal))
    context = {"party": wanted.party, "needs": wanted.needs, "level": standing.level, "here": request.get_full_path()}
    return leading_to(render(request, "identity/too_low.html", context, status=403), wanted.redirect)


def _ask(request: HttpRequest, actor: Actor, wanted: Wanted, standing: Standing) -> HttpResponse:
    context = {
        "party": wanted.party,
        "back": urlsplit(wanted.redirect).hostname,
        "person": find_active_person(standing.person),
        "labels": labels_of(learnable(wanted, standing)),
        "level": standing.acr,
        "stays": STAYS in wanted.scopes,
        "here": request.get_full_path(),
    }
    return leading_to(render(request, "identity/sign_in.html", context), wanted.redirect)


@from_anywhere
@page("GET", "POST")
def leave(request: HttpRequest) -> HttpResponse:
    """A relying party has signed the person out, and asks whether they leave here too (RP-Initiated Logout 1.0, 2)."""
    said = request.GET
    hint = read_hint(said.get("id_token_hint", "")[:MOST_HINT])
    party = find_client(hint.party if hint else said.get("client_id"))
    back = _way_back(party.leave_to if party else [], said)
    actor = actor_of(request)
    if actor.person_id is None:
        return LedBack(back) if back else redirect("/")
    if request.method == "POST":
        if party is not None:
            _leave_party(request, actor, party.code)
        if request.POST["answer"] == "yes":
            get_adapter().logout(request)
        return LedBack(back) if back else redirect("/")
    context = {"party": party, "here": request.get_full_path(), "person": find_active_person(actor.person_id)}
    response = render(request, "identity/leave.html", context)
    return leading_to(response, back) if back else response


def _way_back(allowed: list[str], said: QueryDict) -> str:
    """Where the browser goes afterwards; "" where the relying party has not registered it."""
    address = said.get("post_logout_redirect_uri", "")
    if address not in allowed:
        return ""
    state = said.get("state", "")[:MOST_STATE]
    return f"{address}{'&' if '?' in address else '?'}{urlencode({'state': state})}" if state else address


def _leave_party(request: HttpRequest, actor: Actor, code: str) -> None:
    try:
        leave_party(actor, party=code, session=request.session.session_key or "")
    except NotFound:
        return  # nothing was open, which is what was wanted


@page("GET")
def developers(request: HttpRequest) -> HttpResponse:
    """For the programmers of relying parties."""
    scopes = [(scope, labels_of(claims)) for scope, claims in SCOPES.items()]
    return render(request, "identity/developers.html", {"issuer": issuer(), "scopes": scopes})
