"""Texts that people write in Markdown, as HTML that is safe to show.

CommonMark with tables, by markdown-it-py: its HTML is switched off, so what people write as tags is shown as they wrote
it. Pictures come from us alone: `![](picture:12)` names one of the thing's own, and anything else becomes a link.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from re import compile as pattern
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

MAX_NESTING = 12
PICTURE = pattern(r"picture:([0-9]{1,18})")
_NOT_XML = pattern("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Figure:
    """A picture as the text shows it; `width` and `height` in pixels, so that the page does not jump."""

    url: str
    alt: str
    width: int
    height: int


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": MAX_NESTING}).enable(["table", "strikethrough"])
    parser.add_render_rule("image", _image)
    parser.add_render_rule("heading_open", _heading)
    parser.add_render_rule("heading_close", _heading)
    parser.add_render_rule("link_open", _link)
    parser.add_render_rule("paragraph_open", _paragraph)
    parser.add_render_rule("table_open", _table)
    parser.add_render_rule("table_close", _table)
    return parser


def prose(text: str, figures: Mapping[int, Figure] | None = None) -> SafeString:
    """The text as HTML. Its highest headings are of the second level, for the page's own title is the first."""
    tokens = _parser().parse(text)
    highest = min((int(token.tag[1:]) for token in tokens if token.type == "heading_open"), default=1)
    env = {"figures": dict(figures or {}), "shift": 2 - highest}
    made = _parser().renderer.render(tokens, _parser().options, env)
    return SafeString(made)


def pictures_in(text: str) -> list[int]:
    """The numbers of the pictures that a text shows, in its order."""
    return list(dict.fromkeys(int(number) for source in _sources(text) if (number := _number(source))))


def _sources(text: str) -> list[str]:
    inline = [child for token in _parser().parse(text) for child in token.children or ()]
    return [str(child.attrs.get("src", "")) for child in inline if child.type == "image"]


def _number(source: str) -> str:
    match = PICTURE.fullmatch(source)
    return match[1] if match else ""


def _image(_self: RendererHTML, tokens: Sequence[Token], at: int, _options: OptionsDict, env: dict[str, Any]) -> str:
    source = str(tokens[at].attrs.get("src", ""))
    number = _number(source)
    figure = env.get("figures", {}).get(int(number)) if number else None
    if figure is None:
        return (
            ""
            if number
            else f'<a href="{escape(source)}" rel="nofollow ugc noopener">{escape(tokens[at].content or source)}</a>'
        )
    return (
        f'<img src="{escape(figure.url)}" alt="{escape(figure.alt)}" width="{figure.width}" height="{figure.height}"'
        ' loading="lazy" decoding="async">'
    )


def _heading(_self: RendererHTML, tokens: Sequence[Token], at: int, _options: OptionsDict, env: dict[str, Any]) -> str:
    level = min(6, int(tokens[at].tag[1:]) + int(env["shift"]))
    return f'<h{level} dir="auto">' if tokens[at].nesting == 1 else f"</h{level}>\n"


def _link(self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: dict[str, Any]) -> str:
    """What people link to gets no weight from us, and learns nothing of us."""
    tokens[at].attrSet("rel", "nofollow ugc noopener")
    return self.renderToken(tokens, at, options, env)


def _paragraph(self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: dict[str, Any]) -> str:
    tokens[at].attrSet("dir", "auto")
    return self.renderToken(tokens, at, options, env)


def _table(self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: dict[str, Any]) -> str:
    """A wide table moves inside its own frame, not the page."""
    made = self.renderToken(tokens, at, options, env)
    return f'<div class="scroll" tabindex="0">{made}' if tokens[at].nesting == 1 else f"{made}</div>\n"


def xml_text(text: str) -> str:
    """A text without the characters that XML 1.0 does not know."""
    return _NOT_XML.sub(" ", text)
