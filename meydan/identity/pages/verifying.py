"""The counter: a clerk asks, a wallet answers, the clerk sees the outcome."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse

from meydan.identity.actions.keys import keep_issuer_key
from meydan.identity.actions.presenting import Asked, ask, ask_again
from meydan.identity.inputs import AskAtCounter
from meydan.identity.models import IssuerKey, RelyingParty
from meydan.identity.models.presenting import CARD_CLAIMS, MATCHED
from meydan.identity.queries.cards import label_of, labels_of, words_of
from meydan.identity.queries.keys import address
from meydan.identity.queries.parties import At, is_counter, parties_here
from meydan.identity.queries.presenting import Seen, client_id, find_by_reference, request_address, see_presentation
from meydan.identity.queries.statuslists import newest_lists
from meydan.identity.queries.wishes import count_to_answer
from meydan.kernel.config import config
from meydan.kernel.errors import Invalid, NotFound, TooMany
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.inputs import parse
from meydan.kernel.limits import check
from meydan.ui.codes import qr_code

COUNTER_COOKIE, COUNTER_SECONDS = "meydan_counter", 12 * 3600
_SALT = "identity.counter"
MAX_TYPED = 200


def counter_of(request: HttpRequest) -> str:
    """The secret of the counter that this browser stands at; "" where it stands at none."""
    try:
        said = signing.loads(request.COOKIES.get(COUNTER_COOKIE, ""), salt=_SALT, max_age=COUNTER_SECONDS)
    except signing.BadSignature:
        return ""
    return str(said)


@page("GET")
def counter(request: HttpRequest, secret: str) -> HttpResponse:
    """A counter's link: from now on, for a working day, this browser asks for its party."""
    actor = actor_of(request)
    check(f"identity.counter:{actor.address}", limit=30, seconds=600)
    if not is_counter(secret):
        raise NotFound
    response = HttpResponseRedirect(reverse("identity:verify"))
    response.set_cookie(
        COUNTER_COOKIE,
        signing.dumps(secret, salt=_SALT),
        max_age=COUNTER_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=config().base_url.startswith("https:"),
        path="/verify/",
    )
    return response


@page("GET", "POST")
def verify(request: HttpRequest) -> HttpResponse:
    """What to ask for."""
    actor, secret = actor_of(request), counter_of(request)
    parties = parties_here(actor, secret)
    if request.method != "POST":
        return _form(request, parties, {}, {})
    try:
        said = parse(AskAtCounter, request.POST)
        asked = ask(actor, At(said.party, secret), mode=said.mode, claims=said.claims, expected=said.expected)
    except (Invalid, TooMany) as error:
        return _form(request, parties, error.fields or {"": error.message}, request.POST.dict(), error.status)
    return _to(asked)


def _form(
    request: HttpRequest, parties: list[RelyingParty], errors: Any, typed: dict[str, Any], status: int = 200
) -> HttpResponse:
    party = next((one for one in parties if one.code == typed.get("party", request.GET.get("party"))), None)
    party = party or (parties[0] if parties else None)
    context = {
        "parties": parties,
        "party": party,
        "claims": [(name, label_of(name)) for name in party.claims] if party else [],
        "matched": [(name, label_of(name)) for name in MATCHED if party and name in party.claims],
        "errors": errors,
        "typed": {name: str(value)[:MAX_TYPED] for name, value in typed.items()},
        "chosen": request.POST.getlist("claims"),
        "wishes": count_to_answer(actor_of(request)),
    }
    return render(request, "identity/verify.html", context, status=status)


def _to(asked: Asked) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('identity:asked', kwargs={'key': asked.row.pk})}?code={asked.reference}")


@page("GET")
def asked(request: HttpRequest, key: UUID) -> HttpResponse:
    """The code for the camera, then the outcome."""
    seen = see_presentation(actor_of(request), key, counter_of(request))
    code = _code(seen, request.GET.get("code", "")) if seen.is_open and seen.row.fetched_at is None else {}
    context = {
        "seen": seen,
        "row": seen.row,
        "claims": [(label_of(name), words_of(name, value)) for name, value in seen.claims.items()],
        "labels": labels_of(seen.row.claims),
        "ours": "",
        **code,
    }
    response = render(request, "identity/asked.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _key_of(seen: Seen) -> IssuerKey:
    return keep_issuer_key("party", seen.row.party)


def _code(seen: Seen, reference: str) -> dict[str, str]:
    """Two codes: for a phone's own camera, which opens the city's pages, and for wallets of others."""
    found = find_by_reference(reference)
    if found is None or found.pk != seen.row.pk:
        return {}
    who = client_id(_key_of(seen))
    query = f"client_id={quote(who, safe='')}&request_uri={quote(request_address(reference), safe='')}"
    ours, others = f"{address('/id/present')}#{query}", f"openid4vp://?{query}"
    return {
        "ours": qr_code(ours, module=8),
        "ours_link": ours,
        "others": qr_code(others, module=8),
        "others_link": others,
    }


@page("GET")
def state(request: HttpRequest, key: UUID) -> HttpResponse:
    """Where a request stands, for the page's script."""
    seen = see_presentation(actor_of(request), key, counter_of(request))
    row = seen.row
    said = "done" if row.outcome else "over" if not seen.is_open else "taken" if row.fetched_at else "open"
    return JsonResponse({"state": said}, headers={"Cache-Control": "no-store"})


@page("POST")
def again(request: HttpRequest, key: UUID) -> HttpResponse:
    """The same request with a new code: the one before was not taken up."""
    actor, secret = actor_of(request), counter_of(request)
    seen = see_presentation(actor, key, secret)
    return _to(ask_again(actor, At(seen.row.party.code, secret), key=key))


@page("GET")
def offline(request: HttpRequest) -> HttpResponse:
    """Check a credential without a network, by what this browser has kept; says how old that is."""
    labels = {name: label_of(name) for name in CARD_CLAIMS}
    return render(request, "identity/offline.html", {"labels": labels, "lists": newest_lists()})
