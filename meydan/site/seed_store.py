"""The store of a new city: its categories, and in the demo a small catalogue, through the real actions."""

import io
from collections.abc import Mapping
from dataclasses import replace

from meydan.accounts.public import Person, actor_for
from meydan.kernel.actor import SYSTEM, Actor
from meydan.kernel.files import store_image
from meydan.moderation.public import approve_review, find_review
from meydan.site.app_drawings import draw_icon, draw_screen
from meydan.site.packs import Pack, SampleAppPart
from meydan.store.public import (
    App,
    Category,
    Kind,
    add_screenshot,
    change_details,
    change_texts,
    draft_app,
    feature_app,
    hand_in_app,
    publish_app,
    review_questions,
    set_category,
    set_icon,
)

FEATURED_DAYS = 60
SCREENS = {"ar": "الشاشة الأولى للتطبيق", "fr": "Le premier écran", "en": "The first screen"}


def seed_app_categories(pack: Pack) -> None:
    """The store's categories that are not here yet."""
    known = set(Category.objects.values_list("code", flat=True))
    for order, part in enumerate(pack.app_categories):
        if part.code not in known:
            set_category(SYSTEM, code=part.code, name=part.name, icon=part.icon, order=order)


def seed_apps(pack: Pack, people: Mapping[str, Person]) -> None:
    """The demo's made-up apps that are not here yet, each handed in and agreed to."""
    known = set(App.objects.values_list("address", flat=True))
    moderator = actor_for(people["moderator"])
    for number, part in enumerate(pack.apps):
        if part.address not in known:
            developer = replace(actor_for(people["developer"]), language=next(iter(part.title)))
            _publish(developer, moderator, part, number)


def _publish(developer: Actor, moderator: Actor, part: SampleAppPart, number: int) -> None:
    language = next(iter(part.title))
    app = draft_app(
        developer, kind=Kind(part.kind), title=part.title[language], language=language, address=part.address
    )
    for code, title in part.title.items():
        texts = {"summary": part.summary.get(code, ""), "description": part.description.get(code, "")}
        change_texts(developer, app.slug, language=code, title=title, **texts)
    change_details(
        developer,
        app.slug,
        category=part.category,
        address=part.address,
        tags=", ".join(part.tags),
        languages=list(part.title),
        privacy_address=f"{part.address}privacy",
    )
    set_icon(developer, app.slug, sha256=_stored(draw_icon(part.colour, number)))
    screen = _stored(draw_screen(part.colour, number))
    add_screenshot(developer, app.slug, sha256=screen, alt=SCREENS.get(language, SCREENS["en"]))
    hand_in_app(developer, app.slug, answers={"about_city": part.about_city, "complete": "yes", "ready": "yes"})
    review = find_review(app.reference)
    if review is not None:
        approve_review(moderator, review.key, checks=tuple(one.key for one in review_questions()))
    publish_app(SYSTEM, app.reference)  # at once: the worker, which follows the moderator, may not run yet
    if part.featured:
        feature_app(moderator, app.slug, days=FEATURED_DAYS)


def _stored(picture: bytes) -> str:
    return store_image(io.BytesIO(picture), purpose="store_picture").sha256
