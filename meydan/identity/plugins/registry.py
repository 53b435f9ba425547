"""The registry that this city asks: one shape for all kinds, chosen by `[registry]` of the configuration."""

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from pydantic import ValidationError

from meydan.identity.models import Claims
from meydan.kernel.config import Registry, config

MAX_PORTRAIT = 2 * 2**20
QUESTION_SECONDS = 5.0
"""That one question may take; the worker asks again, with growing pauses."""


@dataclass(frozen=True)
class Entry:
    """What a registry says of a number: the claims, whether the person lives, and their portrait (JPEG or PNG)."""

    claims: Claims
    alive: bool = True
    portrait: bytes = b""


class RegistryDown(Exception):
    """It did not answer, or not in a way that can be believed. Asking again may help."""


class PopulationRegistry(Protocol):
    """A way to ask a registry."""

    name: str

    def look_up(self, number: str) -> Entry | None:
        """Who has this number; None when nobody has. Raises `RegistryDown`."""


PLUGINS = {"csv": "registry_csv.CsvRegistry", "postgresql": "registry_postgresql.PostgresRegistry"}
PLUGINS["http"] = "registry_http.HttpRegistry"


def connected() -> PopulationRegistry | None:
    """The city's registry; in a demo the invented one that the seed has laid out; None where there is none, and people
    decide."""
    settings = config().registry
    if settings is None and config().demo and (laid_out := demo_registry()).is_file():
        settings = Registry(kind="csv", file=laid_out, name="demo")
    if settings is None:
        return None
    module, _dot, name = PLUGINS[settings.kind].partition(".")
    kind = getattr(importlib.import_module(f"meydan.identity.plugins.{module}"), name)
    return cast(PopulationRegistry, kind(settings))


def demo_registry() -> Path:
    """Where the seed lays out the pack's invented people, with their drawn portraits."""
    return config().data / "registry" / "registry.csv"


def entry_of(number: str, row: dict[str, object], portrait: bytes = b"") -> Entry:
    """A row whose members are named as the claims are, checked: it must be about the number that was asked for.
    Raises `RegistryDown`."""
    known = {name: str(value) for name, value in row.items() if name in Claims.model_fields and value is not None}
    try:
        claims = Claims.model_validate(known)
    except ValidationError as error:
        raise RegistryDown(f"the answer is not whole: {error.error_count()} faults") from None
    if "".join(claims.number.split()).upper() != "".join(number.split()).upper():
        raise RegistryDown("the answer is about another number")
    if len(portrait) > MAX_PORTRAIT:
        raise RegistryDown("the portrait is too large")
    return Entry(
        claims, alive=str(row.get("alive", "true")).lower() not in ("false", "0", "no", "f"), portrait=portrait
    )
