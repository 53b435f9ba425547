"""What happens to the city's mail. Facts hold the letter's reference, never an address or a text."""

from dataclasses import dataclass

from meydan.kernel.facts import Fact, fact


@fact("notifications.mail_posted")
@dataclass(frozen=True, kw_only=True)
class MailPosted(Fact):
    """A letter waits to be sent."""


@fact("notifications.mail_sent")
@dataclass(frozen=True, kw_only=True)
class MailSent(Fact):
    """The next mail server took the letter; in the demo, the mailbox page did."""


@fact("notifications.watch_set")
@dataclass(frozen=True, kw_only=True)
class WatchSet(Fact):
    """Somebody watches an area from now on, or wants its letters in another way; the subject is "watch:<id>"."""

    daily: bool


@fact("notifications.watch_removed")
@dataclass(frozen=True, kw_only=True)
class WatchRemoved(Fact):
    """An area is watched no longer. `by_link`: by the link in a letter, without signing in."""

    by_link: bool


@fact("notifications.wish_set")
@dataclass(frozen=True, kw_only=True)
class WishSet(Fact):
    """A person wants to hear of talk in this way from now on (models.Talk); the subject is "person:<id>"."""

    talk: str


@fact("notifications.notice_left")
@dataclass(frozen=True, kw_only=True)
class NoticeLeft(Fact):
    """A person is told something in their inbox; the subject is "notice:<id>". `kind` as in models.Notice.Kind."""

    kind: str
