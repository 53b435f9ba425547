"""The tally says at every moment what counting the rows would say, whatever was done to them."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import count

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from meydan.kernel.actor import SYSTEM, Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import MeydanError
from meydan.kernel.facts import facts_about
from meydan.kernel.jobs import _PULSES
from meydan.kernel.places import Box, Point
from meydan.reports import actions
from meydan.reports.actions import ImportedReport, fold_changes, recount_figures
from meydan.reports.models import (
    OPEN,
    STATE_NUMBERS,
    CellTally,
    Change,
    Dimension,
    Filter,
    Grain,
    Measure,
    Opinion,
    Report,
    State,
    Tally,
    longest_wait,
)
from meydan.reports.queries import find_on_map
from meydan.reports.queries.mapping import list_cells
from meydan.reports.queries.tally import Span, median_wait, read_sums, span_now, spans_overdue
from meydan.reports.reactions import keep_the_tally
from meydan.reports.tests.cast import make_actor, make_city, make_report, route

pytestmark = pytest.mark.django_db

EVER = [Span("ever", grain, date(2015, 1, 1), date(2035, 1, 1)) for grain in (Grain.YEAR,)]
CATEGORIES = ("pothole", "lamp", "abuse", "other")
PLACES = (Point(33.55, -7.65), Point(33.56, -7.55), None)
NUMBERS = count(1)


def day_of(moment: datetime) -> date:
    return timezone.localtime(moment).date()


def counted(dimension: Dimension) -> Counter[tuple[str, str, int]]:
    """(time, code, measure) -> how many, from the rows themselves, in Python."""
    found: Counter[tuple[str, str, int]] = Counter()
    for report in Report.objects.all():
        code = code_of(report, dimension)
        for name, measure in measures_of(report):
            found[name, code, measure] += 1
    for said in Opinion.objects.filter(voice="reporter", content__isnull=False).select_related("report"):
        found["ever", code_of(said.report, dimension), Measure.CONTENT + (said.content or 0)] += 1
    return found


def code_of(report: Report, dimension: Dimension) -> str:
    codes = {
        Dimension.ALL: "",
        Dimension.DEPARTMENT: report.department_id,
        Dimension.TEAM: report.team_id,
        Dimension.DISTRICT: report.district_id,
        Dimension.CATEGORY: report.category_id,
    }
    return codes[dimension] or ""


def measures_of(report: Report) -> Iterator[tuple[str, int]]:
    """What one report counts towards, as the glossary of the figures says it."""
    yield "ever", Measure.RECEIVED
    yield "now", STATE_NUMBERS[State(report.state)]
    if report.answered_at:
        yield "ever", Measure.ANSWERED
    if report.closed_at and report.state in ("solved", "confirmed"):
        yield "ever", Measure.SOLVED
    if report.closed_at and report.state == "declined":
        yield "ever", Measure.DECLINED
    if report.closed_at and report.state == "confirmed":
        yield "ever", Measure.UPHELD
    if report.closed_at and report.state in ("solved", "confirmed", "declined"):
        yield from [("ever", Measure.IN_TERM)] * (day_of(report.closed_at) <= report.due_on)
    if report.confirmed_at:
        yield "ever", Measure.CONFIRMED
    if report.reopened_at:
        yield "ever", Measure.REOPENED
    waits = report.paused_on is not None and report.due_on >= report.paused_on
    if report.state in OPEN and not waits and report.due_on < day_of(now()):
        yield "overdue", Measure.DUE


def told(dimension: Dimension) -> Counter[tuple[str, str, int]]:
    """The same from the tally, without the waits."""
    sums = read_sums(dimension, [*EVER, span_now(), *spans_overdue(day_of(now()))])
    return Counter(
        {
            (name, code, measure): number
            for (name, code), counts in sums.items()
            for measure, number in counts.items()
            if measure < Measure.WAIT
        }
    )


class Walk:
    """A city in which anything may happen to any report."""

    def __init__(self, citizen: Actor) -> None:
        self.citizen = citizen

    def one(self, number: int) -> int:
        """Some report's number."""
        numbers = list(Report.objects.order_by("number").values_list("number", flat=True))
        return numbers[number % len(numbers)] if numbers else 0

    def file(self, n: int) -> None:
        make_report(self.citizen, category=CATEGORIES[n % 4], point=PLACES[n % 3], address="Here")

    def age(self, n: int) -> None:
        """Time passes, as far as a report can tell: it was filed, and promised, long ago."""
        back = timedelta(days=3 * n + 1)
        report = Report.objects.get(pk=self.one(n))
        Report.objects.filter(pk=report.pk).update(filed_at=report.filed_at - back, due_on=report.due_on - back)

    def bring(self, n: int) -> None:
        state = (State.SUBMITTED, State.SOLVED, State.CONFIRMED, State.DECLINED)[n % 4]
        moment = now() - timedelta(days=40 * n)
        row = ImportedReport(
            external_id=str(next(NUMBERS)),
            category=CATEGORIES[n % 4],
            description="Brought along",
            state=state,
            filed_at=moment,
            updated_at=moment,
            closed_at=None if state is State.SUBMITTED else moment + timedelta(days=n),
            point=PLACES[n % 3],
        )
        actions.import_reports(SYSTEM, "elsewhere", [row])

    def confirm(self, n: int) -> None:
        actions.confirm_solution(self.citizen, self.one(n), content=n % 5 + 1)

    def split(self, n: int) -> None:
        route(actions.split_report(SYSTEM, self.one(n), category=CATEGORIES[n % 4], text="Two"))

    def delete(self, n: int) -> None:
        report = Report.objects.get(pk=self.one(n))
        Opinion.objects.filter(report=report).delete()
        report.delete()

    def steps(self) -> dict[str, Callable[[int], object]]:
        """What may happen, by name."""
        citizen, one = self.citizen, self.one
        return {
            "file": self.file,
            "bring": self.bring,
            "age": self.age,
            "accept": lambda n: actions.accept_report(SYSTEM, one(n)),
            "ask": lambda n: actions.ask_reporter(SYSTEM, one(n), text="Where?"),
            "answer": lambda n: actions.answer_question(citizen, one(n), text="There"),
            "solve": lambda n: actions.close_as_solved(SYSTEM, one(n), text="Done"),
            "decline": lambda n: actions.decline_report(SYSTEM, one(n), text="No"),
            "confirm": self.confirm,
            "reopen": lambda n: actions.reopen_report(citizen, one(n), text="Still there", content=n % 5 + 1),
            "withdraw": lambda n: actions.withdraw_report(citizen, one(n)),
            "move": lambda n: actions.move_report(SYSTEM, one(n), category=CATEGORIES[n % 4]),
            "give": lambda n: actions.move_report(SYSTEM, one(n), department=("roads", "light")[n % 2]),
            "repick": lambda n: actions.repick_category(citizen, one(n), category=CATEGORIES[n % 4]),
            "hide": lambda n: actions.hide_report(SYSTEM, one(n), text="A face"),
            "show": lambda n: actions.show_report(SYSTEM, one(n)),
            "join": lambda n: actions.join_report(SYSTEM, one(n), into=one(n + 1)),
            "split": self.split,
            "delete": self.delete,
            "fold": lambda _n: fold_changes(),
        }


WALKS = st.lists(st.tuples(st.sampled_from(sorted(Walk(SYSTEM).steps())), st.integers(0, 11)), min_size=8, max_size=30)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(walk=WALKS)
def test_the_tally_is_what_the_rows_say(walk: Iterable[tuple[str, int]]) -> None:
    with transaction.atomic():
        make_city()
        path = Walk(make_actor("citizen"))
        steps = path.steps()
        for _n in range(3):
            path.file(_n)
        for name, number in walk:
            try:
                with transaction.atomic():
                    steps[name](number)
            except (MeydanError, Report.DoesNotExist):
                pass  # not everything is possible at every time
        for dimension in Dimension:
            assert told(dimension) == counted(dimension), dimension
        fold_changes()
        for dimension in Dimension:
            assert told(dimension) == counted(dimension), f"{dimension} after folding"
        assert cells() == Counter(Report.objects.filter(public=True, h3_9__isnull=False).values_list("h3_9", flat=True))
        assert recount_figures(SYSTEM) == 0
        transaction.set_rollback(True)


def cells() -> Counter[int]:
    """How many public reports the map says lie in each cell of about 350 m."""
    box = Box(33.5, -7.7, 33.57, -7.63), Box(33.5, -7.6, 33.57, -7.53)
    return Counter({one.cell: one.count for part in box for one in list_cells(SYSTEM, part, Filter())})


def test_a_recount_says_what_was_wrong_and_puts_it_right() -> None:
    make_city()
    actions.accept_report(SYSTEM, make_report(make_actor("citizen")).number)
    fold_changes()
    assert not Change.objects.exists()
    before = [told(dimension) for dimension in Dimension]
    assert recount_figures(SYSTEM) == 0
    Tally.objects.filter(grain=Grain.NOW).update(count=7)
    CellTally.objects.all().delete()
    assert told(Dimension.ALL) != before[0]
    wrong = recount_figures(SYSTEM)
    assert wrong > 0
    assert [told(dimension) for dimension in Dimension] == before
    assert [getattr(one.fact, "wrong", None) for one in facts_about("figures:reports")] == [0, wrong]


def test_the_worker_folds_by_itself_and_only_one_of_them() -> None:
    assert keep_the_tally in _PULSES
    make_city()
    make_report(make_actor("citizen"))
    keep_the_tally()
    assert not Change.objects.exists()
    assert fold_changes() == 0


def test_the_median_is_known_to_within_a_tenth() -> None:
    make_city()
    citizen = make_actor("citizen")
    waits = [timedelta(hours=hours) for hours in (1, 5, 30, 70, 200)]
    for wait in waits:
        report = make_report(citizen)
        filed = now() - timedelta(days=20)
        Report.objects.filter(pk=report.pk).update(filed_at=filed, answered_at=filed + wait)
    median = median_wait(read_sums(Dimension.ALL, EVER)["ever", ""])
    assert median is not None
    assert abs(median - 30) <= 3
    assert longest_wait(0) == 0.25
    assert median_wait({}) is None


def test_a_change_that_is_rolled_back_counts_nothing() -> None:
    make_city()
    with transaction.atomic():
        make_report(make_actor("citizen"))
        transaction.set_rollback(True)
    assert told(Dimension.ALL) == Counter()


def test_many_reports_are_shown_as_cells_without_being_read(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    make_city()
    report = make_report(make_actor("citizen"))
    box = Box(33.5, -7.7, 33.6, -7.5)
    assert [pin.number for pin in find_on_map(SYSTEM, box, Filter()).pins] == [report.number]
    CellTally.objects.all().delete()
    fold_changes()
    CellTally.objects.update(count=5000)
    with django_assert_num_queries(1):
        found = find_on_map(SYSTEM, box, Filter(category="pothole"))
    assert [(one.count, one.open) for one in found.cells] == [(5000, 5000)]
    assert find_on_map(SYSTEM, box, Filter(state="closed")).cells == ()
    assert find_on_map(SYSTEM, box, Filter(words="hole")).pins
