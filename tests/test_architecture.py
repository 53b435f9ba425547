"""The house keeps its laws, and each law catches a breach made for it."""

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

import meydan
from tests import laws

ROOT = Path(meydan.__file__).parent
Law = Callable[[], list[str]]
_numbers = itertools.count(1)

HOUSE: dict[str, Law] = {
    "1 floors": lambda: laws.law_1_floors("meydan"),
    "2 rooms": lambda: laws.law_2_rooms("meydan"),
    "2 room names": lambda: laws.law_2_room_names(ROOT),
    "3 doors": lambda: laws.law_3_doors("meydan"),
    "4 cycles": lambda: laws.law_4_cycles("meydan"),
    "5 no HTTP in rules": lambda: laws.law_5_rules_know_no_http(ROOT),
    "6 foreign keys": lambda: laws.law_6_foreign_keys(apps.get_models(), "meydan"),
    "7 no back doors": lambda: laws.law_7_no_back_doors(ROOT),
}


@pytest.mark.parametrize("law", HOUSE.values(), ids=HOUSE)
def test_the_house_keeps_the_law(law: Law) -> None:
    breaches = law()
    assert not breaches, "\n" + "\n".join(breaches)


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, str]], Path]:
    """Builds a tiny package from {path: source}, where HOUSE stands for its name; returns its folder."""

    def make(files: dict[str, str]) -> Path:
        root = tmp_path / f"house{next(_numbers)}"
        for name, source in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source.replace("HOUSE", root.name))
        for folder in {root, *(path.parent for path in root.rglob("*.py"))}:
            (folder / "__init__.py").touch()
        monkeypatch.syspath_prepend(str(tmp_path))
        return root

    return make


Build = Callable[[dict[str, str]], Path]

BREACHES_BY_IMPORT: dict[str, tuple[Callable[[str], list[str]], dict[str, str], str]] = {
    "upstairs": (
        laws.law_1_floors,
        {"accounts/queries.py": "import HOUSE.reports.public", "reports/public.py": ""},
        "which is upstairs",
    ),
    "no floor": (
        laws.law_1_floors,
        {"parking/queries.py": "import HOUSE.kernel.actor", "kernel/actor.py": ""},
        "is on no floor",
    ),
    "models use actions": (
        laws.law_2_rooms,
        {"reports/models.py": "import HOUSE.reports.actions", "reports/actions.py": ""},
        "models may use facts",
    ),
    "pages use api": (
        laws.law_2_rooms,
        {"reports/pages/new.py": "import HOUSE.reports.api", "reports/api.py": ""},
        "pages may use",
    ),
    "past the door": (
        laws.law_3_doors,
        {"reports/actions.py": "import HOUSE.accounts.models", "accounts/models.py": ""},
        "accounts.public",
    ),
    "site past the door": (
        laws.law_3_doors,
        {"site/pages.py": "from HOUSE.reports.actions import file", "reports/actions.py": "file = 1"},
        "reports.public",
    ),
    "circle of two": (
        laws.law_4_cycles,
        {
            "reports/actions.py": "import HOUSE.store.public",
            "reports/public.py": "",
            "store/actions.py": "import HOUSE.reports.public",
            "store/public.py": "",
        },
        "reports calls store, and store calls reports",
    ),
    "circle of three": (
        laws.law_4_cycles,
        {
            "reports/actions.py": "import HOUSE.store.public",
            "reports/public.py": "",
            "store/actions.py": "import HOUSE.events.public",
            "store/public.py": "",
            "events/actions.py": "import HOUSE.reports.public",
            "events/public.py": "",
        },
        "let one of them react",
    ),
}


@pytest.mark.parametrize(("law", "files", "says"), BREACHES_BY_IMPORT.values(), ids=BREACHES_BY_IMPORT)
def test_a_breach_by_import_is_caught(
    build: Build, law: Callable[[str], list[str]], files: dict[str, str], says: str
) -> None:
    assert any(says in breach for breach in law(build(files).name))


def test_calling_one_way_and_reacting_the_other_is_no_circle(build: Build) -> None:
    house = build(
        {
            "reports/actions.py": "import HOUSE.store.public",
            "reports/facts.py": "",
            "store/reactions.py": "import HOUSE.reports.facts",
            "store/public.py": "",
        }
    )
    assert laws.law_4_cycles(house.name) == []
    assert laws.law_3_doors(house.name) == []


BREACHES_BY_SOURCE: dict[str, tuple[Callable[[Path], list[str]], str, str, str]] = {
    "renamed room": (laws.law_2_room_names, "reports/views.py", "", "reports/views.py is no known room"),
    "http in actions": (
        laws.law_5_rules_know_no_http,
        "reports/actions/file.py",
        "from django.http import HttpRequest",
        "imports django.http.HttpRequest",
    ),
    "http through the kernel": (
        laws.law_5_rules_know_no_http,
        "reports/queries.py",
        "from HOUSE.kernel.http import actor_of",
        "refuse with an error",
    ),
    "signals": (
        laws.law_7_no_back_doors,
        "reports/reactions.py",
        "from django.db.models.signals import post_save",
        "record a fact",
    ),
    "utils": (laws.law_7_no_back_doors, "kernel/utils.py", "", "name the file by what it holds"),
    "star": (laws.law_7_no_back_doors, "reports/pages.py", "from os import *", "import the names you use"),
    "late import": (
        laws.law_7_no_back_doors,
        "reports/pages.py",
        "def show() -> None:\n    import os\n",
        "imports inside show()",
    ),
}


@pytest.mark.parametrize(("law", "path", "source", "says"), BREACHES_BY_SOURCE.values(), ids=BREACHES_BY_SOURCE)
def test_a_breach_in_the_source_is_caught(
    build: Build, law: Callable[[Path], list[str]], path: str, source: str, says: str
) -> None:
    assert any(says in breach for breach in law(build({path: source})))


def test_plugins_may_load_what_they_adapt_late(build: Build) -> None:
    source = "def load() -> None:\n    import boto3\n"
    assert laws.law_7_no_back_doors(build({"messaging/plugins/sms.py": source})) == []


class _Row(models.Model):
    """Only its relation is looked at; it has no table."""

    class Meta:
        app_label = "tests"
        managed = False
        abstract = True


def test_a_foreign_key_sideways_is_caught() -> None:
    target = type("Ticket", (_Row,), {"__module__": "meydan.events.models", "Meta": type("Meta", (), _META)})
    key = models.ForeignKey(target, on_delete=models.CASCADE, related_name="+")
    source = type(
        "Report", (_Row,), {"__module__": "meydan.reports.models", "Meta": type("Meta", (), _META), "ticket": key}
    )
    try:
        (breach,) = laws.law_6_foreign_keys([source], "meydan")
    finally:
        apps.all_models.pop("tests")
        apps.clear_cache()
    assert "Report.ticket of reports points to events" in breach


_META = {"app_label": "tests"}
