"""Inputs: one parser per command, for the page's form and the JSON door alike.

Built on pydantic, for it reports every fault at once and describes itself as JSON Schema. Its messages are replaced by
sentences of ours, that say what to do and can be translated.
"""

from collections.abc import Mapping
from typing import Any, TypeVar, get_origin

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import ErrorDetails

from meydan.kernel.errors import Invalid, Sentence

MAX_FIELDS = 200
_SENTENCES: dict[str, Sentence] = {
    "missing": _("Fill this in."),
    "string_too_short": _("Fill this in with at least %(min_length)s characters."),
    "string_too_long": _("Shorten this to at most %(max_length)s characters."),
    "too_long": _("Choose at most %(max_length)s."),
    "too_short": _("Choose at least %(min_length)s."),
    "greater_than": _("Give a number above %(gt)s."),
    "greater_than_equal": _("Give a number of at least %(ge)s."),
    "less_than": _("Give a number below %(lt)s."),
    "less_than_equal": _("Give a number of at most %(le)s."),
    "int_parsing": _("Give a whole number."),
    "int_type": _("Give a whole number."),
    "float_parsing": _("Give a number."),
    "float_type": _("Give a number."),
    "finite_number": _("Give a number."),
    "bool_parsing": _("Answer yes or no."),
    "enum": _("Choose one of the answers."),
    "literal_error": _("Choose one of the answers."),
    "uuid_parsing": _("This reference is not complete. Copy it again."),
    "date_from_datetime_parsing": _("Give a date as year-month-day, for example 2026-11-26."),
    "date_parsing": _("Give a date as year-month-day, for example 2026-11-26."),
    "datetime_from_date_parsing": _("Give a date as year-month-day, for example 2026-11-26."),
    "string_pattern_mismatch": _("This is not written as it should be. See the hint beside the field."),
    "control_characters": _("Remove the invisible characters from this text."),
}
_OTHERWISE = _("This is not filled in as it should be.")

In = TypeVar("In", bound="Input")


class Input(BaseModel):
    """The base of every command's input. Text is stripped; unknown names are passed over; nothing may be changed."""

    model_config = ConfigDict(str_strip_whitespace=True, extra="ignore", frozen=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _drop_blanks(cls, data: Any) -> Any:
        """A field left blank in a form is a field not given."""
        if not isinstance(data, Mapping):
            return data
        return {key: value for key, value in data.items() if value is not None and value != ""}


def parse(kind: type[In], data: Mapping[str, Any], **more: Any) -> In:
    """The command's input from a form or a JSON object, with `more` from elsewhere (files, the address).

    Raises `Invalid` whose `fields` hold one sentence per wrong field.
    """
    given = _from_form(kind, data) if isinstance(data, QueryDict) else dict(data)
    try:
        _refuse_control_characters(given)
        return kind.model_validate({**given, **more})
    except ValidationError as error:
        raise Invalid(fields=_fields(error.errors(include_url=False, include_context=True))) from error


def _from_form(kind: type[Input], data: QueryDict) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for name, info in kind.model_fields.items():
        key = info.alias or name
        if key in data:
            given[key] = data.getlist(key) if get_origin(info.annotation) in (list, tuple) else data[key]
    return given


def _refuse_control_characters(given: Mapping[str, Any]) -> None:
    """PostgreSQL takes no NUL, and no person means to send one."""
    bad = {name: _SENTENCES["control_characters"] for name, value in given.items() if _has_nul(value)}
    if bad:
        raise Invalid(fields=bad)


def _has_nul(value: Any, depth: int = 0) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if depth < 4 and isinstance(value, list | tuple):
        return any(_has_nul(one, depth + 1) for one in value[:MAX_FIELDS])
    if depth < 4 and isinstance(value, Mapping):
        return any(_has_nul(one, depth + 1) for one in list(value.values())[:MAX_FIELDS])
    return False


def _fields(errors: list[ErrorDetails]) -> dict[str, Sentence]:
    return {str(one["loc"][0]) if one["loc"] else "form": _sentence(one) for one in reversed(errors)}


def _sentence(error: ErrorDetails) -> Sentence:
    """Our sentence for pydantic's error type; what a validator of ours raised as ValueError(sentence) is said as is."""
    context = error.get("ctx", {})
    if error["type"] == "value_error":
        return context["error"].args[0] if context["error"].args else _OTHERWISE
    sentence = _SENTENCES.get(error["type"], _OTHERWISE)
    return sentence % context if context and "%(" in str(sentence) else sentence
