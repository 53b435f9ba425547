"""The door of the store: what site and its neighbours may use. `queries.neighbours` shows entries to moderators and
where people talk about them."""

from meydan.kernel.actor import Actor
from meydan.store.actions import (
    add_release,
    add_screenshot,
    ask_scanner,
    change_details,
    change_texts,
    draft_app,
    feature_app,
    hand_in_app,
    look_into,
    publish_app,
    set_category,
    set_icon,
    takes_the_largest,
)
from meydan.store.models import App, Category, Kind, State
from meydan.store.queries import (
    Row,
    Wanted,
    find_app,
    find_by_reference,
    has_downloaded,
    list_featured,
    list_public,
    review_questions,
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
    "ask_scanner",
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
    "look_into",
    "publish_app",
    "review_questions",
    "search_apps",
    "set_category",
    "set_icon",
    "takes_the_largest",
]


def search_apps(actor: Actor, words: str, *, limit: int) -> list[Row]:
    """Public entries with these words, for the search over everything."""
    return list_public(actor, Wanted(words=words), limit=limit).rows
