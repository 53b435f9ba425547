"""What searches find does not get worse: bounds a little below what `bin/meydan bench finding` has measured."""

import pytest

from bench import finding_ask

pytestmark = pytest.mark.django_db

LEAST = {
    "ar": (0.24, 0.97),
    "fr": (0.21, 0.96),
    "en": (0.21, 0.93),
    "fa": (0.22, 0.98),
    "tg": (0.21, 0.94),
}
"""precision@5 (which few queries could bring above 0.24, for most have one or two right answers) and recall@20."""


def test_as_much_is_found_as_before_and_more_than_postgresql_finds() -> None:
    finding_ask.put_in()
    ours = finding_ask.by_language(finding_ask.ask(finding_ask.ours))
    theirs = {name: finding_ask.ask(finding_ask.built_in(name)) for name in set(finding_ask.OWN.values())}
    own = finding_ask.by_language(finding_ask.chosen(theirs))
    for language, (precision, recall) in LEAST.items():
        assert ours[language][0] >= precision, language
        assert ours[language][1] >= recall, language
        assert ours[language] > own[language], language


def test_the_set_is_whole() -> None:
    entries = {one["id"]: one["language"] for one in finding_ask.read("find_entries.jsonl")}
    assert len(entries) >= 300
    tuned, held_out = map(finding_ask.read, (finding_ask.TUNED, finding_ask.HELD_OUT))
    for queries, most, each in ((tuned, 200, 40), (held_out, 60, 12)):
        assert len(queries) >= most
        for one in queries:
            assert one["right"], one["query"]
            assert {entries[right] for right in one["right"]} == {one["language"]}, one["query"]
        for language in finding_ask.LANGUAGES:
            assert sum(one["language"] == language for one in queries) >= each
    assert not {(one["language"], one["query"]) for one in tuned} & {
        (one["language"], one["query"]) for one in held_out
    }
