"""What a category asks beside: questions are data of the category, answers are data of the report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

MAX_QUESTIONS = 12
MAX_CHOICES = 40
MAX_ANSWER = 500
MAX_NUMBER = 1_000_000_000.0
Answer = str | float | list[str]


class QuestionKind(StrEnum):
    """What an answer is."""

    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"
    MANY = "many"
    YESNO = "yesno"
    DATE = "date"


YESNO: dict[str, Mapping[str, str]] = {
    "yes": {"en": "Yes", "ar": "نعم", "fr": "Oui", "fa": "بله", "tg": "Ҳа"},
    "no": {"en": "No", "ar": "لا", "fr": "Non", "fa": "خیر", "tg": "Не"},
}


@dataclass(frozen=True, eq=False)
class Question:
    """One question. `label`, and each label of `choices` (by code), is a dict by language. The answer to a `private`
    one is read by the reporter and the city only."""

    code: str
    label: Mapping[str, str]
    kind: QuestionKind = QuestionKind.TEXT
    choices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    required: bool = False
    private: bool = False

    @property
    def field(self) -> str:
        """What forms call it."""
        return f"answer-{self.code}"

    @property
    def options(self) -> Mapping[str, Mapping[str, str]]:
        """What can be chosen, by code."""
        return YESNO if self.kind is QuestionKind.YESNO else self.choices

    def read(self, given: Any) -> Answer | None:
        """The answer as it is kept, None when there is none. `ValueError` with a sentence when it is not one."""
        texts = [str(one).strip() for one in (given if isinstance(given, list) else [given]) if one is not None]
        texts = [text for text in texts[: MAX_CHOICES + 1] if text]
        if not texts:
            return None
        return _READERS[self.kind](self, texts)


def _text(question: Question, texts: list[str]) -> Answer:
    if len(texts[0]) > MAX_ANSWER or "\0" in texts[0]:
        raise ValueError(_("Shorten this to at most %(most)s characters.") % {"most": MAX_ANSWER})
    return texts[0]


def _number(question: Question, texts: list[str]) -> Answer:
    try:
        number = float(texts[0].replace(",", ".")[:40])
    except ValueError:
        raise ValueError(_("Give a number.")) from None
    if not abs(number) <= MAX_NUMBER:
        raise ValueError(_("Give a number."))
    return number


def _day(question: Question, texts: list[str]) -> Answer:
    try:
        return date.fromisoformat(texts[0][:10]).isoformat()
    except ValueError:
        raise ValueError(_("Give a date as year-month-day, for example 2026-11-26.")) from None


def _one(question: Question, texts: list[str]) -> Answer:
    if texts[0] not in question.options:
        raise ValueError(_("Choose one of the answers."))
    return texts[0]


def _several(question: Question, texts: list[str]) -> Answer:
    if not question.choices.keys() >= set(texts):
        raise ValueError(_("Choose one of the answers."))
    return list(dict.fromkeys(texts))


_READERS = {
    QuestionKind.TEXT: _text,
    QuestionKind.NUMBER: _number,
    QuestionKind.DATE: _day,
    QuestionKind.CHOICE: _one,
    QuestionKind.YESNO: _one,
    QuestionKind.MANY: _several,
}


def questions_of(kept: Sequence[Mapping[str, Any]]) -> list[Question]:
    """A category's questions, from the plain data that it keeps."""
    return [
        Question(
            code=one["code"],
            label=one["label"],
            kind=QuestionKind(one.get("kind", "text")),
            choices={choice["code"]: choice["label"] for choice in one.get("choices", ())},
            required=bool(one.get("required", False)),
            private=bool(one.get("private", False)),
        )
        for one in kept
    ]


def read_answers(
    questions: Sequence[Question], given: Mapping[str, Any]
) -> tuple[dict[str, Answer], dict[Question, Any]]:
    """The answers by code, and what is wrong by question. What no question asks for is passed over."""
    answers: dict[str, Answer] = {}
    faults: dict[Question, Any] = {}
    for question in questions:
        try:
            answer = question.read(given.get(question.code))
        except ValueError as error:
            faults[question] = error.args[0]
            continue
        if answer is not None:
            answers[question.code] = answer
        elif question.required:
            faults[question] = _("Answer this question.")
    return answers, faults
