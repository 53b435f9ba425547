"""Stamps, steps, translations, files: what makes a second start short."""

import io
import re
from pathlib import Path

import pytest
from django.test import Client

from meydan.site import catalogs, checkup, stamps, supervisor
from meydan.site.progress import Progress
from meydan.site.storage import OnceCompressor


@pytest.mark.django_db
def test_health_says_what_is_up(client: Client) -> None:
    told = client.get("/health").json()
    assert told["database"] == "up"
    assert told["worker"]["lag_seconds"] == 0
    assert client.post("/health").status_code == 405


def test_stamps_follow_what_they_stand_for() -> None:
    assert stamps.schema_stamp() == stamps.schema_stamp()
    assert stamps.as_stamps(None) == {}
    assert stamps.as_stamps("the table of migrations") == {}
    assert stamps.as_stamps('{"schema": "1"}') == {"schema": "1"}


def test_what_went_wrong_in_a_preparation_reaches_the_supervisor_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    class TwoWords(Exception):
        """As some libraries' errors, it cannot be made again from its words, so no other process can take it."""

        def __init__(self, one: str, other: str) -> None:
            super().__init__(f"{one} {other}")

    def fail(_name: str) -> None:
        raise TwoWords("no", "room")

    monkeypatch.setattr("meydan.site.prepare.run", fail)
    with pytest.raises(RuntimeError, match="TwoWords: no room"):
        supervisor.run_preparation("seed")


def test_steps_are_told_and_timed() -> None:
    out = io.StringIO()
    progress = Progress(out)
    with progress.step("database"):
        pass
    with pytest.raises(ValueError, match="broken"), progress.step("web"):
        raise ValueError("broken")
    assert re.fullmatch(r"  database +0\.0 s\n  web +failed\n", out.getvalue())
    assert list(progress.seconds) == ["database"]


def test_a_translation_is_made_when_its_source_is_newer(tmp_path: Path) -> None:
    source = tmp_path / "reports" / "locale" / "fr" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    source.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Yes"\nmsgstr "Oui"\n')
    assert catalogs.compile_stale(tmp_path) == 1
    assert source.with_suffix(".mo").read_bytes()[:4] in (b"\xde\x12\x04\x95", b"\x95\x04\x12\xde")
    assert catalogs.compile_stale(tmp_path) == 0


def test_a_file_is_compressed_once(tmp_path: Path) -> None:
    page = tmp_path / "page.css"
    page.write_text("body { color: inherit }\n" * 200)
    assert [Path(made).suffix for made in OnceCompressor(quiet=True).compress(str(page))] == [".br", ".gz"]
    assert OnceCompressor(quiet=True).compress(str(page)) == []


def test_the_doctor_looks_at_everything_and_says_how_to_mend() -> None:
    findings = {finding.what: finding for finding in checkup.examine()}
    assert len(findings) == len(checkup.CHECKS)
    assert findings["python"].mark == checkup.GOOD
    assert all(finding.mend for finding in findings.values() if finding.mark == checkup.BAD)
