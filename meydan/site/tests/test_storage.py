"""What browsers get of our scripts: shorter, and the same program (which the journeys run)."""

from meydan.site.storage import minify_script


def test_only_what_we_read_is_left_out() -> None:
    script = b"/** Why. */\nexport const a = `one  ${ 1 + 1 }\n  two`; // how\nconst b = /[/]+ */u.test('//  x');\n"
    assert minify_script(script) == b"export const a=`one  ${ 1 + 1 }\n  two`;const b=/[/]+ */u.test('//  x');"
