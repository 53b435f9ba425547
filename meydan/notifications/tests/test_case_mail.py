"""The department hears of a new case, the reporter of what becomes of it."""

from dataclasses import dataclass
from typing import Any

import pytest

from meydan.accounts.public import keep_department
from meydan.kernel.actor import SYSTEM
from meydan.notifications import reactions
from meydan.notifications.models import Mail
from meydan.reports.facts import ReportRouted, ReportSolved
from meydan.reports.public import CaseNotice, State

pytestmark = pytest.mark.django_db
CATEGORY = {"en": "Pothole <deep>", "ar": "حفرة"}
ABOUT: Any = {"subject": "report:7", "category": "pothole", "department": "roads"}


@dataclass(frozen=True)
class Case:
    """A case as reports would describe it."""

    email: str = "amina@example.org"
    language: str = "en"
    key: str = ""

    def notice(self, number: int) -> CaseNotice:
        return CaseNotice(number, State.SUBMITTED, CATEGORY, "roads", None, self.email, self.language, self.key)


def tell(monkeypatch: pytest.MonkeyPatch, case: Case, reaction: Any, fact: Any) -> Mail | None:
    monkeypatch.setattr(reactions, "notice_of", case.notice)
    reaction(fact)
    return Mail.objects.last()


def test_the_department(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_department(SYSTEM, code="roads", name={"en": "Roads"}, email="roads@city.example", language="ar")
    mail = tell(monkeypatch, Case(), reactions.tell_department, ReportRouted(**ABOUT, district="centre"))
    assert mail and mail.to == "roads@city.example"
    assert "حفرة" in mail.subject and "7" in mail.subject
    assert "/reports/7" in mail.body


def test_a_department_without_an_address_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_department(SYSTEM, code="roads", name={"en": "Roads"})
    assert tell(monkeypatch, Case(), reactions.tell_department, ReportRouted(**ABOUT, district="x")) is None


def test_a_reporter_without_account_gets_the_secret_link(monkeypatch: pytest.MonkeyPatch) -> None:
    mail = tell(monkeypatch, Case(key="secret"), reactions.tell_reporter, ReportSolved(**ABOUT))
    assert mail and mail.to == "amina@example.org"
    assert mail.subject == "Report 7: Pothole <deep>"
    assert "/reports/7?key=secret" in mail.body and "confirm it or reopen" in mail.body


def test_who_left_no_address_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert tell(monkeypatch, Case(email=""), reactions.tell_reporter, ReportSolved(**ABOUT)) is None
