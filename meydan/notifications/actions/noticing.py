"""Telling a person something in their inbox and by a letter."""

from datetime import datetime, timedelta
from uuid import UUID

from meydan.kernel.action import action
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.config import config
from meydan.kernel.facts import record
from meydan.notifications.actions.mail import send_mail
from meydan.notifications.facts import NoticeLeft
from meydan.notifications.models import Notice
from meydan.notifications.policies import may_post

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
    """Put it into the person's inbox, and write to `email`. A part of the reaction that calls it."""
    notice = Notice.objects.create(
        person_id=person, kind=kind, title=title[:200], path=path[:200], moment=moment, at=now()
    )
    said = {"news": kind.label, "title": title, "place": place, "moment": moment, "link": f"{config().base_url}{path}"}
    send_mail(email, "notice", language, said)
    record(NoticeLeft(subject=f"notice:{notice.pk}", persons=(person,), kind=kind))
    return notice


def forget_notices() -> int:
    """Delete what is older than `NOTICE_DAYS`; returns how many."""
    return Notice.objects.filter(at__lt=now() - timedelta(days=NOTICE_DAYS)).delete()[0]
