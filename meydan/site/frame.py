"""What frames every page: the city, and the places one can go to in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.crypto import salted_hmac
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from meydan.kernel.actor import Actor, Role
from meydan.kernel.city import this_city
from meydan.kernel.http import actor_of
from meydan.kernel.i18n import current_language, text_of
from meydan.notifications.public import count_news
from meydan.site.modules import closed_parts
from meydan.ui.templating import url


@dataclass(frozen=True)
class Place:
    """One place of the bar: `at` is a url name, `under` the paths that belong to it."""

    label: Promise
    icon: str
    at: str
    under: tuple[str, ...]
    middle: bool = False


@dataclass(frozen=True)
class Door:
    """One of the large doors of the home page; `at` is a url name."""

    title: Promise
    text: Promise
    icon: str
    at: str

    @property
    def href(self) -> str:
        """Where it leads."""
        return url(self.at)


# The bar of a phone, the rail of a desktop. A domain that brings a place of its own adds it here.
PLACES = (
    Place(_("Home"), "house", "site:home", ("/",)),
    Place(_("City"), "map", "reports:list", ("/reports/", "/apps/", "/articles/", "/events/")),
    Place(pgettext_lazy("to do it", "Report"), "camera", "reports:file", ("/reports/new",), middle=True),
    Place(_("Messages"), "message-circle", "messaging:chat", ("/chat/",)),
    Place(_("Me"), "circle-user-round", "accounts:me", ("/me", "/accounts/", "/id/")),
)

MINE, NEWS = "accounts:me", "notifications:news"

DOORS = (
    Door(_("Report a problem"), _("A photo, the place, a few words. No account needed."), "camera", "reports:file"),
    Door(_("See the map"), _("What is reported around you, and what is done about it."), "map", "reports:map"),
    Door(_("All reports"), _("Read how the city answers, and find your own."), "list-checks", "reports:list"),
    Door(_("Events"), _("What takes place: meetings, courses, talks."), "calendar-days", "events:list"),
    Door(_("Articles"), _("What is new in the city, by the people who live in it."), "newspaper", "articles:list"),
    Door(
        _("Apps of the city"), _("Web sites and apps that help here. No account needed."), "layout-grid", "store:list"
    ),
    Door(_("My page"), _("Your cases, your data and who looked at it."), "circle-user-round", "accounts:me"),
)


@cache
def is_open(name: str) -> bool:
    """Whether this city runs the part that the url name belongs to; places of other parts are not shown."""
    if name.partition(":")[0] in closed_parts():
        return False
    try:
        return bool(reverse(name))
    except NoReverseMatch:
        return False


class Shown(NamedTuple):
    """A place as the page draws it."""

    label: str
    icon: str
    href: str
    middle: bool
    current: bool
    news: int = 0


def places_for(path: str, news: int = 0) -> tuple[Shown, ...]:
    """The places, as the page draws them. Current is the one with the longest beginning of `path`; `news` is marked at
    the place of one's own things, which then leads to it."""
    longest = max(
        (start for place in _open_places() for start in place.under if _belongs(path, start)), key=len, default=""
    )
    shown = _shown(longest, current_language())
    if not news:
        return shown
    return tuple(one._replace(news=news, href=url(NEWS)) if one.href == url(MINE) else one for one in shown)


@cache
def _open_places() -> tuple[Place, ...]:
    return tuple(place for place in PLACES if is_open(place.at))


@lru_cache(maxsize=64)
def _shown(beginning: str, _language: str) -> tuple[Shown, ...]:
    """The places in the active language; current is that to which paths with this beginning belong."""
    return tuple(
        Shown(str(place.label), place.icon, url(place.at), place.middle, beginning in place.under)
        for place in _open_places()
    )


def _belongs(path: str, start: str) -> bool:
    return path == start if start == "/" else path.startswith(start)


def open_doors() -> list[Door]:
    """The doors of the parts that this city runs."""
    return [door for door in DOORS if is_open(door.at)]


# What a person's own page leads to, of domains above accounts, and for whom (none: everybody).
MY_DOORS: tuple[tuple[Promise, Promise, str, tuple[Role, ...]], ...] = (
    (_("My identity"), _("Link it to the account, see it, freeze it"), "identity:mine", ()),
    (_("News for me"), _("New reports in the areas that I watch"), "notifications:news", ()),
    (_("My reports"), _("What I have reported, and how it stands"), "reports:mine", ()),
    (_("My badges"), _("What I have earned, and how far I am"), "club:mine", ()),
    (_("What moderators decided"), _("About what I wrote and told, with the reasons"), "moderation:mine", ()),
    (_("My ID in wallets"), _("Who holds it, and to whom I showed it"), "identity:wallets", ()),
    (_("Check an ID"), _("At a counter, for whoever may ask"), "identity:parties", (Role.ADMIN,)),
    (_("My events"), _("Where I go, and what I announced"), "events:mine", ()),
    (_("My articles"), _("What I have written, and how it stands"), "articles:mine", ()),
    (_("My apps"), _("What I publish in the city's store"), "store:mine", (Role.DEVELOPER,)),
    (_("Messenger"), _("My name there, and what the city writes to me"), "messaging:mine", ()),
    (
        _("Refused letters"),
        _("E-mails that became no report"),
        "reports:letters",
        (Role.OPERATOR, Role.MODERATOR, Role.ADMIN),
    ),
    (_("Webhooks"), _("Programs that are told what happens"), "webhooks:list", (Role.ADMIN,)),
    (_("Other authorities"), _("To whom officers forward cases"), "reports:authorities", (Role.ADMIN,)),
)


def my_doors(actor: Actor) -> list[tuple[Promise, Promise, str, str]]:
    """For the list of a person's own page: title, text, address, and nothing beside it."""
    shown = [door for door in MY_DOORS if is_open(door[2]) and (not door[3] or actor.has(*door[3]))]
    return [(title, text, url(name), "") for title, text, name, _roles in shown]


def sender_of(actor: Actor) -> str:
    """A mark of who is signed in, by which a device knows whether it still is the same person; "" for visitors. It
    cannot be turned back into the person."""
    if actor.person_id is None:
        return ""
    return salted_hmac("meydan.site.sender", str(actor.person_id), algorithm="sha256").hexdigest()[:16]


def context(request: HttpRequest) -> Mapping[str, Any]:
    """Template context of every page."""
    return {
        "city": this_city(),
        "city_name": text_of(this_city().name),
        "places": places_for(request.path, count_news(actor_of(request))),
        "here": request.get_full_path(),
        "sender": lambda: sender_of(actor_of(request)),
        "signs_in": is_open("account_login"),
        "my_doors": lambda: my_doors(actor_of(request)),
    }
