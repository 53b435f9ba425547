"""/id/: one's identity, what one can do with it, and who has read of it."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse

from meydan.accounts.public import has_second_proof
from meydan.identity.actions import guarding
from meydan.identity.actions.identities import freeze_identity
from meydan.identity.models import REASONS, Identity, State
from meydan.identity.pages.proof import is_proven, second_proof
from meydan.identity.policies import may_use_own_identity, may_work_at_desk
from meydan.identity.queries.enrolment import latest_measurement, own_application, own_reads, read_paper
from meydan.identity.queries.identities import own_identity
from meydan.kernel.clock import now
from meydan.kernel.config import config
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
        "application": application,
        "goes_on": application is not None and not application.has_ended,
        "refused": application is not None and application.state == State.REFUSED,
        "reasons": [REASONS[one] for one in application.reasons] if application else [],
        "secured": actor.person_id is not None and has_second_proof(actor.person_id),
        "reads": own_reads(actor),
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
    return render(request, "identity/thaw.html", {"identity": identity})


@page("POST")
@second_proof
def counter_code(request: HttpRequest) -> HttpResponse:
    """The code to show at the counter."""
    actor = actor_of(request)
    check(f"identity.code:{actor.person_id}", limit=10, seconds=3600)
    code = guarding.make_counter_code(actor, _own(request).pk)
    return render(request, "identity/code.html", {"code": f"{code[:4]} {code[4:]}"})


@page("GET", "POST")
@second_proof
def paper(request: HttpRequest) -> HttpResponse:
    """Print a credential for a life without a phone."""
    identity = _own(request)
    if request.method != "POST":
        return render(request, "identity/print.html", {"identity": identity})
    code = guarding.print_paper(actor_of(request), identity.pk)
    address = f"{config().base_url}{reverse('identity:paper_says', kwargs={'code': code})}"
    context = {"identity": identity, "claims": identity.claims, "address": address, "qr": qr_code(address, module=16)}
    return render(request, "identity/paper.html", {**context, "printed_at": now()})


@page()
def paper_says(request: HttpRequest, code: str) -> HttpResponse:
    """Whether a printed credential still holds; for whoever scans it."""
    actor = actor_of(request)
    check(f"identity.paper:{actor.address}", limit=60, seconds=60)
    return render(request, "identity/paper_says.html", {"says": read_paper(actor, code)})


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
