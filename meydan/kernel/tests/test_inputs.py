"""Inputs: every fault at once, in our own sentences."""

from enum import StrEnum
from typing import Annotated

import pytest
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from pydantic import Field, field_validator

from meydan.kernel.errors import Invalid
from meydan.kernel.inputs import Input, parse


class Colour(StrEnum):
    RED = "red"


class Paint(Input):
    name: Annotated[str, Field(max_length=5)]
    litres: Annotated[int, Field(ge=1, le=20)] = 1
    colour: Colour = Colour.RED
    rooms: Annotated[list[str], Field(max_length=2)] = []

    @field_validator("name")
    @classmethod
    def _no_lead(cls, value: str) -> str:
        if value == "lead":
            raise ValueError(_("You may not do this."))
        return value


def faults(data: dict[str, object] | QueryDict) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        parse(Paint, data)
    return {name: str(sentence) for name, sentence in caught.value.fields.items()}


def test_a_form_and_json_are_read_alike() -> None:
    form = parse(Paint, QueryDict("name=+white+&litres=3&rooms=a&rooms=b&unknown=1"))
    assert form == parse(Paint, {"name": "white", "litres": 3, "rooms": ["a", "b"]})


def test_every_fault_is_said_at_once_and_says_what_to_do() -> None:
    assert faults({"name": "whitest", "litres": 99, "colour": "blue"}) == {
        "name": "Shorten this to at most 5 characters.",
        "litres": "Give a number of at most 20.",
        "colour": "Choose one of the answers.",
    }


def test_a_blank_field_is_a_missing_one() -> None:
    assert faults(QueryDict("name=&litres=x")) == {"name": "Fill this in.", "litres": "Give a whole number."}


def test_a_sentence_of_our_own_is_said_as_it_is() -> None:
    assert faults({"name": "lead"}) == {"name": "You may not do this."}


@pytest.mark.parametrize("name", ["a\0b", "\ud800"])
def test_text_that_no_database_takes_is_refused(name: str) -> None:
    assert "name" in faults({"name": name})


def test_lists_are_bounded() -> None:
    assert "rooms" in faults({"name": "x", "rooms": ["a", "b", "c"]})
