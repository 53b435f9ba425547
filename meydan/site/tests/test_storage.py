"""What browsers get of our scripts: shorter, and the same program (which the journeys run)."""

from pathlib import Path

from django.core.files.base import ContentFile

from meydan.site.storage import HashedFiles, minify_script


def test_only_what_we_read_is_left_out() -> None:
    script = b"/** Why. */\nexport const a = `one  ${ 1 + 1 }\n  two`; // how\nconst b = /[/]+ */u.test('//  x');\n"
    assert minify_script(script) == b"export const a=`one  ${ 1 + 1 }\n  two`;const b=/[/]+ */u.test('//  x');"


def test_what_was_read_before_is_written_whole(tmp_path: Path) -> None:
    """Django reads a file for its hash before it has it saved."""
    files, script = HashedFiles(location=str(tmp_path)), ContentFile(b"// why\nexport const a = 1;\n")
    script.read()
    files._save("reports/a.js", script)
    assert (tmp_path / "reports" / "a.js").read_bytes() == b"export const a=1;"
