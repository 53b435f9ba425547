"""The reference that is read off the code itself, as Markdown: settings, commands, addresses, facts.

`bin/meydan reference` writes it to `docs/reference/`; a test compares, so that it cannot go stale.
"""

import argparse
import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields
from typing import Any

from django.urls import URLPattern
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from meydan.kernel.config import Config, Files, Imap, OpenidClient, Smtp, SocialClient
from meydan.kernel.facts import FACT_TYPES, Fact
from meydan.kernel.http import JsonDoor
from meydan.kernel.openapi import walk_urls
from meydan.kernel.reactions import reactions_to

OURS = "meydan."
NOTE = "<!-- Made by `bin/meydan reference`. Do not edit: change the code, then make it anew. -->"
TABLES: tuple[tuple[str, type[BaseModel]], ...] = (
    ("", Config),
    ("smtp", Smtp),
    ("imap", Imap),
    ("files", Files),
    ("google", SocialClient),
    ("facebook", SocialClient),
    ("oidc.NAME", OpenidClient),
)
KINDS = {
    "str": "text",
    "int": "whole number",
    "bool": "true or false",
    "Path": "folder",
    "tuple[str, ...]": "texts, with commas between",
}
Row = Sequence[str]


def make_pages(verbs: Iterable[tuple[str, argparse.ArgumentParser]]) -> dict[str, str]:
    """The pages by file name; `verbs` are the commands with their parsers. Django must be set up."""
    return {
        "settings.md": settings_page(),
        "commands.md": commands_page(verbs),
        "addresses.md": addresses_page(),
        "facts.md": facts_page(),
    }


def settings_page() -> str:
    """Every knob of the configuration with its twin in the environment."""
    intro = (
        "What differs between two cities. Each knob stands in `<data>/meydan.toml` or in the environment, which wins. "
        "For a secret the twin may end in `_FILE` and name a file that holds the value."
    )
    parts = [_head("Settings", intro)]
    for table, model in TABLES:
        title = f"`[{table}]`" if table else "Without a table"
        said = "" if model is Config or model is BaseModel else _sentence(model)
        rows = [_knob(table, name, info) for name, info in model.model_fields.items() if not _is_table(info)]
        parts += [f"## {title}", said, _table(("knob", "in the environment", "is", "unless set"), rows)]
    return _page(parts)


def _knob(table: str, name: str, info: FieldInfo) -> Row:
    twin = "_".join(("MEYDAN", *table.split("."), name) if table else ("MEYDAN", name)).upper()
    default = "must be set" if info.is_required() else f"`{info.default!r}`" if info.default not in ("", ()) else ""
    return (f"`{name}`", f"`{twin}`", _kind(info.annotation), default)


def _kind(annotation: Any) -> str:
    name = annotation.__name__ if isinstance(annotation, type) and not str(annotation).startswith("tuple") else ""
    text = name or str(annotation).replace("typing.", "")
    if text.startswith("Literal"):
        return "one of " + text.removeprefix("Literal[").removesuffix("]").replace("'", "`")
    return KINDS.get(text, "networks, with commas between" if "Network" in text else text)


def _is_table(info: FieldInfo) -> bool:
    return any(model.__name__ in str(info.annotation) for _table_name, model in TABLES if model is not Config)


def commands_page(verbs: Iterable[tuple[str, argparse.ArgumentParser]]) -> str:
    """Every command with its flags."""
    parts = [_head("Commands", "`bin/meydan COMMAND --help` says the same.")]
    for verb, parser in verbs:
        parts += [f"## `meydan {verb}`", parser.description or "", *_flags(parser)]
    return _page(parts)


def _flags(parser: argparse.ArgumentParser) -> Iterator[str]:
    rows: list[Row] = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            said = {choice.dest: choice.help or "" for choice in action._choices_actions}
            rows += [(_usage(name, sub), said.get(name, "")) for name, sub in action.choices.items()]
        elif not isinstance(action, argparse._HelpAction):
            rows.append((_flag(action), action.help or ""))
    if rows:
        yield _table(("flag", "does"), rows)


def _usage(name: str, parser: argparse.ArgumentParser) -> str:
    flags = [_flag(action) for action in parser._actions if not isinstance(action, argparse._HelpAction)]
    return " ".join((f"`{name}`", *flags))


def _flag(action: argparse.Action) -> str:
    value = action.metavar or ("" if action.nargs == 0 else action.dest.upper())
    words = "/".join(action.option_strings)
    return f"`{words} {value}`".replace(" `", "`") if words else f"`{value}`"


def addresses_page() -> str:
    """Every address of the site."""
    intro = "Every address that Meydan answers at. Those fixed for clients outside are in [standards](../standards.md)."
    rows = sorted((f"`/{route}`", _what_is_at(pattern)) for route, pattern in walk_urls())
    return _page([_head("Addresses", intro), _table(("address", "is"), rows)])


def _what_is_at(pattern: URLPattern) -> str:
    doors: dict[str, JsonDoor] = getattr(pattern.callback, "doors", {})
    if doors:
        return " ".join(f"{method}: {door.summary}" for method, door in doors.items())
    theirs = f"{pattern.name}, by django-allauth" if pattern.callback.__module__.startswith("allauth.") else ""
    return _sentence(pattern.callback) or theirs or str(pattern.name or "")


def facts_page() -> str:
    """Every fact with what it says and what follows from it."""
    intro = "What can happen. A fact is stored in the transaction that made it true, and never changes."
    rows = []
    for name, kind in sorted(FACT_TYPES.items()):
        if not _is_the_citys(kind.__module__):
            continue
        own = [one.name for one in fields(kind) if one.name not in {base.name for base in fields(Fact)}]
        then = filter(_is_the_citys, reactions_to(kind))
        follows = sorted(reaction.removeprefix(OURS).replace(".reactions", "") for reaction in then)
        rows.append((f"`{name}`", _sentence(kind), ", ".join(own), ", ".join(f"`{one}`" for one in follows)))
    return _page([_head("Facts", intro), _table(("fact", "says", "with", "then"), rows)])


def _is_the_citys(module: str) -> bool:
    """Whether it belongs to what a city runs; tests have facts and reactions of their own."""
    return module.startswith(OURS) and ".tests." not in module


def _sentence(documented: Callable[..., object] | type) -> str:
    """The first sentence of our own docstring, in one line."""
    if not str(getattr(documented, "__module__", "")).startswith(OURS):
        return ""
    paragraph = " ".join((inspect.getdoc(documented) or "").split("\n\n")[0].split())
    paragraph = paragraph.replace("|", "\\|").replace("<", "&lt;")
    return paragraph if not paragraph.startswith(f"{getattr(documented, '__name__', '')}(") else ""


def _head(title: str, intro: str) -> str:
    return f"{NOTE}\n\n# {title}\n\n{intro}"


def _table(heads: Row, rows: Iterable[Row]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _page(parts: Iterable[str]) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"
