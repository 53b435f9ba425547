"""What the store does by itself: it follows the moderators' decisions, counts, and looks whether links still lead
somewhere."""

from contextlib import suppress

from meydan.accounts.facts import PersonDeleted
from meydan.kernel.actor import SYSTEM
from meydan.kernel.config import config
from meydan.kernel.errors import Conflict, MeydanError, NotFound
from meydan.kernel.facts import Fact
from meydan.kernel.fetch import call
from meydan.kernel.jobs import PATIENT, enqueue, job, periodic
from meydan.kernel.reactions import reacts_to
from meydan.moderation.facts import ReviewApproved, ReviewRefused, ReviewSentBack, ThingPutBack, ThingTakenOff
from meydan.store.actions import (
    forget_days,
    forget_developer,
    list_to_scan,
    note_link,
    publish_all,
    publish_app,
    publish_one,
    put_app_back,
    refresh_trends,
    return_app,
    scan_again,
    take_app_off,
    take_from_address,
)
from meydan.store.facts import (
    AppPublished,
    AppPutBack,
    AppTakenOff,
    AppWithdrawn,
    OwnershipPassed,
    ReleasePublished,
    ReleaseWithdrawn,
)
from meydan.store.models import App, Kind

OURS = "app:"
PEEK = 1024
SECONDS = 8.0


@reacts_to(ReviewApproved)
def publish_what_was_approved(fact: ReviewApproved) -> None:
    """A moderator has agreed: everybody finds it. Once: what is published already, or was changed since, stays."""
    if fact.subject.startswith(OURS):
        with suppress(Conflict, NotFound):
            publish_app(SYSTEM, fact.subject)


@reacts_to(ReviewSentBack)
def return_what_was_sent_back(fact: ReviewSentBack) -> None:
    """Its developer changes it."""
    if fact.subject.startswith(OURS):
        with suppress(Conflict, NotFound):
            return_app(SYSTEM, fact.subject, refused=False)


@reacts_to(ReviewRefused)
def return_what_was_refused(fact: ReviewRefused) -> None:
    """It is not published; what was public before stays."""
    if fact.subject.startswith(OURS):
        with suppress(Conflict, NotFound):
            return_app(SYSTEM, fact.subject, refused=True)


@reacts_to(ThingTakenOff)
def take_off_what_was_decided(fact: ThingTakenOff) -> None:
    """A moderator has found that it breaks the charter."""
    if fact.subject.startswith(OURS):
        with suppress(Conflict, NotFound):
            take_app_off(SYSTEM, fact.subject, decision=fact.decision)


@reacts_to(ThingPutBack)
def put_back_what_was_wrongly_taken(fact: ThingPutBack) -> None:
    """Another moderator has decided otherwise."""
    if fact.subject.startswith(OURS):
        with suppress(Conflict, NotFound):
            put_app_back(SYSTEM, fact.subject)


@reacts_to(PersonDeleted)
def forget_who_published(fact: PersonDeleted) -> None:
    """With an account its name goes from what it published."""
    for key in App.objects.filter(owner__in=fact.persons).exclude(developer="").values_list("pk", flat=True):
        forget_developer(SYSTEM, f"app:{key}")


@reacts_to(AppPublished, AppWithdrawn, AppTakenOff, AppPutBack, ReleasePublished, ReleaseWithdrawn, OwnershipPassed)
def have_the_repository_follow(fact: Fact) -> None:
    """What the public finds has changed: so does what F-Droid clients find."""
    enqueue(publish_entry, reference=fact.subject)


@job(name="store.publish_entry", queue=PATIENT)
def publish_entry(reference: str) -> None:
    """Write and sign what follows from one entry."""
    publish_one(reference)


@periodic(name="store.publish_repository", cron="5 * * * *")
def publish_repository(_due: int) -> None:
    """Every hour: the whole repository, so that nothing that went wrong once stays wrong."""
    publish_all()


@periodic(name="store.refresh_trends", cron="*/10 * * * *")
def sum_up(_due: int) -> None:
    """Every ten minutes: what was counted becomes the order of the lists."""
    refresh_trends()


@periodic(name="store.forget_days", cron="50 2 * * *")
def fold_old_days(_due: int) -> None:
    """Every night: days of long ago become one."""
    forget_days()


@periodic(name="store.look_at_links", cron="15 4 * * *")
def look_at_links(_due: int) -> None:
    """Every night: ask a share of the addresses, each about once a week."""
    rows = App.objects.filter(state="published").exclude(kind=Kind.ANDROID).exclude(address="")
    for slug, number in rows.values_list("slug", "pk"):
        if number % 7 == _due // 86_400 % 7:
            enqueue(look_at_link, slug=slug)


@periodic(name="store.ask_for_packages", cron="35 1 * * *")
def ask_for_packages(_due: int) -> None:
    """Every night: ask the release addresses of public Android apps for a new version."""
    rows = App.objects.filter(state="published", kind=Kind.ANDROID).exclude(release_address="")
    for slug in rows.values_list("slug", flat=True):
        enqueue(ask_for_package, slug=slug)


@periodic(name="store.ask_scanner", cron="45 * * * *")
def ask_scanner(_due: int) -> None:
    """Every hour, where there is a scanner for malware: versions without an answer, or with an old one."""
    for release in list_to_scan() if config().clamd else ():
        enqueue(ask_about_release, release=release)


@job(name="store.ask_about_release", queue=PATIENT)
def ask_about_release(release: int) -> None:
    """Ask about one version."""
    with suppress(Conflict, NotFound):
        scan_again(release)


@job(name="store.ask_for_package", queue=PATIENT)
def ask_for_package(slug: str) -> None:
    """Ask one address. What it gives and we refuse is no fault of ours: the next night it is asked again."""
    with suppress(MeydanError):
        take_from_address(slug)


@job(name="store.look_at_link", queue=PATIENT)
def look_at_link(slug: str) -> None:
    """Ask one address, and note it only where the answer differs from the last one."""
    app = App.objects.filter(slug=slug).first()
    if app is None:
        return
    alive = _answers(app.address)
    if alive == (app.link_dead_since is not None):
        note_link(SYSTEM, slug, alive=alive)


def _answers(address: str) -> bool:
    try:
        return call("GET", address, max_bytes=PEEK, timeout=SECONDS).status < 400
    except MeydanError:
        return False
