"""The project's papers are true: links lead somewhere, names in the tour exist, publiccode.yml keeps its standard."""

import datetime
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

import meydan
from meydan.kernel.i18n import LANGUAGES
from meydan.site.commands import reference

HOME = Path(__file__).resolve().parent.parent
PAPERS = sorted([*HOME.glob("*.md"), *HOME.glob("docs/**/*.md"), *HOME.glob("bench/*.md"), *HOME.glob("cities/*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
NAMED_IN_FILE = re.compile(r"`(\w+)`(?:,\s+`\w+`)*\s+in\s+\[[^\]]+\]\(([^)]+\.py)\)")
LISTED_IN_FILE = re.compile(
    r"((?:`\w+`,\s+)+`\w+`(?:\s+and\s+`\w+`)?|`\w+`\s+and\s+`\w+`)\s+in\s+\[[^\]]+\]\(([^)]+\.py)\)"
)


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: str(path.relative_to(HOME)))
def test_links_lead_somewhere(paper: Path) -> None:
    targets = [link.partition("#")[0] for link in LINK.findall(paper.read_text("utf-8")) if "://" not in link]
    gone = [target for target in targets if target and not (paper.parent / target).exists()]
    assert not gone


def test_the_tour_names_what_is_there() -> None:
    tour = HOME / "docs" / "tour.md"
    text = tour.read_text("utf-8")
    named = [(name, path) for name, path in NAMED_IN_FILE.findall(text)]
    named += [(name, path) for names, path in LISTED_IN_FILE.findall(text) for name in re.findall(r"`(\w+)`", names)]
    assert len(named) > 30
    gone = [(name, path) for name, path in named if not _defines((tour.parent / path).read_text("utf-8"), name)]
    assert not gone, f"the tour names what is not there any more: {gone}"


def _defines(source: str, name: str) -> bool:
    return bool(re.search(rf"^(?:async )?(?:def|class) {name}\b|^{name}\b.*=", source, re.MULTILINE))


def test_the_reference_is_fresh() -> None:
    stale = [name for name, text in reference.pages().items() if (reference.FOLDER / name).read_text("utf-8") != text]
    assert not stale, "run `bin/meydan reference`"


def test_the_licence_is_whole() -> None:
    text = (HOME / "LICENSE").read_text("utf-8")
    assert "EUROPEAN UNION PUBLIC LICENCE v. 1.2" in text
    assert all(re.search(rf"^{article}\.\s?\w", text, re.MULTILINE) for article in range(1, 16))
    assert "Compatible Licences" in text
    assert len(text.split()) > 2000
    project = tomllib.loads((HOME / "pyproject.toml").read_text("utf-8"))["project"]
    named = tomllib.loads((HOME / "REUSE.toml").read_text("utf-8"))["annotations"][0]["SPDX-License-Identifier"]
    assert project["license"] == named == public_code()["legal"]["license"]


def public_code() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((HOME / "publiccode.yml").read_text("utf-8"))
    return loaded


def test_publiccode_has_what_the_standard_demands() -> None:
    """yml.publiccode.tools, version 0: what must be there."""
    code = public_code()
    needed = {"publiccodeYmlVersion", "name", "url", "platforms", "developmentStatus", "softwareType", "description"}
    assert needed | {"legal", "maintenance", "localisation"} <= code.keys()
    assert code["developmentStatus"] in ("concept", "development", "beta", "stable", "obsolete")
    assert code["softwareType"] == "standalone/web"
    assert code["maintenance"]["type"] in ("internal", "community")
    assert all(contact["name"] and contact["email"] for contact in code["maintenance"]["contacts"])


def test_publiccode_describes_in_bounds() -> None:
    for description in public_code()["description"].values():
        assert len(description["shortDescription"]) <= 150
        assert 150 <= len(description["longDescription"]) <= 10_000
        assert description["features"]


def test_publiccode_says_what_is_so() -> None:
    code = public_code()
    assert code["softwareVersion"] == meydan.__version__
    assert set(code["localisation"]["availableLanguages"]) == set(LANGUAGES)
    datetime.date.fromisoformat(code["releaseDate"])


def test_the_changelog_names_this_version_or_what_comes() -> None:
    heads = re.findall(r"^## \[(.+?)\]", (HOME / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert heads[0] in ("Unreleased", meydan.__version__)
