"""The tally: sums over all reports, so that figures and far maps cost the same for ten million reports as for ten.

A trigger on the tables of reports and of opinions (migration 0008) notes each change as rows of `Change`, in the
transaction of the change itself: minus what the row said before, plus what it says now. Nobody waits for anybody, for
such rows are only added. The worker folds them into `Tally` and `CellTally` every second; whoever reads adds what is
not folded yet. `queries/tally.py` says how a report counts; docs/figures.md says it in words.
"""

from django.db import models

from meydan.reports.models.states import State


class Grain(models.IntegerChoices):
    """How long a time a sum is over. `DUE_*`: over the days on which the terms of open reports end."""

    NOW = 0
    DAY = 1
    WEEK = 2
    MONTH = 3
    QUARTER = 4
    YEAR = 5
    DUE_DAY = 6
    DUE_MONTH = 7
    DUE_YEAR = 8


class Dimension(models.IntegerChoices):
    """By what a sum is told apart; with its code, which is "" for nobody, nowhere, and for `ALL`."""

    ALL = 0
    DEPARTMENT = 1
    TEAM = 2
    DISTRICT = 3
    CATEGORY = 4


class Measure(models.IntegerChoices):
    """What is counted. `CONTENT + n` are answers from 1 to 5, `STATE + n` reports that stand in the n-th state now,
    `WAIT + n` those whose first answer took at most `longest_wait(n)` hours."""

    RECEIVED = 1
    ANSWERED = 2
    SOLVED = 3
    DECLINED = 4
    IN_TERM = 5
    CONFIRMED = 6
    UPHELD = 7
    REOPENED = 8
    DUE = 9
    CONTENT = 10
    STATE = 20
    WAIT = 100


STATE_NUMBERS = {state: Measure.STATE + number for number, state in enumerate(State)}
WAITS_PER_DOUBLING = 4
SHORTEST_WAIT = 0.25
"""Hours that the first step of waits ends with; each next one is longer by the fourth root of 2, 19 %."""


def longest_wait(step: int) -> float:
    """The hours with which a step of waits ends."""
    return float(SHORTEST_WAIT * 2 ** (step / WAITS_PER_DOUBLING))


class Change(models.Model):
    """What a report, or an opinion about one (`said_at`, `content`), said before a change (`sign` -1), or says since
    (1). Gone as soon as it is folded."""

    id = models.BigAutoField(primary_key=True)
    sign = models.SmallIntegerField()
    department = models.CharField(max_length=60, null=True)
    team = models.CharField(max_length=60, null=True)
    district = models.CharField(max_length=40, null=True)
    category = models.CharField(max_length=60)
    state = models.CharField(max_length=12, null=True)
    public = models.BooleanField(null=True)
    h3_9 = models.BigIntegerField(null=True)
    filed_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    reopened_at = models.DateTimeField(null=True)
    due_on = models.DateField(null=True)
    paused_on = models.DateField(null=True)
    said_at = models.DateTimeField(null=True)
    content = models.PositiveSmallIntegerField(null=True)

    class Meta:
        db_table = "reports_change"

    def __str__(self) -> str:
        return f"{self.sign:+d} {self.category}"


class Tally(models.Model):
    """One sum: how often a measure was met in a time, for one code of a dimension."""

    pk = models.CompositePrimaryKey("grain", "dimension", "starts_on", "code", "measure")
    grain = models.SmallIntegerField(choices=Grain)
    starts_on = models.DateField()
    dimension = models.SmallIntegerField(choices=Dimension)
    code = models.CharField(max_length=60)
    measure = models.SmallIntegerField()
    count = models.BigIntegerField()

    class Meta:
        db_table = "reports_tally"

    def __str__(self) -> str:
        return f"{self.grain} {self.starts_on} {self.dimension} {self.code} {self.measure}: {self.count}"


class CellTally(models.Model):
    """How many public reports lie in an H3 cell, by category ("" for all) and state."""

    pk = models.CompositePrimaryKey("resolution", "category", "cell", "state")
    resolution = models.SmallIntegerField()
    category = models.CharField(max_length=60)
    cell = models.BigIntegerField()
    state = models.CharField(max_length=12, choices=State)
    count = models.BigIntegerField()

    class Meta:
        db_table = "reports_cell_tally"

    def __str__(self) -> str:
        return f"{self.cell} {self.category} {self.state}: {self.count}"
