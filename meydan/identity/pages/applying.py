"""The application: one thing on each page, at one address, so that it goes on where it was left."""

import io
from collections.abc import Callable, Mapping
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from meydan.identity.actions import applying
from meydan.identity.inputs import Answer, Consent, GiveDocument, GiveNumber, GivePicture
from meydan.identity.models import WHO_WAITS, Application, Purpose, State
from meydan.identity.models.enrolment import MAX_FRAME_BYTES, MAX_FRAMES
from meydan.identity.pages.proof import second_proof
from meydan.identity.queries.enrolment import own_application
from meydan.identity.queries.identities import own_identity
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.devices import give_device, new_device_cookie
from meydan.kernel.errors import Conflict, Invalid, NotFound, Sentence, TooMany
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.imaging import make_small
from meydan.kernel.inputs import parse
from meydan.kernel.limits import check
from meydan.kernel.proxies import network_of

DAY = 24 * 3600
AT_ONCE = 60
"""Of one step, from one network in a minute: twice the seed's rate of 30,000 applications a day, if all came by one."""
PEOPLE_OF_A_DEVICE = 20
FAMILY, OFFICE = 10, 40
"""Who may begin in a day on one device, and in one network, before officers look at others first."""
DOCUMENT_SIDE, SELFIE_SIDE = 1400, 640
STEPS = (State.CONSENT, State.NUMBER, State.DOCUMENT, State.SELFIE)


@page("GET", "POST")
@second_proof
def apply(request: HttpRequest) -> HttpResponse:
    """The step that is next."""
    actor = actor_of(request)
    if request.method != "POST":
        return _show(request, {})
    try:
        _answer(request, actor, parse(Answer, request.POST).do)
    except Invalid as error:
        fields = {"zone" if field == "form" else field: said for field, said in error.fields.items()}
        return _show(request, fields, status=422)
    except TooMany as error:
        return _show(request, {"": _pause(error.retry_after)}, status=429)
    except Conflict as error:
        if error.code != "moved_on":
            raise
    response = HttpResponseRedirect(reverse("identity:apply"))
    if not actor.device:
        give_device(response, new_device_cookie())
    return response


def _pause(seconds: int) -> Sentence:
    return _("Please wait %(seconds)s seconds, then try again.") % {"seconds": seconds}


def _answer(request: HttpRequest, actor: Actor, do: str) -> None:
    if do == "begin":
        _limit(actor, "begin", each=5)
        identity = own_identity(actor)
        frozen = identity is not None and identity.frozen_at is not None
        purpose = Purpose.THAW if frozen else Purpose.ENROL
        applying.begin_application(actor, purpose=purpose, crowded=_is_crowded(actor))
        return
    application = own_application(actor)
    if application is None:
        raise NotFound
    DEEDS[do](request, actor, application)


def _limit(actor: Actor, what: str, *, each: int) -> None:
    """By person and by device for a day, by network for a minute; never by whom it is about. So nobody can lock out
    somebody else, neither by their number nor by a line that both share: who floods a line slows it down."""
    check(f"identity.{what}:{actor.person_id}", limit=each, seconds=DAY)
    if actor.device:
        check(f"identity.{what}.device:{actor.device}", limit=each * PEOPLE_OF_A_DEVICE, seconds=DAY)
    check(f"identity.{what}.network:{network_of(actor.address)}", limit=AT_ONCE, seconds=60)


def _is_crowded(actor: Actor) -> bool:
    """Whether more began today on this device, or in this network, than a family or an office has people: it may be
    a carrier's customers, or one person with many accounts. Nobody is refused for it; officers look at others first."""
    counted = [(f"identity.crowd.network:{network_of(actor.address)}", OFFICE)]
    if actor.device:
        counted.append((f"identity.crowd.device:{actor.device}", FAMILY))
    crowds = [_is_beyond(key, limit) for key, limit in counted]
    return any(crowds)


def _is_beyond(key: str, limit: int) -> bool:
    try:
        check(key, limit=limit, seconds=DAY)
    except TooMany:
        return True
    return False


def _consent(request: HttpRequest, actor: Actor, application: Application) -> None:
    applying.answer_biometrics(actor, application.pk, agrees=parse(Consent, request.POST).agrees)


def _number(request: HttpRequest, actor: Actor, application: Application) -> None:
    number = parse(GiveNumber, request.POST).number
    _limit(actor, "number", each=10)
    applying.give_number(actor, application.pk, number=number)


def _document(request: HttpRequest, actor: Actor, application: Application) -> None:
    given = parse(GiveDocument, request.POST).read()
    photo = request.FILES.get("photo")
    picture = _picture(photo, "photo", DOCUMENT_SIDE) if photo is not None else b""
    applying.give_document(actor, application.pk, given=given, photo=picture)


def _give_picture(request: HttpRequest, actor: Actor, application: Application) -> None:
    taken = parse(GivePicture, request.POST)
    still, frames = request.FILES.get("still"), request.FILES.getlist("frames")
    if still is None:
        raise Invalid(fields={"still": _("Take your picture, or choose one.")})
    if len(frames) != len(taken.at) or len(frames) > MAX_FRAMES:
        raise Invalid(fields={"still": _("The camera's pictures cannot be read. Please start it again.")})
    _limit(actor, "picture", each=60)
    read = [frame.read(MAX_FRAME_BYTES + 1) for frame in frames]
    picture = _picture(still, "still", SELFIE_SIDE)
    applying.give_picture(
        actor, application.pk, still=picture, nonce=taken.nonce, frames=list(zip(taken.at, read, strict=True))
    )


def _picture(source: "UploadedFile[Any]", field: str, side: int) -> bytes:
    """A stranger's picture, decoded and written anew by the bounded child."""
    try:
        return make_small(io.BytesIO(source.read()), side, side, crop=False).body
    except Invalid as error:
        raise Invalid(fields={field: error.message}) from error


def _back(_request: HttpRequest, actor: Actor, application: Application) -> None:
    applying.go_back(actor, application.pk)


def _withdraw(_request: HttpRequest, actor: Actor, application: Application) -> None:
    applying.withdraw_application(actor, application.pk)


DEEDS: Mapping[str, Callable[[HttpRequest, Actor, Application], None]] = {
    "consent": _consent,
    "number": _number,
    "document": _document,
    "picture": _give_picture,
    "back": _back,
    "withdraw": _withdraw,
}


def _show(request: HttpRequest, errors: Mapping[str, Any], status: int = 200) -> HttpResponse:
    actor = actor_of(request)
    application, identity = own_application(actor), own_identity(actor)
    if application is None or application.has_ended:
        if identity is not None and identity.frozen_at is None:
            return HttpResponseRedirect(reverse("identity:mine"))
        return render(request, "identity/begin.html", {"identity": identity, "errors": errors}, status=status)
    state = State(application.state)
    pause = application.face_waits_until
    context = {
        "application": application,
        "state": state.value,
        "step": STEPS.index(state) + 1 if state in STEPS else 0,
        "steps": len(STEPS),
        "waits": state in WHO_WAITS,
        "at_desk": state in (State.DESK, State.SECOND),
        "failed": application.face_failures,
        "pause": max(0, round((pause - now()).total_seconds())) if pause else 0,
        "errors": errors,
        "values": request.POST,
    }
    return render(request, "identity/apply.html", context, status=status)
