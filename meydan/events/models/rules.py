"""When an event takes place: a time of the city's clock, and a rule by which it comes again.

The rule is an RRULE (RFC 5545, section 3.3.10) of the few shapes that the form offers, always with an end. It counts in
the city's own wall-clock time: a meeting at six stays at six when the clocks change.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, rrule, weekday
from django.db import models
from django.utils.translation import gettext_lazy as _

from meydan.kernel.city import PackPart, rules_of

MOST_TIMES = 120
LONGEST = timedelta(days=14)
FARTHEST = timedelta(days=2 * 366)
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class EventRules(PackPart):
    """`[rules.events]` of the city's pack. `technology_only`: events are about new technology, and say so. `in_city`:
    they take place inside its outline."""

    technology_only: bool = True
    in_city: bool = True


def city_rules() -> EventRules:
    """What this city demands of events."""
    rules: EventRules = rules_of("events", EventRules)
    return rules


class Repeats(models.TextChoices):
    """How an event comes again."""

    NEVER = "", _("It takes place once")
    DAILY = "daily", _("Every day")
    WEEKLY = "weekly", _("Every week")
    FORTNIGHTLY = "fortnightly", _("Every two weeks")
    MONTHLY = "monthly", _("Every month, on the same weekday of the same week")
    MONTH_DAY = "month_day", _("Every month, on the same date")


_STEPS: dict[Repeats, tuple[Literal[1, 2, 3], int]] = {
    Repeats.DAILY: (DAILY, 1),
    Repeats.WEEKLY: (WEEKLY, 1),
    Repeats.FORTNIGHTLY: (WEEKLY, 2),
    Repeats.MONTHLY: (MONTHLY, 1),
    Repeats.MONTH_DAY: (MONTHLY, 1),
}


@dataclass(frozen=True)
class Timing:
    """From when to when by the city's clock (without a zone), how it comes again, on which weekdays (Monday is 0;
    weekly rules only), and until which day."""

    starts: datetime
    ends: datetime
    repeats: str = ""
    weekdays: tuple[int, ...] = ()
    until: date | None = None

    @property
    def days(self) -> tuple[int, ...]:
        """The weekdays of a weekly rule: the first day's own where none are named."""
        return tuple(sorted({*self.weekdays, self.starts.weekday()}))

    def times(self) -> list[datetime]:
        """The beginnings, by the city's clock; at most `MOST_TIMES` and one, so that who counts sees too many."""
        if not self.repeats or self.until is None:
            return [self.starts]
        rule = self._rule()
        found: list[datetime] = []
        for moment in rule:
            found.append(moment)
            if len(found) > MOST_TIMES:
                break
        return found

    def _rule(self) -> rrule:
        step, interval = _STEPS[Repeats(self.repeats)]
        end = datetime.combine(self.until or self.starts.date(), time.max)
        days: list[weekday] | None = None
        if step == WEEKLY:
            days = [weekday(day) for day in self.days]
        elif self.repeats == Repeats.MONTHLY:
            days = [weekday(self.starts.weekday(), self._week)]
        return rrule(step, dtstart=self.starts, interval=interval, byweekday=days, until=end)

    @property
    def _week(self) -> int:
        """Which one of its weekday in the month: 1 to 4; the fifth counts as the last, -1, for few months have one."""
        week = (self.starts.day - 1) // 7 + 1
        return week if week < 5 else -1

    def rrule(self, zone: ZoneInfo) -> str:
        """The value of an RRULE; "" for what takes place once. UNTIL is in UTC, as the standard wants it."""
        if not self.repeats or self.until is None:
            return ""
        step, interval = _STEPS[Repeats(self.repeats)]
        parts = [f"FREQ={ {DAILY: 'DAILY', WEEKLY: 'WEEKLY', MONTHLY: 'MONTHLY'}[step] }"]
        parts += [f"INTERVAL={interval}"] if interval > 1 else []
        if step == WEEKLY:
            parts.append("BYDAY=" + ",".join(DAYS[day] for day in self.days))
        elif self.repeats == Repeats.MONTHLY:
            parts.append(f"BYDAY={self._week}{DAYS[self.starts.weekday()]}")
        last = datetime.combine(self.until, time(23, 59, 59), tzinfo=zone).astimezone(UTC)
        return ";".join([*parts, f"UNTIL={last:%Y%m%dT%H%M%SZ}"])
