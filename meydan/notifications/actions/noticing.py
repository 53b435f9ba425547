"""Telling a person something in their inbox and by a letter."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from meydan.accounts.public import Person
from meydan.kernel.action import action
from meydan.kernel.actor import SYSTEM, Actor
from meydan.kernel.clock import now
from meydan.kernel.config import config
from meydan.kernel.errors import SignInFirst
from meydan.kernel.facts import record
from meydan.notifications.actions.mail import send_mail
from meydan.notifications.facts import NoticeLeft, WishSet
from meydan.notifications.models import Notice, Talk, Wish
from meydan.notifications.policies import may_post, may_watch

NOTICE_DAYS = 180


@action(policy=may_post)
def leave_notice(
    actor: Actor,
    *,
    person: UUID,
    email: str,
    language: str,
    kind: Notice.Kind,
    title: str,
    path: str,
    place: str = "",
    moment: datetime | None = None,
) -> Notice:
    """Put it into the person's inbox, and write to `email` unless that is "". A part of the reaction that calls it."""
    notice = Notice.objects.create(
        person_id=person, kind=kind, title=title[:200], path=path[:200], moment=moment, at=now()
    )
    said = {"news": kind.label, "title": title, "place": place, "moment": moment, "link": f"{config().base_url}{path}"}
    if email:
        send_mail(email, "notice", language, said)
    record(NoticeLeft(subject=f"notice:{notice.pk}", persons=(person,), kind=kind))
    return notice


@action(policy=may_watch)
def set_wish(actor: Actor, *, talk: Talk) -> None:
    """Choose how to hear of answers, and of what is written about one's own."""
    if actor.person_id is None:
        raise SignInFirst
    Wish.objects.update_or_create(person_id=actor.person_id, defaults={"talk": talk})
    record(WishSet(subject=f"person:{actor.person_id}", persons=(actor.person_id,), talk=talk))


def tell_of_talk(*, person: Person, kind: Notice.Kind, title: str, path: str) -> None:
    """Tell a person of a comment, as they wish it: quietly unless they want letters. While they have not read that
    there is something, a second comment under the same thing adds nothing. A part of the reaction that calls it."""
    wish = Wish.objects.filter(person=person.pk).values_list("talk", flat=True).first() or Talk.INBOX
    page = path.partition("#")[0]
    unread = Notice.objects.filter(person=person.pk, kind=kind, read_at=None)
    if wish == Talk.NONE or unread.filter(Q(path=page) | Q(path__startswith=f"{page}#")).exists():
        return
    email = (person.email or "") if wish == Talk.LETTER else ""
    leave_notice(SYSTEM, person=person.pk, email=email, language=person.language, kind=kind, title=title, path=path)


def forget_notices() -> int:
    """Delete what is older than `NOTICE_DAYS`; returns how many."""
    return Notice.objects.filter(at__lt=now() - timedelta(days=NOTICE_DAYS)).delete()[0]
