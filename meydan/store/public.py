"""The door of the store: how its entries are shown to moderators, and what site and its neighbours may use."""

from django.utils.translation import gettext_lazy as _

from meydan.kernel.actor import Actor
from meydan.kernel.errors import NotFound
from meydan.kernel.i18n import text_of
from meydan.moderation.public import Check, Question, Reviewed, Thing, moderates, reviews
from meydan.store.actions import (
    add_release,
    add_screenshot,
    change_details,
    change_texts,
    draft_app,
    feature_app,
    hand_in_app,
    has_downloaded,
    publish_app,
    read_upload,
    set_category,
    set_icon,
)
from meydan.store.models import App, Category, Kind, State, store_rules
from meydan.store.queries import (
    Level,
    Row,
    Wanted,
    check_app,
    find_app,
    find_by_reference,
    list_featured,
    list_public,
    list_screenshots,
    proposed,
)

__all__ = [
    "App",
    "Category",
    "Kind",
    "Row",
    "State",
    "Wanted",
    "add_release",
    "add_screenshot",
    "change_details",
    "change_texts",
    "draft_app",
    "feature_app",
    "find_app",
    "find_by_reference",
    "hand_in_app",
    "has_downloaded",
    "list_featured",
    "list_public",
    "publish_app",
    "read_upload",
    "search_apps",
    "set_category",
    "set_icon",
]


def search_apps(actor: Actor, words: str, *, limit: int) -> list[Row]:
    """Public entries with these words, for the search over everything."""
    return list_public(actor, Wanted(words=words), limit=limit).rows


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
    checks = [
        Check(one.text, {Level.GOOD: True, Level.FAULT: False, Level.WARNING: False}[one.level])
        for one in check_app(app)
    ]
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
        questions=_questions(),
        answers=((_("What it has to do with the city"), str(app.answers.get("about_city", ""))),),
    )


def _questions() -> tuple[Question, ...]:
    strict = store_rules().about_city == "exclusively"
    about = _("It is about this city alone.") if strict else _("It is closely related to this city.")
    return (
        Question("about_city", about),
        Question("complete", _("It is complete: nothing in it is only announced.")),
        Question("ready", _("It is ready for use, and does what it says.")),
    )


moderates("app", _look, name=_("App"))
reviews("app", _review, name=_("App"))
