"""How entries are shown to their neighbours: to moderators, and where people talk about them."""

from django.utils.translation import gettext_lazy as _

from meydan.accounts.public import ExportedFile, as_json, contributes_to_export
from meydan.comments.public import Discussed, discusses
from meydan.kernel.actor import Actor
from meydan.kernel.errors import NotFound
from meydan.kernel.i18n import text_of
from meydan.moderation.public import Check, Question, Reviewed, Thing, moderates, reviews
from meydan.store.models import App, Release, Step, store_rules
from meydan.store.queries.checking import Level, check_app, proposed
from meydan.store.queries.listing import list_own
from meydan.store.queries.one import find_by_reference, list_screenshots
from meydan.store.queries.receipts import has_downloaded


def _texts(app: App, name: str) -> str:
    """A text as it will be when what waits is published, in the language it was written in."""
    value = proposed(app, name)
    return text_of(value, app.language) if isinstance(value, dict) else ""


def _look(actor: Actor, reference: str) -> Thing | None:
    """A public entry, as those see it who flag it and those who decide about that."""
    try:
        app = find_by_reference(actor, reference)
    except NotFound:
        return None
    text = "\n\n".join(part for part in (text_of(app.summary), text_of(app.description)) if part)
    return Thing(text_of(app.title) or app.slug, text, f"/apps/{app.slug}", person=app.owner_id)


def _review(actor: Actor, about: str) -> Reviewed | None:
    """What was handed in, with what is checked already and what a moderator answers."""
    try:
        app = find_by_reference(actor, about)
    except NotFound:
        return None
    icon = proposed(app, "icon_id")
    files = [*([str(icon)] if icon else []), *(shot.file_id for shot in list_screenshots(actor, app))]
    excerpt = "\n\n".join(part for part in (_texts(app, "summary"), _texts(app, "description")) if part)
    checks = [Check(one.text, None if one.level is Level.NOTE else one.level is Level.GOOD) for one in check_app(app)]
    if app.pending:
        checks.append(Check(_("Changed since it was published"), None, ", ".join(sorted(app.pending))))
    return Reviewed(
        title=_texts(app, "title") or app.slug,
        href=f"/apps/{app.slug}/manage",
        excerpt=excerpt,
        author=app.owner_id,
        author_name=app.developer,
        pictures=tuple(f"/apps/{app.slug}/pictures/{sha256}" for sha256 in files),
        checks=tuple(checks),
        questions=review_questions(),
        answers=((_("What it has to do with the city"), str(app.answers.get("about_city", ""))),),
    )


def review_questions() -> tuple[Question, ...]:
    """What a moderator must find before an entry is published: the charter's three questions."""
    strict = store_rules().about_city == "exclusively"
    about = _("It is about this city alone.") if strict else _("It is closely related to this city.")
    return (
        Question("about_city", about),
        Question("complete", _("It is complete: nothing in it is only announced.")),
        Question("ready", _("It is ready for use, and does what it says.")),
    )


moderates("app", _look, name=_("App"))
reviews("app", _review, name=_("App"))


def as_discussed(actor: Actor, app: App, *, downloaded: bool = False, version: str = "") -> Discussed:
    """A public entry as what people talk about: its team answers, and neither rates nor comments. Who is not signed in
    owns nothing: for them nobody is asked who does."""
    owners = frozenset() if actor.is_visitor else frozenset(one for one in (app.owner_id, *app.team) if one)
    return Discussed(
        title=text_of(app.title) or app.slug,
        href=f"/apps/{app.slug}",
        owners=owners,
        downloaded=downloaded,
        version=version,
        owner_label=_("Developer"),
    )


def _discussed(actor: Actor, about: str) -> Discussed | None:
    """The same, by its reference and with what a comment notes of its writer and of the version that is out now."""
    try:
        app = find_by_reference(actor, about)
    except NotFound:
        return None
    if not app.is_public:
        return None
    newest = Release.objects.filter(app=app, step=Step.PUBLISHED).order_by("-version_code") if app.package else None
    return as_discussed(
        actor,
        app,
        downloaded=actor.person_id is not None and has_downloaded(actor.person_id, app.reference),
        version=(newest.values_list("version_name", flat=True).first() or "") if newest is not None else "",
    )


def _export(actor: Actor) -> list[ExportedFile]:
    """The entries that the actor owns or works on, for the export of what is theirs."""
    names = ("slug", "kind", "state", "title", "summary", "description", "tags", "languages", "address", "made_at")
    return [as_json("apps.json", [{name: getattr(app, name) for name in names} for app in list_own(actor)])]


discusses("app", _discussed)
contributes_to_export("apps", _export)
