"""/id/: one's identity, what one can do with it, and who has read of it."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse

from meydan.accounts.public import has_second_proof
from meydan.identity.actions import guarding
from meydan.identity.actions.identities import freeze_identity
from meydan.identity.models import CONTESTED, REASONS, WHO_WAITS, Identity, State
from meydan.identity.pages.proof import is_proven, second_proof
from meydan.identity.policies import may_sign, may_use_own_identity, may_work_at_desk, why_at_counter
from meydan.identity.queries.enrolment import latest_measurement, own_application, own_reads
from meydan.identity.queries.identities import own_identity
from meydan.identity.queries.moving import own_moved
from meydan.identity.queries.signing import paper_address
from meydan.kernel.clock import now
from meydan.kernel.errors import NotFound
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.limits import check
from meydan.kernel.policy import demand
from meydan.ui.codes import qr_code


@page()
def mine(request: HttpRequest) -> HttpResponse:
    """My identity."""
    actor = actor_of(request)
    identity, application = own_identity(actor), own_application(actor)
    proven = identity is not None and is_proven(request)
    context = {
        "identity": identity,
        "claims": identity.claims if identity and proven else None,
        "holds": identity is not None and identity.opens_at > now(),
        "contested": identity is not None and identity.frozen_why == CONTESTED,
        "moved": own_moved(actor),
        "application": application,
        "goes_on": application is not None and not application.has_ended,
        "waits": application is not None and application.state in WHO_WAITS,
        "refused": application is not None and application.state == State.REFUSED,
        "reasons": [REASONS[one] for one in application.reasons] if application else [],
        "secured": actor.person_id is not None and has_second_proof(actor.person_id),
        "reads": own_reads(actor),
        "signs": bool(may_sign(actor)),
        "works_here": bool(may_work_at_desk(actor)),
    }
    return render(request, "identity/mine.html", context)


@page()
@second_proof
def show(request: HttpRequest) -> HttpResponse:
    """Prove it once more, and see what the registry says."""
    return redirect("identity:mine")


@page()
def secure(request: HttpRequest) -> HttpResponse:
    """Why a second proof is needed, and where it is set up."""
    demand(may_use_own_identity(actor_of(request)), actor_of(request))
    return render(request, "identity/secure.html")


def _own(request: HttpRequest) -> Identity:
    identity = own_identity(actor_of(request))
    if identity is None:
        raise NotFound
    return identity


def _to_show_at_counter(request: HttpRequest) -> UUID:
    """One's own identity; before that one whose move to another account one had stopped."""
    moved = own_moved(actor_of(request))
    stopped = moved.before if moved is not None and moved.state == "stopped" else None
    return stopped or _own(request).pk


@page("POST")
def freeze(request: HttpRequest) -> HttpResponse:
    """One tap, from any session: nothing works any more."""
    freeze_identity(actor_of(request), _own(request).pk, why="holder")
    return HttpResponseRedirect(f"{reverse('identity:mine')}?frozen=1")


@page()
def thaw(request: HttpRequest) -> HttpResponse:
    """How the freeze is undone: by the proof of the enrolment, no less."""
    identity = _own(request)
    if identity.frozen_at is None:
        return redirect("identity:mine")
    context = {"identity": identity, "at_counter": why_at_counter(identity)}
    return render(request, "identity/thaw.html", context)


@page("POST")
@second_proof
def counter_code(request: HttpRequest) -> HttpResponse:
    """The code to show at the counter."""
    actor = actor_of(request)
    check(f"identity.code:{actor.person_id}", limit=10, seconds=3600)
    code = guarding.make_counter_code(actor, _to_show_at_counter(request))
    return render(request, "identity/code.html", {"code": f"{code[:4]} {code[4:]}"})


@page("GET", "POST")
@second_proof
def paper(request: HttpRequest) -> HttpResponse:
    """Print a credential for a life without a phone."""
    identity = _own(request)
    if request.method != "POST":
        return render(request, "identity/print.html", {"identity": identity})
    code = guarding.print_paper(actor_of(request), identity.pk)
    address = paper_address(code)
    context = {"identity": identity, "claims": identity.claims, "address": address, "qr": qr_code(address, module=16)}
    return render(request, "identity/paper.html", {**context, "printed_at": now()})


@page()
def old_paper(request: HttpRequest, code: str) -> HttpResponse:
    """Where papers led that were printed before all of the city's led to one place."""
    return redirect("identity:paper_says", permanent=True, code=code)


@page("GET", "POST")
@second_proof
def biometrics(request: HttpRequest) -> HttpResponse:
    """What is kept of my face, for how long, and how it is deleted."""
    identity = own_identity(actor_of(request))
    if request.method == "POST":
        guarding.delete_biometrics(actor_of(request), _own(request).pk)
        return HttpResponseRedirect(f"{reverse('identity:biometrics')}?deleted=1")
    return render(request, "identity/biometrics.html", {"identity": identity, "deleted": "deleted" in request.GET})


@page()
def errors(request: HttpRequest) -> HttpResponse:
    """How often the face check errs, as measured by this city; for everybody."""
    return render(request, "identity/errors.html", {"measured": latest_measurement(actor_of(request))})
