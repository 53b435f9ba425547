"""Every part renders, and the frame around it: the contract of docs/architecture.md."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.template import engines
from django.test import RequestFactory

PHOTO = SimpleNamespace(url="/files/a", thumb_url="/files/b", width=320, height=240)
MOMENT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
CALLS = {
    "button": "ui.button('Send', icon='send', name='go', value='1')",
    "link_button": "ui.link_button('Send', '/x', kind='quiet', icon='map')",
    "text_field": "ui.text_field('mail', 'E-mail', 'a<b', 'hint', 'wrong', type='email', autocomplete='email')",
    "text_area": "ui.text_area('words', 'Words', '<b>', maxlength=10)",
    "select": "ui.select('kind', 'Kind', [('a', 'A'), ('b', 'B')], value='b')",
    "radios": "ui.radios('kind', 'Kind', [('a', 'A'), ('b', 'B')], value='b', error='choose')",
    "checkbox": "ui.checkbox('yes', 'I agree', checked=True, hint='hint')",
    "file_field": "ui.file_field('photos', 'Photos', accept='image/*', multiple=True, capture='environment')",
    "error_summary": "ui.error_summary({'mail': 'Wrong', '': 'All wrong'})",
    "summary_list": "ui.summary_list([('Name', 'Zahra'), ('Mail', 'x', '/edit', 'Change')])",
    "tag": "ui.tag('Solved', tone='good', icon='check')",
    "timeline": "ui.timeline([{'moment': moment, 'title': 'Filed', 'text': 'x', 'who': 'y', 'photos': [photo]}])",
    "empty": "ui.empty('Nothing', 'Try again', '/x', 'Go')",
    "pager": "ui.pager('/a', '/b')",
    "chips": "ui.chips([('All', '/a', True), ('Open', '/b', False)])",
    "notice": "ui.notice('Sent', 'good')",
    "icon": "icon('camera')",
    "breadcrumbs": "ui.breadcrumbs([('Home', '/'), ('Here', None)])",
    "photo": "ui.photo(photo, 'A lamp')",
    "before_after": "ui.before_after(photo, photo, 'A lamp')",
    "stat": "ui.stat('12', 'solved')",
    "door": "ui.door('Report', 'Words', '/x', 'camera', first=True)",
    "task_list": "ui.task_list([('Write', 'hint', '/x', ui.tag('New'))])",
    "search_box": "ui.search_box('/search', placeholder='Lamp')",
}


def draw(template: str) -> str:
    source = '{% import "ui/parts.html" as ui with context %}' + template
    return engines["jinja2"].from_string(source).render({"photo": PHOTO, "moment": MOMENT}, RequestFactory().get("/"))


@pytest.mark.parametrize("name", CALLS)
def test_part_renders(name: str) -> None:
    html = draw("{{ " + CALLS[name] + " }}")
    assert html.strip()
    assert "&lt;div" not in html and "&lt;span" not in html  # a part escaped twice


@pytest.mark.parametrize("name", ["card", "details"])
def test_part_with_a_body_renders(name: str) -> None:
    html = draw("{% call ui." + name + "('Title') %}body{% endcall %}")
    assert "body" in html and "Title" in html


def test_what_people_wrote_is_escaped() -> None:
    html = draw(CALLS["text_field"] + CALLS["text_area"].join(["{{", "}}"]))
    assert "<b>" not in html


def test_a_field_in_error_says_so_to_everybody() -> None:
    html = draw("{{ " + CALLS["text_field"] + " }}")
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="hint-mail error-mail"' in html
