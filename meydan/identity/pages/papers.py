"""/verify/papers: whether a paper of the city, or one that was signed here, is what it seems; for everybody."""

import hashlib

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from meydan.identity.inputs import FindPaper
from meydan.identity.queries.enrolment import PaperSays
from meydan.identity.queries.signing import SignatureSays, find_signed, paper_address, read_any_paper
from meydan.kernel.errors import Invalid, NotFound, Sentence
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.inputs import parse
from meydan.kernel.limits import check

MOST_READ = 12 * 1024 * 1024
"""Bytes: a signed file is a little larger than what was given."""
UNKNOWN = _("This file was not signed here, or was changed afterwards: by one letter is enough. Trust nothing in it.")
NO_PAPER = _("No paper of this city has this code. Compare it letter by letter.")


def _limit(request: HttpRequest) -> None:
    check(f"identity.paper:{actor_of(request).address}", limit=60, seconds=60)


@page("GET", "POST")
def find(request: HttpRequest) -> HttpResponse:
    """By the code on a paper, or by the file."""
    _limit(request)
    if request.method != "POST":
        return render(request, "identity/find_paper.html", {"errors": {}, "code": ""})
    actor = actor_of(request)
    try:
        given = parse(FindPaper, request.POST)
        sha256 = given.sha256 or _digest(request)
        if sha256:
            says = find_signed(actor, sha256)
            if says is None:
                raise Invalid(fields={"file": UNKNOWN})
            return _show(request, says, same=True)
        if not given.code:
            raise Invalid(fields={"code": _("Write the code on the paper, or choose the file.")})
        return _to(request, given.code.strip())
    except Invalid as error:
        context = {"errors": error.fields, "code": request.POST.get("code", "")}
        return render(request, "identity/find_paper.html", context, status=422)


def _to(request: HttpRequest, code: str) -> HttpResponse:
    """A whole address may have been copied, too."""
    last = code.rstrip("/").rpartition("/")[2]
    try:
        read_any_paper(actor_of(request), last)
    except NotFound:
        raise Invalid(fields={"code": NO_PAPER}) from None
    return HttpResponseRedirect(reverse("identity:paper_says", kwargs={"code": last}))


def _digest(request: HttpRequest) -> str:
    """Of a file that was sent whole, by browsers that compute nothing; "" for none."""
    file = request.FILES.get("file")
    if file is None:
        return ""
    data = file.read(MOST_READ + 1)
    if len(data) > MOST_READ:
        raise Invalid(fields={"file": UNKNOWN})
    return hashlib.sha256(data).hexdigest()


@page("GET", "POST")
def says(request: HttpRequest, code: str) -> HttpResponse:
    """What the code on a paper stands for; and whether a file is that very paper."""
    _limit(request)
    try:
        found = read_any_paper(actor_of(request), code)
    except NotFound:  # somebody has scanned a paper that we never made
        context = {"errors": {"code": NO_PAPER}, "code": code}
        return render(request, "identity/find_paper.html", context, status=404)
    if request.method != "POST" or isinstance(found, PaperSays):
        return _show(request, found)
    try:
        sha256 = parse(FindPaper, request.POST).sha256 or _digest(request)
        if not sha256:
            raise Invalid(fields={"file": _("Choose the file that you have.")})
    except Invalid as error:
        return _show(request, found, errors=error.fields)
    return _show(request, found, same=sha256 == found.sha256)


def _show(
    request: HttpRequest,
    found: SignatureSays | PaperSays,
    *,
    same: bool | None = None,
    errors: dict[str, Sentence] | None = None,
) -> HttpResponse:
    if isinstance(found, PaperSays):
        return render(request, "identity/paper_says.html", {"says": found})
    action = reverse("identity:paper_says", kwargs={"code": found.code})
    context = {
        "says": found,
        "same": same,
        "errors": errors or {},
        "action": action,
        "address": paper_address(found.code),
        "parts_of": [found.sha256[part : part + 16] for part in range(0, 64, 16)],
    }
    status = 422 if errors else 200
    return render(request, "identity/signature_says.html", context, status=status)
