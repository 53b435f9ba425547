"""The Jinja2 environment of every page, and what every page is told about its reader."""

import re
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from functools import lru_cache
from types import BuiltinMethodType
from typing import Any, cast
from urllib.parse import quote

import markupsafe
from django.http import HttpRequest
from django.templatetags.static import static as address_of_static
from django.urls import get_resolver, reverse
from django.utils.http import RFC3986_SUBDELIMS, escape_leading_slashes
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from jinja2 import Environment, FileSystemBytecodeCache, StrictUndefined, Template, pass_context, pass_environment
from jinja2.runtime import Context, Macro
from markupsafe import Markup, escape

from meydan.kernel import clock, i18n
from meydan.kernel.actor import VISITOR
from meydan.kernel.config import config
from meydan.ui.icons import icon
from meydan.ui.sheet import city_sheet, colours, font_sheet, main_sheet


def url(name: str, **parts: object) -> str:
    """The address of a named page: `url("reports:show", number=7)`."""
    return _address(name, tuple(parts.items()))


@lru_cache(maxsize=512)
def static(path: str) -> str:
    """The address of a static file, with its hash where files are collected."""
    return address_of_static(path)


@lru_cache(maxsize=4096)
def _address(name: str, parts: tuple[tuple[str, object], ...]) -> str:
    """Remembered: a list asks for the same addresses again and again, and they change only with the code."""
    given = dict(parts)
    for form in _forms(name, frozenset(given)):
        if address := form.filled(given):
            return address
    return reverse(name, kwargs=given or None)  # which says what is wrong


@dataclass(frozen=True)
class Form:
    """One way of writing a named address. Django looks for it, and compiles what it must look like, for every address
    anew: 30 µs, and a page of an entry has thirty."""

    text: str
    shape: re.Pattern[str]
    write: Mapping[str, Callable[[Any], str]]

    def filled(self, given: Mapping[str, object]) -> str:
        """The address with these parts, "" where they do not fit."""
        try:
            address = self.text % {name: self.write[name](value) for name, value in given.items()}
        except ValueError:
            return ""
        return escape_leading_slashes(quote(address, safe=SAFE)) if self.shape.search(address) else ""


SAFE = RFC3986_SUBDELIMS + "/~:@"
"""What RFC 3986 lets stand in a path as it is."""


@lru_cache(maxsize=512)
def _forms(name: str, parts: frozenset[str]) -> tuple[Form, ...]:
    """All forms of a name with exactly these parts, as Django's own resolver holds them."""
    *spaces, last = name.split(":")
    resolver = get_resolver()
    for space in spaces:
        before, resolver = resolver.namespace_dict.get(space, ("?", resolver))
        if before:  # none of that name, or below an address of its own: rare, and left to Django
            return ()
    return tuple(
        Form(f"/{text}", re.compile(f"^/{pattern}"), _writers(converters, parts))
        for possible, pattern, defaults, converters in resolver.reverse_dict.getlist(last)
        for text, names in possible
        if parts == set(names) and not defaults
    )


def _writers(converters: Mapping[str, Any], parts: frozenset[str]) -> dict[str, Callable[[Any], str]]:
    return {name: converters[name].to_url if name in converters else str for name in parts}


@pass_environment
@lru_cache(maxsize=256)
def remembered(env: Environment, template: str, *, language: str, **values: object) -> str:
    """A part of a page that many requests share, made once for each set of values (they are hashable).

    The part sees nothing of the request but what it is given here, and a name that it was not given raises: it cannot
    show one reader what was made for another. `language` is the one that is active.
    """
    return env.get_template(template).render(language=language, **values)


def globals_of_pages() -> dict[str, Callable[..., Any]]:
    """What every template may call, beside what `context` gives it; the contract is in docs/architecture.md."""
    return {
        "url": url,
        "static": static,
        "icon": icon,
        "config": config,
        "remembered": remembered,
        "now": clock.now,
        "text": i18n.text_of,
        "format_ago": i18n.format_ago,
        "format_date": i18n.format_date,
        "format_days": i18n.format_days,
        "format_due": i18n.format_due,
        "format_moment": i18n.format_moment,
        "format_number": i18n.format_number,
        "format_time": i18n.format_time,
        "main_sheet": main_sheet,
        "font_sheet": font_sheet,
        "city_sheet": city_sheet,
        "colours": colours,
    }


SAFE_TEXTS = frozenset({Markup, SafeString})
_escaped: Callable[[str], str] = getattr(markupsafe, "_escape_inner", escape)
"""markupsafe's for a plain text, without the mark that it is safe."""


def written(value: Any) -> str:
    """What a page shows of a value: markupsafe's `escape`, which what is safe already passes. A page writes some three
    hundred values, parts, icons and plain texts: to mark each as safe costs twenty times as much as to escape it, and
    nothing looks at the mark, for it is joined to the page."""
    kind = type(value)
    if kind in SAFE_TEXTS:
        safe: str = value
        return safe
    return _escaped(value) if kind is str else escape(value)


class Page(Template):
    """Jinja2's, writing with `written`."""

    @classmethod
    def _from_namespace(
        cls, environment: Environment, namespace: MutableMapping[str, Any], globals: MutableMapping[str, Any]
    ) -> Template:
        namespace["escape"] = written
        return super()._from_namespace(environment, namespace, globals)


class PageContext(Context):
    """Jinja2's, which asks of all that a page calls what it wants to be told beside its arguments. What every page
    calls (`globals_of_pages`) is known: a page calls it a hundred times."""

    def call(self, called: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Call it; a template adds its own variables, for those who want them."""
        if called is say:
            args = (self, *args)
        elif id(called) not in _KNOWN and type(called) not in _PLAIN:
            return super().call(called, *args, **kwargs)
        kwargs.pop("_block_vars", None)
        kwargs.pop("_loop_vars", None)
        return called(self.environment, *args, **kwargs) if called is remembered else called(*args, **kwargs)


class Pages(Environment):
    """Jinja2's, with one plain dict of globals for all templates: no page adds to them, and a chain of dicts is walked
    in Python for each page and each import in it."""

    template_class = Page
    context_class = PageContext

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return {**self.globals, **d} if d else self.globals


@pass_context
def say(context: Context, message: str, **values: object) -> str:
    """`_()` in templates: with values as Jinja2 does it, without them remembered for each language."""
    if values:
        return cast(str, context.call(context.resolve("gettext"), message, **values))
    return _said(i18n.current_language(), message)


@lru_cache(maxsize=8192)
def _said(_language: str, message: str) -> str:
    """In the active language, safe as Jinja2's own are: translations are part of the program."""
    return SafeString(gettext(message) % {})


_KNOWN = frozenset(map(id, globals_of_pages().values()))
"""All but `remembered` want nothing but their arguments."""
_PLAIN = frozenset({Macro, BuiltinMethodType})
"""Nor do these: parts of pages, and methods of texts, dicts and moments."""


def environment(**options: Any) -> Environment:
    """Django calls this once. Unknown names raise (a typing mistake must not become an empty page)."""
    options |= {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    options.setdefault("bytecode_cache", FileSystemBytecodeCache())
    options.setdefault("cache_size", -1)  # all are kept: Jinja2 looks through 400 for the one that was used longest ago
    options.pop("autoescape", None)
    env = Pages(autoescape=True, extensions=["jinja2.ext.i18n"], **options)
    env.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]  # the i18n extension adds it
    tongues = [(code, name, i18n.direction(code)) for code, name in i18n.LANGUAGES.items()]
    env.globals.update(globals_of_pages(), tongues=tongues, _=say)
    return env


def context(request: HttpRequest) -> Mapping[str, Any]:
    """Template context of every page: who reads, in which language, and whether they save data."""
    language = i18n.current_language()
    return {
        "actor": getattr(request, "actor", VISITOR),
        "language": language,
        "direction": i18n.direction(language),
        "direction_of": i18n.direction,
        "saves_data": request.META.get("HTTP_SAVE_DATA", "").lower() == "on",
        "first_view": request.META.get("HTTP_SEC_FETCH_SITE") != "same-origin",
    }
