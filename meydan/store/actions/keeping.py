"""What becomes of an entry that is public: withdrawn, put on top; and the categories."""

from collections.abc import Mapping
from datetime import timedelta

from meydan.kernel.action import action, action_on
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.facts import record
from meydan.store.actions.steps import keep, persons_of
from meydan.store.facts import AppChanged, AppFeatured, AppWithdrawn, CategorySet
from meydan.store.models import App, Category, State
from meydan.store.policies import is_machine, may_arrange, may_feature, may_withdraw
from meydan.store.queries import forget_categories, lock_app, lock_reference

FEATURED_DAYS = 7


@action_on(lock_app, policy=may_withdraw)
def withdraw_app(actor: Actor, app: App) -> None:
    """Take an entry out of the store; its owner can hand it in again."""
    app.state, app.featured_until = State.WITHDRAWN, None
    keep(app)
    record(AppWithdrawn(subject=app.reference, persons=persons_of(app)))


@action_on(lock_app, policy=may_feature)
def feature_app(actor: Actor, app: App, *, days: int = FEATURED_DAYS) -> None:
    """Put an entry on top for so many days; 0 takes it down again."""
    app.featured_until = now() + timedelta(days=days) if days else None
    app.save(update_fields=["featured_until"])
    record(AppFeatured(subject=app.reference, persons=persons_of(app), days=days))


@action_on(lock_app, policy=is_machine)
def note_link(actor: Actor, app: App, *, alive: bool) -> None:
    """Whether an entry's address has answered."""
    app.link_dead_since = None if alive else app.link_dead_since or now()
    app.save(update_fields=["link_dead_since"])
    record(AppChanged(subject=app.reference, persons=persons_of(app), fields=["link"], waits=False))


@action_on(lock_reference, policy=is_machine)
def forget_developer(actor: Actor, app: App) -> None:
    """The account of its owner is deleted: the name goes. The entry stays, and somebody of the team can be given it."""
    app.developer = ""
    keep(app)
    record(AppChanged(subject=app.reference, fields=["developer"], waits=False))


@action(policy=may_arrange)
def set_category(actor: Actor, *, code: str, name: Mapping[str, str], icon: str, order: int) -> None:
    """Keep a category of the store."""
    values = {"name": dict(name), "icon": icon, "order": order}
    Category.objects.update_or_create(code=code, defaults=values)
    forget_categories()
    record(CategorySet(subject=f"app_category:{code}"))
