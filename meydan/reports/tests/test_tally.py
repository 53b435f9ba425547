"""The tally says at every moment what counting the rows would say."""

import pytest

from meydan.kernel.actor import SYSTEM, VISITOR
from meydan.reports import actions
from meydan.reports.actions import fold_changes, recount_figures
from meydan.reports.models import Change, Dimension, State, Tally
from meydan.reports.queries.tally import count_states, read_sums, span_now
from meydan.reports.tests.cast import make_city, make_report

pytestmark = pytest.mark.django_db


def test_folding_changes_nothing_that_is_read() -> None:
    make_city()
    report = make_report(VISITOR)
    actions.accept_report(SYSTEM, report.number)
    before = [read_sums(dimension, [span_now()]) for dimension in Dimension]
    assert Change.objects.exists()
    assert fold_changes() > 0
    assert not Change.objects.exists()
    assert [read_sums(dimension, [span_now()]) for dimension in Dimension] == before
    assert count_states(before[Dimension.DEPARTMENT]["now", "roads"], [State.ACCEPTED]) == 1
    assert recount_figures(SYSTEM) == 0
    Tally.objects.filter(grain=0).update(count=7)
    assert recount_figures(SYSTEM) > 0
    assert [read_sums(dimension, [span_now()]) for dimension in Dimension] == before
