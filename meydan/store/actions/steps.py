"""What the actions of the store have in common: fields that are set at once or wait, and what searches find."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext_lazy as _
from markdown_it import MarkdownIt

from meydan.kernel.actor import Actor
from meydan.kernel.analyser import SKELETON, fold_letters, fold_words, parts_of, skeleton_of
from meydan.kernel.clock import now
from meydan.kernel.errors import Invalid
from meydan.kernel.facts import record
from meydan.kernel.fetch import check_url
from meydan.store.facts import AppChanged
from meydan.store.models import MATTERS, MAX_ADDRESS, App, Stage, State

_markdown = MarkdownIt("commonmark", {"html": False}).disable("image")


def persons_of(app: App) -> tuple[UUID, ...]:
    """Whom it concerns."""
    return (app.owner_id,) if app.owner_id else ()


def apply(actor: Actor, app: App, values: Mapping[str, Any]) -> None:
    """Set these fields of an entry: of a published one, what matters waits for a moderator. Records what changed;
    where nothing did, that too, for the developer did come to look."""
    changed = [name for name, value in values.items() if app.pending.get(name, getattr(app, name)) != value]
    waiting = [name for name in changed if app.state == State.PUBLISHED and name in MATTERS]
    for name in changed:
        if name not in waiting:
            setattr(app, name, values[name])
        elif getattr(app, name) == values[name]:
            app.pending.pop(name, None)
        else:
            app.pending[name] = values[name]
    keep(app)
    record(AppChanged(subject=app.reference, persons=persons_of(app), fields=changed, waits=bool(waiting)))


def keep(app: App) -> None:
    """Save an entry, with what searches find in it."""
    app.changed_at = now()
    if app.stage == Stage.REFUSED:
        app.stage = Stage.NONE
    app.shown = shown_of(app)
    app.save()
    index(app)


def shown_of(app: App) -> dict[str, str]:
    """The description as HTML, by language."""
    return {language: _markdown.render(text) for language, text in app.description.items()}


class Words(NamedTuple):
    """What searches find of an entry: the words of its names, and those of all its texts."""

    title: list[str]
    body: list[str]


def words_in(app: App) -> Words:
    """What searches shall find of an entry."""
    titles = _lexemes(" ".join((*app.title.values(), *app.tags)))
    told = (*app.summary.values(), *app.description.values(), app.developer, *_category_names(app))
    return Words(sorted(titles), sorted(titles | _lexemes(" ".join(told))))


def index(app: App) -> None:
    """Have searches find the words of an entry, and correct what is mistyped to words that entries have."""
    words = words_in(app)
    with connection.cursor() as cursor:
        cursor.execute(
            """update store_app set title_words = array_to_tsvector(%s::text[]),
                      body_words = array_to_tsvector(%s::text[]) where id = %s""",
            [*words, app.pk],
        )
        if app.is_public:
            cursor.execute(
                "insert into store_word (word) select unnest(%s::text[]) on conflict do nothing", [plain(words.body)]
            )


def plain(words: Sequence[str]) -> list[str]:
    """The words that somebody may have meant: skeletons are none."""
    return [word for word in words if not word.startswith(SKELETON)]


def _lexemes(text: str) -> set[str]:
    """The words as they are, whole and shortened: who types finds the one, who has typed the other. And the parts of
    Persian ones, and what Arabic ones have in common with their plurals."""
    short, whole = fold_words(text), (word[:60] for word in fold_letters(text).split() if word.isalnum())
    skeletons = (skeleton for word in short if (skeleton := skeleton_of(word)))
    return {*short, *whole, *parts_of(text), *skeletons}


def _category_names(app: App) -> list[str]:
    return list(app.category.name.values()) if app.category else []


def check_address(address: str, name: str) -> str:
    """An address as people may be led to it. `Invalid` by the field `name`."""
    if address:
        try:
            check_url(address)
        except Invalid as error:
            raise Invalid(fields={name: error.message}) from error
        if len(address) > MAX_ADDRESS:
            raise Invalid(fields={name: _("Shorten this to at most %(most)s characters.") % {"most": MAX_ADDRESS}})
    return address
