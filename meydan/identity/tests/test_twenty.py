"""The list of the twenty requirements and the tests that there are say the same."""

import re
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).parent
LIST = HERE.parents[2] / "docs" / "security" / "identity-requirements.md"
ROW = re.compile(r"^\| (\d+) \| .+ \| (.*) \|$", re.MULTILINE)
TEST = re.compile(r"^def (test_requirement_(\d\d)_\w+)", re.MULTILINE)


def test_each_requirement_has_its_named_tests_and_the_list_knows_them() -> None:
    found: dict[int, set[str]] = defaultdict(set)
    for file in HERE.glob("test_*.py"):
        for name, number in TEST.findall(file.read_text("utf-8")):
            found[int(number)].add(name)
    listed = {int(number): set(re.findall(r"`(\w+)`", tests)) for number, tests in ROW.findall(LIST.read_text("utf-8"))}
    assert sorted(listed) == list(range(1, 21))
    assert [number for number, tests in listed.items() if not tests] == []
    assert listed == dict(found), "write each test into docs/security/identity-requirements.md, and no other"
