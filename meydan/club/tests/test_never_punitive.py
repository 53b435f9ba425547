"""B10: the club honours and never decides. No service, right or identity may read it."""

import re
from pathlib import Path

import meydan
from tests.laws import imports_of

ROOT = Path(meydan.__file__).parent
MAY_KNOW = ("club", "site")


def test_nobody_but_the_front_door_knows_the_club() -> None:
    knows = {who.domain for who, whom in imports_of("meydan") if whom.domain == "club"}
    assert knows <= set(MAY_KNOW)


def test_no_rule_asks_for_a_mark_beside_a_name() -> None:
    others = [path for path in ROOT.rglob("*.py") if path.relative_to(ROOT).parts[0] != "club"]
    rules = [path for path in others if "policies" in path.parts or path.name == "policies.py"]
    asked = [str(path.relative_to(ROOT)) for path in rules if re.search(r"marks|\bclub\.", path.read_text("utf-8"))]
    assert len(rules) > 5 and asked == []


def test_no_other_domain_reads_the_clubs_tables() -> None:
    told = re.compile(r"\bclub_(award|badge|contribution|member|rule)\b")
    paths = [path for path in ROOT.rglob("*.py") if path.relative_to(ROOT).parts[0] != "club"]
    assert [str(path.relative_to(ROOT)) for path in paths if told.search(path.read_text("utf-8"))] == []
