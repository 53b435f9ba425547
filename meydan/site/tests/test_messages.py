"""Every text in every language: none missing, none left over, the same placeholders, one word for one thing."""

import re
from collections import defaultdict
from pathlib import Path

import pytest
from babel.messages.catalog import Message

from meydan.kernel.i18n import LANGUAGES
from meydan.site import messages

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
PAIRS = [(domain, language) for domain in messages.domains() for language in messages.LANGUAGES]
NAMES = [f"{domain.name}-{language}" for domain, language in PAIRS]


def placeholders(text: str) -> list[str]:
    return sorted(PLACEHOLDER.findall(text))


def faults(wanted: Message, got: Message | None) -> str | None:
    if got is None or not messages.is_translated(got):
        return f"not translated: {wanted.id}"
    forms = messages.strings_of(got)
    allowed = placeholders(wanted.id if isinstance(wanted.id, str) else wanted.id[-1])
    if wanted.pluralizable:  # "one day" and "two days" need no number in Arabic
        return next((f"unknown placeholder: {form}" for form in forms if set(placeholders(form)) - set(allowed)), None)
    return None if placeholders(forms[0]) == allowed else f"other placeholders: {forms[0]}"


@pytest.mark.parametrize(("domain", "language"), PAIRS, ids=NAMES)
def test_language_is_complete(domain: Path, language: str) -> None:
    catalog = messages.read_catalog(messages.po_path(domain, language), language)
    wanted = [message for message in messages.extract(domain) if message.id]
    found = [faults(message, catalog.get(message.id, message.context)) for message in wanted]
    problems = [fault for fault in found if fault]
    assert not problems, "run `meydan messages`, then translate:\n" + "\n".join(problems)


@pytest.mark.parametrize(("domain", "language"), PAIRS, ids=NAMES)
def test_files_are_as_the_command_writes_them(domain: Path, language: str, tmp_path: Path) -> None:
    path = messages.po_path(domain, language)
    template = messages.extract(domain)
    if not len(template):
        assert not path.exists()
        return
    messages.write_catalog(
        tmp_path / "x.po", messages.merge(template, messages.read_catalog(path, language), language), language
    )
    assert path.read_text("utf-8") == (tmp_path / "x.po").read_text("utf-8"), "run `meydan messages`"


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_one_word_for_one_thing(language: str) -> None:
    """Django lays the domains' catalogs over each other: two translations of one text would hide one another."""
    said: dict[tuple[str, str], set[str]] = defaultdict(set)
    for domain in messages.domains():
        for message in messages.read_catalog(messages.po_path(domain, language), language):
            if message.id and messages.is_translated(message):
                said[str(message.id), message.context or ""].add(str(message.string))
    assert {key: texts for key, texts in said.items() if len(texts) > 1} == {}


def test_the_command_knows_every_language() -> None:
    assert {*messages.LANGUAGES, "en"} == set(LANGUAGES)
