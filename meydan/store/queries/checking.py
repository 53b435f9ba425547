"""What is checked by itself before anybody hands in: the developer sees it at once, the moderator beside the entry."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from meydan.kernel.analyser import fold_letters
from meydan.kernel.city import this_city
from meydan.store.models import (
    SENSITIVE,
    App,
    Kind,
    Malware,
    Release,
    State,
    Step,
    senses_of,
    store_rules,
    trackers_of,
)
from meydan.store.queries.one import find_holder, find_rival

LEAST_DESCRIPTION = 80
GOOD_TARGET = 28  # Android 9: older targets are let do more than people expect


class Level(StrEnum):
    """How much a finding weighs."""

    GOOD = "good"
    NOTE = "note"  # to be known, and nobody's fault
    WARNING = "warning"  # a moderator decides
    FAULT = "bad"  # nothing can be handed in with it


@dataclass(frozen=True)
class Finding:
    """One check and how it came out; `where` is the page on which the developer mends it."""

    code: str
    level: Level
    text: str | Promise
    where: str = "texts"


def proposed(app: App, name: str) -> object:
    """A field as it will be: what waits, else what is."""
    return app.pending.get(name, getattr(app, name))


def check_app(app: App) -> list[Finding]:
    """Everything that can be checked without a person."""
    checks = (_texts, _about_city, _details, _pictures, _manifest, _versions, _name, _malware, _trackers, _permissions)
    return [finding for check in checks for finding in check(app)]


def faults_in(app: App) -> list[Finding]:
    """What must be mended first."""
    return [finding for finding in check_app(app) if finding.level is Level.FAULT]


def has_news(app: App) -> bool:
    """Whether anything of it is not public yet, and can be handed in."""
    return app.state != State.PUBLISHED or bool(app.pending) or app.releases.filter(step=Step.READY).exists()


def _grade(good: bool, code: str, yes: Promise, no: Promise, where: str, level: Level = Level.FAULT) -> Finding:
    return Finding(code, Level.GOOD, yes, where) if good else Finding(code, level, no, where)


def words_of(app: App, name: str) -> dict[str, str]:
    """A text by language, as it will be."""
    value = proposed(app, name)
    return value if isinstance(value, dict) else {}


def _texts(app: App) -> Iterator[Finding]:
    language = app.language
    whole = all(words_of(app, name).get(language) for name in ("title", "summary"))
    yield _grade(whole, "texts", _("Name and summary are there."), _("The name or the summary is missing."), "texts")
    long = len(words_of(app, "description").get(language, "")) >= LEAST_DESCRIPTION
    no = _("The description is too short: say in a few sentences what the app does, and for whom.")
    yield _grade(long, "description", _("The description is there."), no, "texts")


def _about_city(app: App) -> Iterator[Finding]:
    """Whether it names the city at all, in any language."""
    said = fold_letters(
        " ".join(
            (
                *(text for name in ("title", "summary", "description") for text in words_of(app, name).values()),
                *app.tags,
                app.address,
            )
        )
    )
    names = [fold_letters(name) for name in this_city().name.values()]
    strict = store_rules().about_city == "exclusively"
    no = (
        _("The city is not named anywhere. Here only apps are published that are about this city alone.")
        if strict
        else _("The city is not named anywhere. Say what the app has to do with it.")
    )
    yes = _("The city is named.")
    yield _grade(any(name in said for name in names), "about_city", yes, no, "texts", Level.WARNING)


def _details(app: App) -> Iterator[Finding]:
    has = proposed(app, "category_id") is not None
    yield _grade(has, "category", _("A category is chosen."), _("Choose a category."), "details")
    if app.kind != Kind.ANDROID:
        dead = app.link_dead_since is not None
        no = _("The address did not answer when we last asked it.")
        yield _grade(not dead, "link", _("The address answers."), no, "details", Level.WARNING)


def _pictures(app: App) -> Iterator[Finding]:
    icon = proposed(app, "icon_id") is not None
    yield _grade(icon, "icon", _("There is an icon."), _("Add an icon."), "pictures")
    enough = app.screenshots.filter(goes=False).count() >= store_rules().screenshots
    no = _("Add a screenshot: people want to see it first.")
    yield _grade(enough, "screenshots", _("There are screenshots."), no, "pictures")


def _manifest(app: App) -> Iterator[Finding]:
    """A web app that a browser does not offer to install is a web site."""
    if app.kind != Kind.WEB_APP:
        return
    lacks = app.manifest.get("lacks", ["manifest"])
    yes, no = _("Browsers can install it."), _("Browsers cannot install it. Its manifest lacks something.")
    yield _grade(not lacks, "installable", yes, no, "details", Level.WARNING)


def newest(app: App) -> Release | None:
    """The version that people will get."""
    return app.releases.exclude(step=Step.WITHDRAWN).order_by("-version_code").first()


def _versions(app: App) -> Iterator[Finding]:
    if app.kind != Kind.ANDROID:
        return
    release = newest(app)
    yes, no = _("A version is uploaded, and its signature is right."), _("Upload a version.")
    yield _grade(release is not None, "version", yes, no, "versions")
    if release is not None:
        modern = release.target_sdk >= GOOD_TARGET
        no = _("It is made for an old Android, which protects people less.")
        yield _grade(modern, "target", _("It is made for a recent Android."), no, "versions", Level.WARNING)


def _name(app: App) -> Iterator[Finding]:
    """A draft holds no Android name: two may have the same, and only one of them is published."""
    if find_holder(app.package, beside=app):
        said = _("Another entry was published under this app's name. If the name is yours, say so on its page.")
        yield Finding("name", Level.FAULT, said, "versions")
    elif find_rival(app.package, beside=app):
        said = _("Another entry that waits for a moderator has the same name. Only one can be published.")
        yield Finding("name", Level.WARNING, said, "versions")


_MALWARE = {
    Malware.CLEAN: (Level.GOOD, _("The malware scanner knows nothing bad in it.")),
    Malware.UNCHECKED: (Level.NOTE, _("Not checked for malware: this city has no scanner.")),
    Malware.UNANSWERED: (Level.WARNING, _("The malware scanner did not answer. It is asked again every hour.")),
    Malware.FOUND: (Level.FAULT, _("The malware scanner has found something in it.")),
}


def _malware(app: App) -> Iterator[Finding]:
    release = newest(app) if app.kind == Kind.ANDROID else None
    if release is not None:
        yield Finding("malware", *_MALWARE[Malware(release.malware)], "versions")


def _trackers(app: App) -> Iterator[Finding]:
    release = newest(app) if app.kind == Kind.ANDROID else None
    if release is None:
        return
    if names := ", ".join(one.name for one in trackers_of(release.trackers)):
        said = _("Trackers in its code, which its page names: %(names)s") % {"names": names}
        yield Finding("trackers", Level.NOTE, said, "versions")
    elif release.code_read:
        yield Finding("trackers", Level.GOOD, _("No known tracker in its code."), "versions")
    if not release.code_read:
        unread = _("Its code could not be looked through for trackers.")
        yield Finding("code", Level.WARNING, unread, "versions")


def _permissions(app: App) -> Iterator[Finding]:
    release = newest(app) if app.kind == Kind.ANDROID else None
    if release is None:
        return
    bare = [sense for sense in senses_of(release.permissions) if sense in SENSITIVE and not app.reasons.get(sense)]
    yes = _("Every sensitive permission has its reason.")
    no = _("Say why the app needs each sensitive permission.")
    yield _grade(not bare, "reasons", yes, no, "reasons")
    if any(sense in SENSITIVE for sense in senses_of(release.permissions)):
        no = _("Give the address of the privacy policy: the app asks for sensitive permissions.")
        there = bool(app.privacy_address)
        yield _grade(there, "privacy", _("There is a privacy policy."), no, "details", Level.WARNING)
