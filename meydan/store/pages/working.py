"""A developer's work on one entry: its words, details, pictures, versions and reasons."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from meydan.kernel.actor import Actor
from meydan.kernel.errors import Invalid, NotFound
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.i18n import LANGUAGES, current_language
from meydan.kernel.inputs import parse
from meydan.kernel.policy import demand
from meydan.store import actions
from meydan.store.inputs import AddPicture, ChangeDetails, ChangeTexts, Chosen, DraftApp, Upload
from meydan.store.models import (
    ALLOWED,
    SENSITIVE,
    App,
    Concern,
    Kind,
    Malware,
    Release,
    Step,
    senses_of,
    trackers_of,
)
from meydan.store.pages.entry import size_of
from meydan.store.pages.forms import Errors, answer, brought_picture, settle, typed
from meydan.store.pages.looks import permissions_of, picture_address
from meydan.store.policies import may_draft
from meydan.store.queries import (
    Level,
    category_names,
    check_app,
    find_inside,
    list_releases,
    list_screenshots,
    newest,
)
from meydan.ui.templating import url


@page("GET", "POST")
def new(request: HttpRequest) -> HttpResponse:
    """Begin an entry: what it is, what it is called, and where it lives."""
    actor = actor_of(request)
    demand(may_draft(actor), actor)
    if request.method != "POST":
        return _show_new(request, {"language": current_language()}, {})
    try:
        actions.limit_drafting(actor)
        said = parse(DraftApp, request.POST)
        app = actions.draft_app(actor, kind=said.kind, title=said.title, language=said.language, address=said.address)
    except Invalid as error:
        return _show_new(request, typed(request), error.fields)
    return HttpResponseRedirect(url("store:manage", slug=app.slug))


def _show_new(request: HttpRequest, values: dict[str, Any], errors: Errors) -> HttpResponse:
    context = {"kinds": Kind.choices, "languages": list(LANGUAGES.items()), "values": values, "errors": errors}
    return render(request, "store/new.html", context, status=422 if errors else 200)


@page("GET", "POST")
def texts(request: HttpRequest, slug: str) -> HttpResponse:
    """The words of an entry, in one language at a time."""
    if request.method != "POST":
        return _show_texts(request, find_inside(actor_of(request), slug), {})
    return settle(request, slug, lambda actor: _change_texts(request, actor, slug), _show_texts)


def _change_texts(request: HttpRequest, actor: Actor, slug: str) -> App:
    said = parse(ChangeTexts, request.POST)
    return actions.change_texts(actor, slug, **said.model_dump())


def _show_texts(request: HttpRequest, app: App, errors: Errors) -> HttpResponse:
    wanted = request.POST.get("language") or request.GET.get("language") or app.language
    language = wanted if wanted in LANGUAGES else app.language
    kept = {name: app.pending.get(name, getattr(app, name)).get(language, "") for name in _WORDS}
    context = {
        "language_of_it": language,
        "chips": [(name, f"?language={code}", code == language) for code, name in LANGUAGES.items()],
        "values": typed(request) if errors else kept,
    }
    return answer(request, "store/texts.html", app, context, errors)


_WORDS = ("title", "summary", "description")


@page("GET", "POST")
def details(request: HttpRequest, slug: str) -> HttpResponse:
    """Category, addresses, tags, languages."""
    if request.method != "POST":
        return _show_details(request, find_inside(actor_of(request), slug), {})
    return settle(request, slug, lambda actor: _change_details(request, actor, slug), _show_details)


def _change_details(request: HttpRequest, actor: Actor, slug: str) -> None:
    said = parse(ChangeDetails, request.POST)
    actions.change_details(actor, slug, **said.model_dump())


def _show_details(request: HttpRequest, app: App, errors: Errors) -> HttpResponse:
    kept = {name: app.pending.get(name, getattr(app, name)) for name in _DETAILS}
    kept["category"], kept["tags"] = kept.pop("category_id"), ", ".join(kept["tags"])
    given = {**typed(request), "languages": request.POST.getlist("languages")} if errors else {}
    values: dict[str, Any] = {**kept, **given}
    context = {
        "values": values,
        "categories": [("", "–"), *category_names().items()],
        "languages": list(LANGUAGES.items()),
        "android": app.kind == Kind.ANDROID,
    }
    return answer(request, "store/details.html", app, context, errors)


_DETAILS = (
    *("category_id", "address", "tags", "languages", "source_address"),
    *("privacy_address", "release_address", "licence"),
)


@page("GET", "POST")
def pictures(request: HttpRequest, slug: str) -> HttpResponse:
    """Icon and screenshots."""
    if request.method != "POST":
        return _show_pictures(request, find_inside(actor_of(request), slug), {})
    return settle(request, slug, lambda actor: _change_pictures(request, actor, slug), _show_pictures, "store:pictures")


def _change_pictures(request: HttpRequest, actor: Actor, slug: str) -> None:
    verb = request.POST.get("do")
    if verb == "icon":
        actions.set_icon(actor, slug, sha256=brought_picture(request, "icon"))
    elif verb == "remove":
        actions.remove_screenshot(actor, slug, screenshot=parse(Chosen, request.POST).number)
    elif verb == "read":
        actions.limit_asking(actor)
        actions.read_manifest(actor, slug)
    else:
        alt = parse(AddPicture, request.POST).alt
        actions.add_screenshot(actor, slug, sha256=brought_picture(request, "screenshot"), alt=alt)


def _show_pictures(request: HttpRequest, app: App, errors: Errors) -> HttpResponse:
    icon = app.pending.get("icon_id", app.icon_id)
    shots = [
        {"number": one.pk, "alt": one.alt, "live": one.live, "thumb": picture_address(app.slug, one.file_id, "thumb")}
        for one in list_screenshots(actor_of(request), app)
    ]
    context = {
        "icon_address": picture_address(app.slug, icon, "thumb") if icon else "",
        "shots": shots,
        "values": typed(request) if errors else {},
        "web_app": app.kind == Kind.WEB_APP,
    }
    return answer(request, "store/pictures.html", app, context, errors)


@page("GET", "POST")
def versions(request: HttpRequest, slug: str) -> HttpResponse:
    """The versions of an Android app, and the next one."""
    if request.method != "POST":
        return _show_versions(request, find_inside(actor_of(request), slug), {})
    return settle(request, slug, lambda actor: _change_versions(request, actor, slug), _show_versions, "store:versions")


def _change_versions(request: HttpRequest, actor: Actor, slug: str) -> None:
    if request.POST.get("do") == "withdraw":
        actions.withdraw_release(actor, slug, version_code=parse(Chosen, request.POST).number)
        return
    actions.limit_asking(actor)
    said = parse(Upload, request.POST)
    with actions.on_disk(request.FILES.get("package")) as path:
        looked = actions.look_into(path)
        actions.add_release(
            actor, slug, path=path, package=looked.package, malware=looked.malware, changelog=said.changelog
        )


def _show_versions(request: HttpRequest, app: App, errors: Errors) -> HttpResponse:
    if app.kind != Kind.ANDROID:
        raise NotFound
    rows = [_version(app, one) for one in list_releases(actor_of(request), app)]
    context = {"versions": rows, "values": typed(request) if errors else {}}
    return answer(request, "store/versions.html", app, context, errors)


_TONES = {Step.READY: "quiet", Step.WAITING: "info", Step.PUBLISHED: "good", Step.WITHDRAWN: "bad"}


def _version(app: App, release: Release) -> dict[str, Any]:
    return {
        "code": release.version_code,
        "name": release.version_name,
        "size": size_of(release.size),
        "at": release.added_at,
        "step": str(Step(release.step).label),
        "tone": _TONES[Step(release.step)],
        "matters": [str(Concern(code).label) for code in release.matters],
        "gone": release.step == Step.WITHDRAWN,
        "permissions": [one.label for one in permissions_of(app, release)],
        "malware": str(Malware(release.malware).label),
        "found": release.malware_name,
        "bad": release.malware == Malware.FOUND,
        "trackers": ", ".join(one.name for one in trackers_of(release.trackers)),
    }


@page("GET", "POST")
def reasons(request: HttpRequest, slug: str) -> HttpResponse:
    """Why the app needs each sensitive permission."""
    if request.method != "POST":
        return _show_reasons(request, find_inside(actor_of(request), slug), {})
    return settle(request, slug, lambda actor: _explain(request, actor, slug), _show_reasons)


def _explain(request: HttpRequest, actor: Actor, slug: str) -> None:
    actions.explain_permissions(actor, slug, reasons=typed(request))


def _show_reasons(request: HttpRequest, app: App, errors: Errors) -> HttpResponse:
    release = newest(app) if app.kind == Kind.ANDROID else None
    if release is None:
        raise NotFound
    wanted = [one for one in permissions_of(app, release) if one.sensitive]
    context = {"permissions": wanted, "values": typed(request) if errors else app.reasons}
    return answer(request, "store/reasons.html", app, context, errors)


def tasks_of(app: App) -> list[tuple[str, str, str, str, str]]:
    """What there is to do before handing in: title, address, and how the checks stand as a tag."""
    pages = [
        ("texts", _("Name and description")),
        ("details", _("Category and addresses")),
        ("pictures", _("Icon and screenshots")),
    ]
    if app.kind == Kind.ANDROID:
        release = newest(app)
        pages.append(("versions", _("Versions")))
        if release and any(sense in SENSITIVE for sense in senses_of(release.permissions)):
            pages.append(("reasons", _("Reasons for permissions")))
    worst: dict[str, Level] = {}
    for finding in check_app(app):
        if worst.get(finding.where) is not Level.FAULT and finding.level in (Level.WARNING, Level.FAULT):
            worst[finding.where] = finding.level
    return [(title, url(f"store:{name}", slug=app.slug), *_task_tag(worst.get(name))) for name, title in pages]


def _task_tag(level: Level | None) -> tuple[str, str, str]:
    if level is Level.FAULT:
        return _("To do"), "bad", "circle-alert"
    if level is Level.WARNING:
        return _("Look again"), "warning", "triangle-alert"
    return _("Done"), "good", "check"


def verbs_of(app: App) -> set[str]:
    """What the state of an entry allows."""
    return {verb.value for verb, (states, stages) in ALLOWED.items() if app.state in states and app.stage in stages}
