"""The JSON door of the store: the list, one entry, suggestions; and uploads of versions by programs."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from pydantic import BaseModel

from meydan.kernel.errors import MeydanError, NotFound, SignInFirst
from meydan.kernel.http import actor_of, doors, json_door, problem
from meydan.kernel.inputs import parse
from meydan.kernel.limits import check
from meydan.store import actions
from meydan.store.inputs import ListApps, Suggest, Upload
from meydan.store.models import senses_of
from meydan.store.queries import Wanted, find_shown, list_public, suggest

TRIES_PER_HOUR = 60
SUGGESTED_PER_MINUTE = 240
BEARER = "Bearer "


class AppLine(BaseModel):
    """An entry in a list, in the language that was asked for."""

    slug: str
    kind: str
    title: str
    summary: str
    category: str | None
    developer: str
    downloads: int


class AppList(BaseModel):
    """Public entries. `after` gives the following page; null at the end."""

    apps: list[AppLine]
    after: str | None


class AppVersion(BaseModel):
    """A version of an Android app. `size` in bytes; `reaches`: what its permissions let it do (camera, location).
    `trackers`: codes of those built into it; `malware`: clean, unchecked or unanswered."""

    version_code: int
    version_name: str
    size: int
    sha256: str
    min_sdk: int
    permissions: list[str]
    reaches: list[str]
    trackers: list[str]
    malware: str
    published_at: datetime | None


class AppDetail(BaseModel):
    """A public entry, whole. Texts are by language."""

    slug: str
    kind: str
    title: dict[str, str]
    summary: dict[str, str]
    description: dict[str, str]
    category: str | None
    tags: list[str]
    languages: list[str]
    address: str
    source_address: str
    privacy_address: str
    licence: str
    developer: str
    package: str
    downloads: int
    published_at: datetime | None
    updated_at: datetime | None
    versions: list[AppVersion]


class Suggested(BaseModel):
    """A name that goes on from what is being typed."""

    slug: str
    title: str


class SuggestedApps(BaseModel):
    """The liveliest first."""

    apps: list[Suggested]


def _list(request: HttpRequest, query: ListApps) -> AppList:
    wanted = Wanted(query.q, query.kind, query.category, query.language, query.sort)
    found = list_public(actor_of(request), wanted, after=query.after)
    lines = [
        AppLine(
            slug=row.slug,
            kind=row.kind,
            title=row.title,
            summary=row.summary,
            category=row.category,
            developer=row.developer,
            downloads=row.downloads,
        )
        for row in found.rows
    ]
    return AppList(apps=lines, after=found.next)


def _show(request: HttpRequest, slug: str) -> AppDetail:
    app, live, *_beside = find_shown(actor_of(request), slug)
    if not app.is_public:
        raise NotFound
    names = [name for name in AppDetail.model_fields if name not in ("category", "versions")]
    versions = [
        AppVersion(
            version_code=one.version_code,
            version_name=one.version_name,
            size=one.size,
            sha256=one.file_id,
            min_sdk=one.min_sdk,
            permissions=one.permissions,
            reaches=[sense.value for sense in senses_of(one.permissions)],
            trackers=one.trackers,
            malware=one.malware,
            published_at=one.published_at,
        )
        for one in live
    ]
    return AppDetail(**{name: getattr(app, name) for name in names}, category=app.category_id, versions=versions)


def _suggest(request: HttpRequest, query: Suggest) -> SuggestedApps:
    actor = actor_of(request)
    check(f"store.suggest:{actor.person_id or actor.address}", limit=SUGGESTED_PER_MINUTE, seconds=60)
    found = suggest(actor, query.q)
    return SuggestedApps(apps=[Suggested(slug=slug, title=title) for slug, title in found])


apps = doors(get=json_door(summary="Public apps", query=ListApps, gives=AppList)(_list))
app = doors(get=json_door(summary="One public app", gives=AppDetail, errors=(404,))(_show))
suggestions = doors(
    get=json_door(summary="Names that go on from what is typed", query=Suggest, gives=SuggestedApps, errors=(429,))(
        _suggest
    )
)


@csrf_exempt
@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Add a version, as a program with a token of the entry: `Authorization: Bearer ...`, a form with the file
    `package` and perhaps `changelog`. 201 with what was read; problem+json for what is refused."""
    try:
        return _upload(request)
    except MeydanError as error:
        return problem(error)


def _upload(request: HttpRequest) -> HttpResponse:
    actor, given = actor_of(request), request.headers.get("Authorization", "")
    check(f"store.upload:{actor.address}", limit=TRIES_PER_HOUR, seconds=3600)
    if not given.startswith(BEARER):
        raise SignInFirst(_("Send a token of the entry: Authorization: Bearer ..."))
    token, said = given.removeprefix(BEARER).strip()[:200], parse(Upload, request.POST)
    release = actions.upload_by_token(actor, token, request.FILES.get("package"), changelog=said.changelog)
    body = {
        "package": release.app.package,
        "version_code": release.version_code,
        "version_name": release.version_name,
        "sha256": release.file_id,
        "step": release.step,
        "looked_at_because": release.matters,
    }
    return JsonResponse(body, status=201)
