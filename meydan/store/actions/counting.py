"""Counting downloads and visits without knowing whose they are."""

from datetime import date, timedelta

from django.db import connection

from meydan.kernel.actor import Actor
from meydan.kernel.city import city_today
from meydan.kernel.errors import TooMany
from meydan.kernel.limits import check
from meydan.store.models import App, Receipt
from meydan.store.queries import mark_of

TREND_DAYS = 14
KEPT_DAYS = 400
LONG_AGO = date(2000, 1, 1)
COUNTED_PER_DAY = 3  # from one person, or one address
HALF_LIFE = 3.0  # days in which a download counts half


def count_use(actor: Actor, app: App) -> None:
    """Count a download, or a visit, for today. No fact, for nobody shall be followed; of who is signed in, a mark is
    kept that only tells whether this person has this app."""
    try:
        check(f"store.count:{app.pk}:{actor.person_id or actor.address}", limit=COUNTED_PER_DAY, seconds=86_400)
    except TooMany:
        return  # it works all the same, and makes nothing look livelier than it is
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into store_day (app_id, day, count) values (%s, %s, 1)
               on conflict (app_id, day) do update set count = store_day.count + 1""",
            [app.pk, city_today()],
        )
    if actor.person_id is not None:
        Receipt.objects.bulk_create([Receipt(mark=mark_of(actor.person_id, app.reference))], ignore_conflicts=True)


def refresh_trends() -> int:
    """Sum up the days: downloads in all, and the trend, in which a download counts half after `HALF_LIFE` days.
    Returns how many entries moved."""
    today = city_today()
    with connection.cursor() as cursor:
        cursor.execute(
            """update store_app set downloads = summed.count, trend = summed.trend
                 from (select app_id, sum(count) as count,
                              coalesce(sum(count * 0.5 ^ ((%(today)s - day) / %(half)s))
                                  filter (where day > %(since)s), 0) as trend
                         from store_day group by app_id) as summed
                where store_app.id = summed.app_id
                  and (store_app.downloads, store_app.trend) is distinct from (summed.count, summed.trend)""",
            {"today": today, "half": HALF_LIFE, "since": today - timedelta(days=TREND_DAYS)},
        )
        return int(cursor.rowcount)


def forget_days() -> None:
    """Fold days older than `KEPT_DAYS` into one long past: what is counted in all stays right."""
    with connection.cursor() as cursor:
        cursor.execute(
            """with gone as (delete from store_day where day < %(before)s and day > %(long_ago)s
                             returning app_id, count),
                    summed as (select app_id, sum(count) as count from gone group by app_id)
               insert into store_day (app_id, day, count) select app_id, %(long_ago)s, count from summed
               on conflict (app_id, day) do update set count = store_day.count + excluded.count""",
            {"before": city_today() - timedelta(days=KEPT_DAYS), "long_ago": LONG_AGO},
        )
