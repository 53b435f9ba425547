"""The laws of the house (docs/architecture.md), as functions: each returns its breaches as sentences, none when kept.

Every function takes what it judges, so that the tests can show it a made-up breach as well as the real package.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

import grimp
from django.db.models import Model

# Top to bottom. Domains on one floor are peers. A floor that is not built yet costs nothing.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("site",),
    ("club", "campaigns", "notifications", "webhooks"),
    (
        *("reports", "services", "payments", "store", "articles", "events"),
        *("comments", "messaging", "meetings", "moderation", "rollout"),
    ),
    ("identity",),
    ("accounts",),
    ("ui",),
    ("kernel",),
)

# Each room, and the rooms of its own domain that it may use. What a room may use, it may use through another as well.
ROOMS: dict[str, tuple[str, ...]] = {
    "facts": (),
    "packages": (),
    "repository": (),
    "tokens": (),
    "papers": ("tokens",),
    "models": ("facts", "packages"),
    "policies": ("models",),
    "queries": ("policies", "models", "tokens"),
    "actions": ("queries", "policies", "models", "facts", "repository", "tokens", "papers"),
    "public": ("actions", "queries", "facts"),
    "reactions": ("actions", "facts"),
    "inputs": ("models",),
    "api": ("actions", "queries", "inputs", "public"),
    "pages": ("actions", "queries", "inputs", "public"),
    "open311": ("actions", "queries", "inputs", "public"),
    "opendata": ("queries", "inputs", "open311"),
    "gateway": ("actions", "queries"),
    "plugins": ("actions", "queries", "models"),
    "urls": ("api", "pages", "open311", "opendata"),
}

USE_PLUGINS = ("actions", "reactions")  # a plugin may be a way out, called by these, or a way in, which calls actions
FREE = ("site", "ui", "kernel")  # their files are named freely: they hold no domain
UNRULED = ("tests", "migrations")  # tests may look anywhere; migrations are history
DOORS = ("public", "facts")
DOORS_FOR_SITE = (*DOORS, "urls", "gateway")
RULES = ("actions", "policies", "queries", "models", "facts")
HTTP = ("django.http", "django.shortcuts", "django.views", "kernel.http", "kernel.files_http")
SIGNALS = ("django.dispatch", "django.db.models.signals", "django.core.signals", "django.contrib.auth.signals")


@dataclass(frozen=True)
class Place:
    """Where a module lives: `meydan.reports.actions.file_report` is the domain "reports", the room "actions"."""

    module: str
    domain: str
    room: str

    @property
    def floor(self) -> int:
        return next((index for index, floor in enumerate(FLOORS) if self.domain in floor), -1)

    @property
    def is_ruled(self) -> bool:
        return bool(self.domain) and not set(self.module.split(".")) & set(UNRULED)


def place_of(module: str) -> Place:
    """The place of a dotted module; the package's own `__init__` has no domain."""
    parts = [*module.split("."), "", ""]
    return Place(module, parts[1], parts[2])


def imports_of(package: str) -> Iterator[tuple[Place, Place]]:
    """Every import between two ruled modules of the package, as (who, whom)."""
    graph = grimp.build_graph(package, cache_dir=None)
    for module in sorted(graph.modules):
        for imported in sorted(graph.find_modules_directly_imported_by(module)):
            who, whom = place_of(module), place_of(imported)
            if who.is_ruled and whom.is_ruled:
                yield who, whom


def law_1_floors(package: str) -> list[str]:
    """Floors, downward only."""
    unknown = {who for pair in imports_of(package) for who in pair if who.floor < 0}
    breaches = [
        f"law 1: {who.module} is on no floor. Instead: give its domain one in docs/architecture.md and tests/laws.py."
        for who in sorted(unknown, key=lambda place: place.module)
    ]
    for who, whom in imports_of(package):
        if 0 <= whom.floor < who.floor:
            breaches.append(
                f"law 1: {who.module} imports {whom.module}, which is upstairs. Instead: let {whom.domain} react to a "
                f"fact of {who.domain}, or have {whom.domain} pass down what {who.domain} needs."
            )
    return breaches


def law_2_rooms(package: str) -> list[str]:
    """Rooms, downward only, within one domain."""
    return [
        f"law 2: {who.module} imports {whom.module}: {who.room} may use {_either(ROOMS[who.room])}. Instead: move what "
        "it needs to a room below, or the caller to a room above."
        for who, whom in imports_of(package)
        if who.domain == whom.domain and who.domain not in FREE and who.room != whom.room
        if who.room in ROOMS and whom.room in ROOMS and whom.room not in _below(who.room)
        if not (who.room in USE_PLUGINS and whom.room == "plugins")
    ]


def law_2_room_names(root: Path) -> list[str]:
    """A room may be absent, never renamed: every Python file of a domain is a known room, or lies in one."""
    known = {*ROOMS, *UNRULED, "__init__"}
    breaches = []
    for domain in sorted(path for path in root.iterdir() if (path / "__init__.py").exists()):
        if domain.name in FREE:
            continue
        strange = sorted(path for path in domain.rglob("*.py") if _room_of(path, domain) not in known)
        breaches += [
            f"law 2: {path.relative_to(root.parent)} is no known room. Instead: put it into one of "
            f"{', '.join(ROOMS)}; a room that grows becomes a folder, such as actions/."
            for path in strange
        ]
    return breaches


def law_3_doors(package: str) -> list[str]:
    """A neighbour imports only public or facts; site also urls and gateway."""
    breaches = []
    for who, whom in imports_of(package):
        doors = DOORS_FOR_SITE if who.domain == "site" else DOORS
        if who.domain != whom.domain and whom.domain not in FREE and whom.room not in doors:
            breaches.append(
                f"law 3: {who.module} imports {whom.module}. Instead: ask at the door, {whom.domain}.public; "
                "if what you need is not there, add it there."
            )
    return breaches


def law_4_cycles(package: str) -> list[str]:
    """If A calls B, then B only reacts to A's facts: the calls between domains make no circle."""
    calls: dict[str, set[str]] = {}
    for who, whom in imports_of(package):
        reacts = who.room == "reactions" and whom.room == "facts"
        if who.domain != whom.domain and not reacts:
            calls.setdefault(who.domain, set()).add(whom.domain)
    return [
        f"law 4: {one} calls {other}, and {other} calls {one}. Instead: let one of them react to the other's facts."
        for one, other in permutations(sorted(calls), 2)
        if one < other and other in _reached(one, calls) and one in _reached(other, calls)
    ]


def law_5_rules_know_no_http(root: Path) -> list[str]:
    """Nothing of HTTP in actions, policies, queries, models, facts."""
    return [
        f"law 5: {path.relative_to(root.parent)}:{line} imports {name}. Instead: parse in pages or api, and pass "
        "the actor and plain values down; refuse with an error of kernel.errors."
        for path in _sources(root)
        if path.relative_to(root).parts[0] not in FREE and _room_of(path, _domain_folder(path, root)) in RULES
        for name, line in _imported_names(path)
        if any(_is_within(name.removeprefix(f"{root.name}."), banned) for banned in HTTP)
    ]


def law_6_foreign_keys(models: Iterable[type[Model]], package: str) -> list[str]:
    """Foreign keys point down a floor, or stay within the domain."""
    breaches = []
    for model in models:
        for field in model._meta.get_fields():
            if not field.is_relation or field.auto_created or not isinstance(field.related_model, type):
                continue
            who, whom = place_of(model.__module__), place_of(field.related_model.__module__)
            if not who.module.startswith(f"{package}.") or not whom.module.startswith(f"{package}."):
                continue
            if who.domain != whom.domain and whom.floor <= who.floor:
                breaches.append(
                    f"law 6: {model.__name__}.{field.name} of {who.domain} points to {whom.domain}, which is not "
                    f'below it. Instead: keep a reference string, such as "{whom.domain.rstrip("s")}:123".'
                )
    return breaches


def law_7_no_back_doors(root: Path) -> list[str]:
    """No Django signals, no utils.py, no star imports, no import inside a function but in plugins."""
    return [
        f"law 7: {path.relative_to(root.parent)}:{line} {breach}"
        for path in _sources(root)
        for line, breach in _back_doors(path)
    ]


def _back_doors(path: Path) -> Iterator[tuple[int, str]]:
    if path.stem in ("utils", "helpers", "misc"):
        yield 1, f"is called {path.name}. Instead: name the file by what it holds."
    tree = ast.parse(path.read_text("utf-8"))
    for name, line in _imported_names(path):
        if any(_is_within(name, signal) for signal in SIGNALS):
            yield line, f"uses Django signals ({name}). Instead: record a fact and write a reaction."
        if name.endswith(".*"):
            yield line, f"imports everything ({name}). Instead: import the names you use."
    if "plugins" not in path.parts:
        yield from ((line, f"imports inside {name}(). Instead: import at the top.") for name, line in _inner(tree))


def _inner(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    yield function.name, node.lineno


def _imported_names(path: Path) -> Iterator[tuple[str, int]]:
    """Every imported name with its line: `from a.b import c` gives a.b.c."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def _is_within(name: str, banned: str) -> bool:
    return name == banned or name.startswith(f"{banned}.")


def _sources(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*.py") if "migrations" not in path.parts)


def _domain_folder(path: Path, root: Path) -> Path:
    return root / path.relative_to(root).parts[0]


def _room_of(path: Path, domain: Path) -> str:
    """The room of a file: its own name, or the folder of the domain it lies in."""
    return Path(path.relative_to(domain).parts[0]).stem if path.is_relative_to(domain) and path != domain else ""


def _below(room: str) -> set[str]:
    """The rooms below one: those that it may use, and what these may use."""
    direct = set(ROOMS[room])
    return direct.union(*(_below(one) for one in direct))


def _reached(start: str, calls: dict[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    ahead = [start]
    while ahead:
        for one in calls.get(ahead.pop(), set()) - reached:
            reached.add(one)
            ahead.append(one)
    return reached


def _either(rooms: tuple[str, ...]) -> str:
    return ", ".join(rooms) or "no other room"
