"""Parts of pages that are made once for each set of values."""

import pytest
from django.template import engines
from django.utils import translation
from django.utils.translation import gettext_lazy
from jinja2 import Environment, UndefinedError

from meydan.ui.templating import remembered


@pytest.fixture
def env() -> Environment:
    found: Environment = engines.all()[0].env  # type: ignore[attr-defined]  # ours is Jinja2's
    return found


def test_each_language_has_its_own(env: Environment) -> None:
    with translation.override("fr"):
        french = remembered(env, "ui/foot.html", language="fr", city_name="Casablanca")
    with translation.override("ar"):
        assert remembered(env, "ui/foot.html", language="ar", city_name="Casablanca") != french
    assert remembered(env, "ui/foot.html", language="fr", city_name="Casablanca") is french


def test_a_part_knows_nothing_that_it_was_not_given(env: Environment) -> None:
    with pytest.raises(UndefinedError):
        remembered(env, "ui/foot.html", language="en")


def test_what_it_is_given_is_escaped(env: Environment) -> None:
    assert "<b>" not in remembered(env, "ui/foot.html", language="en", city_name="<b>")


SHOWN = """{% macro part(value) %}{{ value }}{% endmacro %}
{{ value }} {{ part(value) }} {{ _("By %(name)s", name=value) }} {{ value ~ value }}
{% set kept %}{{ value }}{% endset %}{{ kept }} {% for one in [value] %}{{ text({"en": one}) }}{% endfor %}"""


@pytest.mark.parametrize("value", ["<b>", gettext_lazy("<b>")])
def test_whatever_way_a_value_takes_it_is_escaped_once(env: Environment, value: object) -> None:
    with translation.override("en"):
        shown = env.from_string(SHOWN).render(value=value)
    once = "&lt;b&gt;"
    assert shown.split() == [once, once, "By", once, once + once, once, once]


def test_what_is_safe_stays_as_it_is_and_what_is_unknown_raises(env: Environment) -> None:
    assert env.from_string("{{ '<b>'|safe }}{{ 5 }}{{ none }}").render() == "<b>5None"
    with pytest.raises(UndefinedError):
        env.from_string("{{ nobody }}").render()
