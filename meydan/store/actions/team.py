"""The team of an entry, its programs, and its next owner."""

import secrets
from datetime import timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from meydan.accounts.public import Person
from meydan.comments.public import renew_discussion
from meydan.kernel.action import action_on
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, Invalid
from meydan.kernel.facts import record
from meydan.store.actions.steps import keep, persons_of
from meydan.store.facts import (
    MemberInvited,
    MemberJoined,
    MemberLeft,
    OwnershipOffered,
    OwnershipPassed,
    TokenIssued,
    TokenRevoked,
)
from meydan.store.models import MAX_MEMBERS, MAX_TOKENS, TOKEN_DAYS, App, Member, TeamRole, Token
from meydan.store.policies import may_answer_invitation, may_own, may_take_over
from meydan.store.queries import digest_of, lock_app


@action_on(lock_app, policy=may_own)
def invite_member(actor: Actor, app: App, *, username: str, role: TeamRole) -> None:
    """Ask somebody into the team, by the name with which they sign in; they see it under their apps. `Invalid` when
    there is nobody of that name, or they are in it."""
    person = Person.objects.filter(username=username.strip().lower(), deleted_at=None).first()
    if person is None:
        raise Invalid(fields={"username": _("Nobody signs in with this name.")})
    if person.pk == app.owner_id or app.members.filter(person=person.pk).exists():
        raise Invalid(fields={"username": _("This person is in the team, or asked into it, already.")})
    if app.members.count() >= MAX_MEMBERS:
        raise Invalid(fields={"username": _("A team has at most %(most)s members.") % {"most": MAX_MEMBERS}})
    Member.objects.create(app=app, person=person, role=role, invited_at=now())
    record(MemberInvited(subject=app.reference, persons=(person.pk,), role=role))


@action_on(lock_app, policy=may_answer_invitation)
def answer_invitation(actor: Actor, app: App, *, accept: bool) -> None:
    """Join the team, or say no."""
    member = app.members.get(person=actor.person_id, joined_at=None)
    if accept:
        member.joined_at = now()
        member.save(update_fields=["joined_at"])
        record(MemberJoined(subject=app.reference, persons=(member.person_id,), role=member.role))
    else:
        member.delete()
        record(MemberLeft(subject=app.reference, persons=(member.person_id,)))


@action_on(lock_app, policy=may_own)
def remove_member(actor: Actor, app: App, *, member: int) -> None:
    """Have somebody no longer work on an entry. `Conflict` when they do not."""
    row = app.members.filter(pk=member).first()
    if row is None:
        raise Conflict
    if app.successor_id == row.person_id:
        app.successor = None
        app.save(update_fields=["successor"])
    person: UUID = row.person_id
    row.delete()
    record(MemberLeft(subject=app.reference, persons=(person,)))


@action_on(lock_app, policy=may_own)
def offer_ownership(actor: Actor, app: App, *, member: int) -> None:
    """Offer an entry to somebody of its team; nothing changes until they accept."""
    row = app.members.filter(pk=member).exclude(joined_at=None).first()
    if row is None:
        raise Invalid(fields={"member": _("Choose somebody of the team.")})
    app.successor_id = row.person_id
    app.save(update_fields=["successor"])
    record(OwnershipOffered(subject=app.reference, persons=(*persons_of(app), row.person_id)))


@action_on(lock_app, policy=may_take_over)
def take_over(actor: Actor, app: App) -> None:
    """Become the owner; the one before stays in the team, and every token ends."""
    before = app.owner_id
    app.members.filter(person=actor.person_id).delete()
    if before is not None:
        Member.objects.create(app=app, person_id=before, role=TeamRole.EDITOR, invited_at=now(), joined_at=now())
    app.tokens.filter(revoked_at=None).update(revoked_at=now())
    app.owner_id, app.successor_id, app.owned_since = actor.person_id, None, now()
    app.developer = actor.name
    keep(app)
    renew_discussion(actor, about=app.reference)
    persons = tuple(one for one in (before, actor.person_id) if one)
    record(OwnershipPassed(subject=app.reference, persons=persons))


@action_on(lock_app, policy=may_own)
def issue_token(actor: Actor, app: App, *, name: str) -> str:
    """Make a token by which a program uploads versions of this entry, for a year, and return it: it is shown once."""
    if app.tokens.filter(revoked_at=None, until__gt=now()).count() >= MAX_TOKENS:
        raise Invalid(fields={"name": _("At most %(most)s tokens. Revoke one first.") % {"most": MAX_TOKENS}})
    token = f"meydan-{secrets.token_urlsafe(32)}"
    until = now() + timedelta(days=TOKEN_DAYS)
    row = Token.objects.create(app=app, name=name, digest=digest_of(token), made_at=now(), until=until)
    record(TokenIssued(subject=app.reference, persons=persons_of(app), token=row.pk))
    return token


@action_on(lock_app, policy=may_own)
def revoke_token(actor: Actor, app: App, *, token: int) -> None:
    """Take a token away, at once."""
    if not app.tokens.filter(pk=token, revoked_at=None).update(revoked_at=now()):
        raise Conflict
    record(TokenRevoked(subject=app.reference, persons=persons_of(app), token=token))
