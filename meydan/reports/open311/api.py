"""The calls of GeoReport v2, and of it the extensions that are in use: page and page_size, extensions=true, notes,
multipart media, mySociety's request updates."""

from typing import BinaryIO, cast
from uuid import UUID

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from meydan.kernel import limits
from meydan.kernel.actor import Actor, Channel
from meydan.kernel.errors import Invalid, MeydanError, NotFound, Refused
from meydan.kernel.files import store_image
from meydan.kernel.http import actor_of
from meydan.kernel.i18n import current_language, text_of
from meydan.kernel.inputs import parse
from meydan.moderation.public import refuse_blocked
from meydan.reports.actions import file_report, may_come_later, take_picture
from meydan.reports.models import MAX_PHOTOS, ApiKey, Category, questions_of, read_answers
from meydan.reports.open311 import queries, shapes
from meydan.reports.open311.doors import Answer, NotAForm, door
from meydan.reports.open311.inputs import NewRequest, OneRequest, RequestList, Span

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
PICTURE_SECONDS = 3.0
"""How long a client waits for the picture at its `media_url`; one that takes longer is fetched by the worker."""
WRONG_KEYS_AN_HOUR = 60
PURPOSE = "report_photo"
MAX_NUMBER_DIGITS = 18


def program_of(request: HttpRequest) -> Actor:
    """The actor of this door: nobody in particular, whoever is signed in in the same browser."""
    return Actor(channel=Channel.OPEN311, language=current_language(), address=actor_of(request).address)


def discover(request: HttpRequest) -> Answer:
    """Where the service is."""
    return Answer("discovery", shapes.discovery())


def list_services(request: HttpRequest) -> Answer:
    """What can be reported."""
    return Answer("services", [shapes.service(one) for one in queries.list_services(program_of(request))])


def show_definition(request: HttpRequest, code: str) -> Answer:
    """What a service asks beside the common fields."""
    return Answer("service_definition", shapes.definition(_service(program_of(request), code)))


def list_requests(request: HttpRequest) -> Answer:
    """Public reports, at most 1000 to a page; written row by row."""
    wanted = parse(RequestList, request.GET)
    actor = program_of(request)
    rows = queries.list_requests(actor, wanted)
    if not wanted.extensions:
        return Answer("service_requests", map(shapes.request, rows))
    notes = queries.notes_of(actor, [row["number"] for row in rows])
    return Answer("service_requests", (shapes.extended(row, notes.get(row["number"], ())) for row in rows))


def show_request(request: HttpRequest, number: str) -> Answer:
    """One public report, as a list of one: so the specification."""
    actor, key = program_of(request), read_number(number)
    row = queries.find_request(actor, key)
    if not parse(OneRequest, request.GET).extensions:
        return Answer("service_requests", [shapes.request(row)])
    return Answer("service_requests", [shapes.extended(row, queries.notes_of(actor, [key]).get(key, ()))])


def show_token(request: HttpRequest, token: str) -> Answer:
    """The report that was filed with the client's own token."""
    try:
        number = queries.find_by_token(program_of(request), UUID(token))
    except ValueError as error:
        raise NotFound(_("No report was filed with this token.")) from error
    return Answer("service_requests", [{"service_request_id": str(number), "token": token}])


def list_updates(request: HttpRequest) -> Answer:
    """What happened to public reports."""
    wanted = parse(Span, request.GET)
    return Answer("service_request_updates", map(shapes.update, queries.list_updates(program_of(request), wanted)))


def nothing_here(request: HttpRequest, rest: str) -> Answer:
    """An address that the specification does not know."""
    raise NotFound(_("There is no such call. Look at /open311/discovery.json for what there is."))


def file_request(request: HttpRequest) -> Answer:
    """File a report. The picture at `media_url` comes with it when it answers within 3 seconds, else soon after."""
    if request.content_type not in FORMS:
        raise NotAForm
    actor = program_of(request)
    key = open_with_key(actor, request.POST.get("api_key") or request.GET.get("api_key") or "")
    wanted = parse(NewRequest, request.POST)
    category = _service(actor, wanted.service_code)
    answers = _attributes(category, request.POST)
    photos = [*_store_uploads(request)]
    photo, external, notices = _fetch_picture(wanted.media_url) if not photos else (None, {}, [])
    report = file_report(
        actor,
        category=category.code,
        description=wanted.description or text_of(category.name),
        point=wanted.point,
        address=wanted.address_string or wanted.address_id,
        photos=[*photos, *([photo] if photo else [])],
        contact_name=wanted.name,
        contact_email=wanted.email,
        contact_phone=wanted.phone,
        form_token=wanted.token,
        answers=answers,
        source=key.name,
        external={**_identities(wanted), **external},
    )
    return Answer("service_requests", [shapes.receipt(report.number, category, notices)], status=201)


def open_with_key(actor: Actor, given: str) -> ApiKey:
    """The program whose key this is, within its limit. Raises `TooMany`, and `Refused`, also for who is blocked.
    Guessing is slow."""
    refuse_blocked(actor)
    try:
        key = queries.find_key(given[:200])
    except Refused:
        limits.check(f"open311:wrong:{actor.address}", limit=WRONG_KEYS_AN_HOUR, seconds=3600)
        raise
    limits.check(f"open311:key:{key.pk}", limit=key.hourly_limit, seconds=3600)
    return key


def read_number(text: str) -> int:
    """A report's number. Raises `NotFound` for what cannot be one."""
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_NUMBER_DIGITS):
        raise NotFound
    return int(text)


def _service(actor: Actor, code: str) -> Category:
    try:
        return queries.find_service(actor, code[:60])
    except NotFound as error:
        sentence = _("There is no service with this code. GET services names those there are.")
        raise NotFound(sentence, code="no_such_service") from error


def _attributes(category: Category, form: QueryDict) -> dict[str, list[str]]:
    """The answers, `attribute[CODE]` or, for several, `attribute[CODE][]`. Raises `Invalid` by these names: also for
    what no question asks, for what nobody would read is not taken in silence."""
    asked = questions_of(category.questions)
    known = {f"attribute[{one.code}]{ending}": one.code for one in asked for ending in ("", "[]")}
    given = [name for name in form if name.startswith("attribute[")]
    if unknown := [name for name in given if name not in known]:
        raise Invalid(fields={unknown[0][:80]: _("This service has no such attribute. GET its definition.")})
    answers = {known[name]: [one[:5000] for one in form.getlist(name)[:60]] for name in given}
    faults = read_answers(asked, answers)[1]
    if faults:
        raise Invalid(fields={f"attribute[{question.code}]": sentence for question, sentence in faults.items()})
    return answers


def _store_uploads(request: HttpRequest) -> list[str]:
    """The pictures of a multipart form, under `media`, made safe. One that is none refuses the whole request."""
    uploads = request.FILES.getlist("media")
    if len(uploads) > MAX_PHOTOS:
        raise Invalid(fields={"media": _("Send at most %(most)s photos at once.") % {"most": MAX_PHOTOS}})
    return [store_image(cast(BinaryIO, one), purpose=PURPOSE).sha256 for one in uploads]


def _fetch_picture(url: str) -> tuple[str | None, dict[str, object], list[str]]:
    """The picture at the address, what to remember of it, and what to tell the client. A picture that cannot be had
    does not keep the report from being filed."""
    if not url:
        return None, {}, []
    try:
        return take_picture(url, timeout=PICTURE_SECONDS), {"media_url": url}, []
    except MeydanError as error:
        if may_come_later(error):
            return None, {"media_url": url, "media_pending": True}, [_("The photo has not come yet and follows.")]
        return None, {"media_url": url}, [_("The photo was not taken: %(reason)s") % {"reason": error.message}]


def _identities(wanted: NewRequest) -> dict[str, object]:
    named = {"account_id": wanted.account_id, "device_id": wanted.device_id, "address_id": wanted.address_id}
    return {name: value for name, value in named.items() if value}


discovery_door = door(get=discover)
services_door = door(get=list_services)
definition_door = door(get=show_definition)
requests_door = door(get=list_requests, post=file_request)
request_door = door(get=show_request)
token_door = door(get=show_token)
updates_door = door(get=list_updates)
nothing_door = door(get=nothing_here, post=nothing_here)
