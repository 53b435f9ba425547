"""What people write in Markdown, as it is shown."""

import pytest

from meydan.ui.prose import Figure, pictures_in, prose, xml_text

ROOM = Figure("/pictures/7", 'A "room"', 640, 480)


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "[here](javascript:alert(1))",
        "![](javascript:alert(1))",
        "![x](https://tracker.example/p.gif)",
        "<svg/onload=alert(1)>",
        "[a](data:text/html;base64,PHNjcmlwdD4=)",
    ],
)
def test_nothing_in_it_runs_or_calls_out(hostile: str) -> None:
    made = prose(hostile).lower()
    for sign in ("<script", "<img", "<svg", 'href="javascript', 'href="data:text', "src="):
        assert sign not in made.replace("&lt;", "").replace("src=x", ""), made


def test_pictures_are_the_things_own() -> None:
    text = "![](picture:7) ![](picture:8) ![](picture:7)"
    assert pictures_in(text) == [7, 8]
    made = prose(text, {7: ROOM})
    assert made.count("<img") == 2
    assert 'alt="A &quot;room&quot;"' in made


@pytest.mark.parametrize("text", ["# One\n\n## Two", "### One\n\n#### Two"])
def test_headings_begin_below_the_pages_title(text: str) -> None:
    made = prose(text)
    assert '<h2 dir="auto">One</h2>' in made
    assert '<h3 dir="auto">Two</h3>' in made


def test_links_learn_nothing_and_depth_is_bounded() -> None:
    assert 'rel="nofollow ugc noopener"' in prose("[here](https://city.example)")
    assert prose("> " * 2000 + "deep").count("<blockquote>") < 50
    assert xml_text("a\x0bb") == "a b"
