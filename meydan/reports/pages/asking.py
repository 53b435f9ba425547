"""The questions of a category: as parts of the report's form, and their answers on the report's page."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict

from meydan.kernel.http import actor_of, page, render
from meydan.kernel.i18n import format_date, format_number, text_of
from meydan.reports.models import MAX_ANSWER, Category, Question, QuestionKind, Report, questions_of
from meydan.reports.queries import find_category

PREFIX = "answer-"
MAX_ANSWERS = 60


@page("GET")
def questions(request: HttpRequest) -> HttpResponse:
    """The questions of `?category=` as a part of the form, for its script; nothing when it asks none."""
    category = find_category(actor_of(request), request.GET.get("category", "")[:60])
    return render(request, "reports/questions.html", questions_view(category, {}))


def questions_view(category: Category | None, given: Mapping[str, list[str]]) -> dict[str, Any]:
    """The questions with what was answered already."""
    asked = questions_of(category.questions) if category else []
    return {
        "asked": category.code if category and asked else "",
        "questions": [_field(question, given.get(question.code, [])) for question in asked],
    }


def _field(question: Question, given: list[str]) -> dict[str, Any]:
    return {
        "name": question.field,
        "label": text_of(question.label) or question.code,
        "kind": question.kind,
        "options": [(code, text_of(label) or code) for code, label in question.options.items()],
        "required": question.required,
        "private": question.private,
        "given": given,
        "most": MAX_ANSWER,
    }


def answers_in(form: QueryDict) -> dict[str, list[str]]:
    """The answers of a form by the questions' codes; bounded."""
    names = [name for name in form if name.startswith(PREFIX)][:MAX_ANSWERS]
    return {name.removeprefix(PREFIX)[:60]: [one[:5000] for one in form.getlist(name)[:MAX_ANSWERS]] for name in names}


def answer_rows(report: Report, *, party: bool) -> Iterator[tuple[str, str]]:
    """Questions and answers for the report's page; `party`: also those that are for the reporter and the city only."""
    for question in questions_of(report.category.questions) if report.answers else ():
        answer = report.answers.get(question.code)
        if answer not in (None, "") and (party or not question.private):
            yield text_of(question.label) or question.code, _shown(question, answer)


def _shown(question: Question, answer: Any) -> str:
    if question.kind is QuestionKind.NUMBER:
        return format_number(float(answer))
    if question.kind is QuestionKind.DATE:
        return format_date(date.fromisoformat(str(answer)))
    several = answer if isinstance(answer, list) else [answer]
    return ", ".join(text_of(question.options.get(str(one), {})) or str(one) for one in several)
