"""The store's front: the list with its search, and one's own entries."""

from dataclasses import replace
from functools import lru_cache
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from meydan.kernel.actor import Role
from meydan.kernel.http import actor_of, page, render, same_for_visitors
from meydan.kernel.i18n import LANGUAGES, current_language
from meydan.kernel.inputs import parse
from meydan.store.inputs import ListApps
from meydan.store.models import Kind
from meydan.store.pages.looks import kind_look, rows_markup, stand_of
from meydan.store.queries import Wanted, category_names, list_front, list_own, list_public
from meydan.ui.templating import url

Names = tuple[tuple[str, str], ...]


@page("GET")
@same_for_visitors
def index(request: HttpRequest) -> HttpResponse:
    """All public entries, narrowed and in the wanted order."""
    actor, query = actor_of(request), parse(ListApps, request.GET)
    wanted = Wanted(query.q, query.kind, query.category, query.language, query.sort)
    front = wanted == Wanted() and not query.after
    featured, found = list_front(actor) if front else ([], list_public(actor, wanted, after=query.after))
    names = category_names()
    context = {
        "rows": rows_markup(found.rows, names),
        "count": len(found.rows),
        "more": found.more,
        "next": _address_of(wanted, after=found.next) if found.next else None,
        "first": _address_of(wanted) if query.after else None,
        "featured": rows_markup(featured, names),
        "top": _list_top(current_language(), tuple(names.items()), wanted, develops=actor.has(Role.DEVELOPER)),
        "narrowed": wanted != Wanted(sort=wanted.sort),
    }
    return render(request, "store/list.html", context)


def _address_of(wanted: Wanted, **more: str) -> str:
    """The list, narrowed like this."""
    given = {"q": wanted.words, "kind": wanted.kind, "category": wanted.category, "language": wanted.language}
    given |= {"sort": "" if wanted.sort == "trend" else wanted.sort, **more}
    query = urlencode({name: value for name, value in given.items() if value})
    return f"{url('store:list')}?{query}" if query else url("store:list")


@lru_cache(maxsize=256)
def _list_top(language: str, categories: Names, wanted: Wanted, *, develops: bool) -> str:
    """All that stands above the rows, as HTML; the language is the one that is active."""
    kinds = [("", _("All")), *((kind.value, str(kind.label)) for kind in Kind)]
    sorts = [("trend", _("Trending")), ("new", _("New")), ("downloads", _("Most used"))]
    context = {
        "query": wanted,
        "chips": [(label, _address_of(replace(wanted, kind=kind)), kind == wanted.kind) for kind, label in kinds],
        "categories": [("", _("All categories")), *categories],
        "languages": [("", _("All languages")), *LANGUAGES.items()],
        "sorts": sorts,
        "narrowed": any((wanted.category, wanted.language)),
        "develops": develops,
    }
    return render_to_string("store/list_top.html", context)


@page("GET")
def mine(request: HttpRequest) -> HttpResponse:
    """The entries that I own, work on, or am asked to."""
    actor = actor_of(request)
    lines = [
        {
            "title": app.title.get(app.language) or app.slug,
            "href": url("store:manage", slug=app.slug),
            "kind": kind_look(app.kind)[0],
            "stand": stand_of(app),
            "asked": actor.person_id in app.invited or actor.person_id == app.successor_id,
        }
        for app in list_own(actor)
    ]
    context = {"apps": lines, "develops": actor.has(Role.DEVELOPER)}
    return render(request, "store/mine.html", context)
