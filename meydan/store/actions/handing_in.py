"""Handing in, and what follows by itself from what the moderators decide."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from meydan.kernel.action import action_on
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, Invalid
from meydan.kernel.facts import record
from meydan.kernel.i18n import text_of
from meydan.moderation.public import hand_in, refuse_blocked, withdraw_review
from meydan.store.actions.steps import keep, persons_of
from meydan.store.facts import (
    AppHandedIn,
    AppPublished,
    AppPutBack,
    AppReturned,
    AppTakenBack,
    AppTakenOff,
    ReleasePublished,
)
from meydan.store.models import App, Stage, State, Step
from meydan.store.policies import is_machine, may_hand_in, may_take_back
from meydan.store.queries import faults_in, find_holder, has_news, lock_app, lock_reference, words_of

QUESTIONS = ("about_city", "complete", "ready")


@action_on(lock_app, policy=may_hand_in)
def hand_in_app(actor: Actor, app: App, *, answers: Mapping[str, str]) -> None:
    """Ask for publication, of the whole or of what has changed and matters. `Invalid` while a check finds a fault or a
    question of the charter is not answered; `Conflict` when nothing waits."""
    refuse_blocked(actor)
    missing = {name: _("Answer this.") for name in QUESTIONS if not answers.get(name)}
    if missing:
        raise Invalid(fields=missing)
    faults = faults_in(app)
    if faults:
        raise Invalid(fields={"": faults[0].text}, code="checks")
    first = app.state != State.PUBLISHED
    if not has_news(app):
        raise Conflict(_("Everything is public already."))
    app.answers = {name: str(answers[name])[:500] for name in QUESTIONS}
    app.stage = Stage.WAITING
    app.releases.filter(step=Step.READY).update(step=Step.WAITING)
    keep(app)
    title = text_of(words_of(app, "title"), app.language)
    hand_in(actor, about=app.reference, title=title, language=app.language, answers=app.answers)
    record(AppHandedIn(subject=app.reference, persons=persons_of(app), first=first))


@action_on(lock_app, policy=may_take_back)
def take_app_back(actor: Actor, app: App) -> None:
    """Take back what waits for a moderator, to change it."""
    app.stage = Stage.NONE
    app.releases.filter(step=Step.WAITING).update(step=Step.READY)
    app.save(update_fields=["stage"])
    withdraw_review(actor, about=app.reference)
    record(AppTakenBack(subject=app.reference, persons=persons_of(app)))


@action_on(lock_reference, policy=is_machine)
def publish_app(actor: Actor, app: App) -> None:
    """A moderator has agreed: what waited is public. Done once, however often it is asked."""
    first, fields = app.state != State.PUBLISHED, sorted(app.pending)
    if app.stage not in (Stage.WAITING, Stage.REFUSED):  # refused: another moderator has agreed on appeal
        raise Conflict
    if find_holder(app.package, beside=app):
        _send_back(app, Stage.SENT_BACK)  # another entry was published under its name meanwhile: the checks say so
        return
    for name, value in app.pending.items():
        if name != "screenshots":
            setattr(app, name, value)
    app.screenshots.filter(goes=True).delete()
    app.screenshots.update(live=True)
    app.pending, app.state, app.stage = {}, State.PUBLISHED, Stage.NONE
    app.updated_at = now()
    app.published_at = app.published_at or app.updated_at
    waiting = list(app.releases.filter(step__in=(Step.READY, Step.WAITING)))
    app.releases.filter(step__in=(Step.READY, Step.WAITING)).update(step=Step.PUBLISHED, published_at=app.updated_at)
    keep(app)
    record(AppPublished(subject=app.reference, persons=persons_of(app), first=first, fields=fields))
    for release in waiting:
        record(ReleasePublished(subject=app.reference, persons=persons_of(app), version_code=release.version_code))


@action_on(lock_reference, policy=is_machine)
def return_app(actor: Actor, app: App, *, refused: bool) -> None:
    """A moderator asks for changes, or has refused; what is public already stays public."""
    if app.stage != Stage.WAITING:
        raise Conflict
    _send_back(app, Stage.REFUSED if refused else Stage.SENT_BACK)


def _send_back(app: App, stage: Stage) -> None:
    app.stage = stage
    app.releases.filter(step=Step.WAITING).update(step=Step.READY)
    app.save(update_fields=["stage"])
    record(AppReturned(subject=app.reference, persons=persons_of(app), refused=stage == Stage.REFUSED))


@action_on(lock_reference, policy=is_machine)
def take_app_off(actor: Actor, app: App, *, decision: int) -> None:
    """A moderator has taken it off: nobody finds it any more, and its team reads why."""
    if app.state == State.TAKEN_OFF:
        raise Conflict
    app.state, app.featured_until = State.TAKEN_OFF, None
    keep(app)
    record(AppTakenOff(subject=app.reference, persons=persons_of(app), decision=decision))


@action_on(lock_reference, policy=is_machine)
def put_app_back(actor: Actor, app: App) -> None:
    """On appeal another moderator finds that it should not have been taken off. Where another entry has its Android
    name by now, it is a draft again: the two must agree first."""
    if app.state != State.TAKEN_OFF:
        raise Conflict
    held = find_holder(app.package, beside=app) is not None
    app.state = State.PUBLISHED if app.published_at and not held else State.DRAFT
    keep(app)
    record(AppPutBack(subject=app.reference, persons=persons_of(app)))
