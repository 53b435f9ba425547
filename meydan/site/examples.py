"""Example sentences for the suggestions, a line of JSON each: `{"language": "fr", "category": "bins", "text": "..."}`.

The packs' own are in `cities/common/examples.jsonl` and `cities/<code>/examples.jsonl`; `bin/meydan categorizer
examples FILE` takes more of them.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from meydan.kernel.city import Language, PackPart

MAX_FILE = 10_000_000
MOST_PROBLEMS = 20


class ExamplePart(PackPart):
    """A sentence as people write it, and the code of the category that it is about."""

    language: Language
    category: Annotated[str, Field(min_length=1, max_length=60)]
    text: Annotated[str, Field(min_length=3, max_length=600)]


class ExamplesError(Exception):
    """The file cannot be used; `problems` are (line, what is wrong), at most `MOST_PROBLEMS`; line 0 is the file."""

    def __init__(self, problems: list[tuple[int, str]]) -> None:
        self.problems = problems[:MOST_PROBLEMS]
        super().__init__("\n".join(f"line {line}: {what}" if line else what for line, what in self.problems))


def read_examples(path: Path) -> list[ExamplePart]:
    """All sentences of the file. Raises `ExamplesError` with every problem found."""
    try:
        if path.stat().st_size > MAX_FILE:
            raise ExamplesError([(0, f"larger than {MAX_FILE} bytes")])
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ExamplesError([(0, f"cannot be read: {getattr(error, 'strerror', None) or error}")]) from error
    problems: list[tuple[int, str]] = []
    found = list(_read_lines(lines, problems))
    if problems:
        raise ExamplesError(problems)
    return found


def _read_lines(lines: list[str], problems: list[tuple[int, str]]) -> Iterator[ExamplePart]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield ExamplePart.model_validate_json(line)
        except ValidationError as error:
            fault = error.errors(include_url=False)[0]
            problems.append((number, ": ".join([*(str(name) for name in fault["loc"]), fault["msg"]])))
