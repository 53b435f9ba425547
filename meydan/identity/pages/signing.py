"""/id/sign: give a paper, see what will be signed, sign it, fetch it."""

from pathlib import PurePath
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from meydan.identity.actions.signing import disown_signature, drop_paper, give_paper, sign_paper
from meydan.identity.inputs import GivePaper
from meydan.identity.models import Signature
from meydan.identity.models.signing import FILE_LIVES
from meydan.identity.pages.proof import is_proven, second_proof, way_to_proof
from meydan.identity.papers.reading import MAX_BYTES
from meydan.identity.policies import may_sign
from meydan.identity.queries.identities import own_identity
from meydan.identity.queries.signing import own_signature, own_signatures, paper_address
from meydan.kernel.errors import Conflict, Invalid, NotFound, Sentence
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.inputs import parse
from meydan.kernel.limits import check
from meydan.ui.codes import qr_code

PAPERS_A_DAY = 50


@page("GET", "POST")
@second_proof
def sign(request: HttpRequest) -> HttpResponse:
    """My signatures, and a paper to be signed."""
    if request.method != "POST":
        return _list(request)
    actor, file = actor_of(request), request.FILES.get("paper")
    check(f"identity.paper.given:{actor.person_id}", limit=PAPERS_A_DAY, seconds=24 * 3600)
    try:
        shows = parse(GivePaper, request.POST).shows
        if file is None:
            raise Invalid(fields={"paper": _("Choose the file that you want to sign.")})
        title = PurePath(file.name or "").name
        row = give_paper(actor, data=file.read(MAX_BYTES + 1), title=title, shows_name=shows == "name")
    except (Invalid, Conflict) as error:
        return _list(request, error.fields or {"paper": error.message}, error.status)
    return _to(row.pk)


def _list(request: HttpRequest, errors: dict[str, Sentence] | None = None, status: int = 200) -> HttpResponse:
    actor = actor_of(request)
    identity = own_identity(actor)
    context = {
        "may": may_sign(actor),
        "identity": identity,
        "name": f"{identity.claims.given_name} {identity.claims.family_name}" if identity else "",
        "signatures": own_signatures(actor),
        "shows": request.POST.get("shows", "name"),
        "errors": errors or {},
    }
    return render(request, "identity/sign.html", context, status=status)


def _to(key: UUID) -> HttpResponse:
    return HttpResponseRedirect(reverse("identity:signing", kwargs={"key": key}))


@page("GET")
@second_proof
def paper(request: HttpRequest, key: UUID) -> HttpResponse:
    """One of them: what will be signed, or what was."""
    return _paper(request, own_signature(actor_of(request), key))


def _paper(request: HttpRequest, row: Signature, error: Sentence = "", status: int = 200) -> HttpResponse:
    actor = actor_of(request)
    identity, address = own_identity(actor), paper_address(row.said_code)
    context = {
        "row": row,
        "before": bytes(row.before).hex(),
        "after": bytes(row.after).hex() if row.after else "",
        "name": f"{identity.claims.given_name} {identity.claims.family_name}" if identity else "",
        "kept": row.locked_body is not None,
        "until": row.made_at + FILE_LIVES,
        "address": address,
        "code": qr_code(address, module=8),
        "may": may_sign(actor),
        "error": error,
    }
    return render(request, "identity/signing.html", context, status=status)


@page("POST")
@second_proof
def confirm(request: HttpRequest, key: UUID) -> HttpResponse:
    """Sign it: each time after a proof of its own, given when the paper was there already."""
    actor = actor_of(request)
    row = own_signature(actor, key)
    if not is_proven(request, since=row.made_at):
        return way_to_proof(request)
    try:
        sign_paper(actor, key)
    except (Invalid, Conflict) as error:
        return _paper(request, row, error.fields.get("paper", error.message), error.status)
    messages.success(request, _("Signed. Fetch the file, and give it to whom you like."))
    return _to(key)


@page("POST")
def drop(request: HttpRequest, key: UUID) -> HttpResponse:
    """Throw it away."""
    drop_paper(actor_of(request), key)
    messages.success(request, _("The paper is deleted. Nothing was signed."))
    return HttpResponseRedirect(reverse("identity:sign"))


@page("GET")
@second_proof
def file(request: HttpRequest, key: UUID) -> HttpResponse:
    """The file itself: what will be signed, or what was."""
    row = own_signature(actor_of(request), key)
    if row.locked_body is None:
        raise NotFound(_("The city no longer has this file. Your own copy stays as good as it was."))
    stem = PurePath(row.title).stem or "paper"
    name = f"{stem}-signed.pdf" if row.signed_at else f"{stem}.pdf"
    response = HttpResponse(row.body, content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    response["Cache-Control"] = "no-store"
    return response


@page("GET", "POST")
@second_proof
def disown(request: HttpRequest, key: UUID) -> HttpResponse:
    """Ask, and say that it was not me."""
    actor = actor_of(request)
    row = own_signature(actor, key)
    if row.signed_at is None:
        raise NotFound
    if request.method == "POST":
        disown_signature(actor, key)
        messages.success(request, _("Whoever checks this paper here now reads that you say it was not you."))
        return _to(key)
    return render(request, "identity/disown.html", {"row": row})
