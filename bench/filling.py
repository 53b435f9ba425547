"""Fills a city with so many reports, for `bench reports`. Started by `harness.run_in_django` in a migrated database.

By SQL, as a city's years would have left them: places in clusters inside its real districts, five years of days, the
pack's categories with their departments and some offices each, seven of a hundred still open, mostly the newest, with
the lines of their timelines, and with what reporters said. Indexes are taken away and built after the rows, triggers
and foreign keys rest meanwhile. The rows' only randomness is PostgreSQL's, with a fixed seed.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy

from meydan.kernel.actor import SYSTEM
from meydan.kernel.config import DATABASE_NAME, config
from meydan.kernel.places import Point, find_districts, h3_cell, light_outlines
from meydan.reports.actions import recount_figures, set_team
from meydan.reports.models import Category
from meydan.site import prepare
from meydan.site.postgres import Server

SPOTS = 200_000
CENTRES = 400
AT_ONCE = 500_000
OFFICES = ("north", "south", "centre")
TABLES = ("reports_report", "reports_entry", "reports_opinion")

REPORTS = """
insert into reports_report (number, state, category_id, department_id, district_id, team_id, lat, lon, h3_9, address,
    description, answers, language, contact_name, contact_email, contact_phone, secret, origin, source, external_id,
    external, public, supporters, search_text, filed_at, updated_at, due_on, paused_on, escalation, escalate_on,
    answered_at, closed_at, confirmed_at, reopened_at, no_calls)
select n, state, category, department, district, team, lat + c / 50000, lon + d / 50000, cell,
       (1 + (d * 300)::int) || ' ' || (array['Rue des Orangers', 'Boulevard Anfa', 'Rue de Fès', 'شارع الحسن الثاني',
           'Avenue des FAR', 'Rue du Port', 'زنقة الوردة', 'Boulevard Zerktouni'])[1 + floor(c * 8)::int],
       words, '{}', 'fr', '', '', '', gen_random_uuid(),
       (array['web', 'web', 'web', 'phone', 'open311', 'api'])[1 + floor(b * 6)::int], '', '', '{}', not private,
       case when e < .1 then (f * 9)::int else 0 end, lower(words || ' ' || name),
       filed, greatest(filed, answered, closed, confirmed), due,
       case when state = 'asked' then (answered at time zone 'utc')::date end, 0,
       case when is_open and state <> 'asked' and f < .3 then current_date + 1 + (e * 20)::int end,
       answered, closed, confirmed, case when state = 'reopened' or g < .02 then answered + interval '9 days' * f end,
       false
  from (select ages.*, kind.*, spot.*, words.words,
               (filed + make_interval(days => term * 7 / 5))::date as due,
               case when state not in ('submitted', 'moved') then least(now(), filed + wait) end as answered,
               case when not is_open and state <> 'merged' then least(now(), filed + wait + work) end as closed,
               case when state = 'confirmed' then least(now(), filed + wait + work + interval '3 days' * d) end
                   as confirmed,
               department || '-' || (array['north', 'south', 'centre'])[1 + floor(d * 3)::int] as team
          from (select *, now() - interval '1826 days' * (1 - n::float8 / %(rows)s) as filed,
                       - interval '2.1 days' * ln(1 - b * .995) as wait, - interval '6 days' * ln(1 - c * .995) as work,
                       case when is_open
                            then (array['submitted', 'submitted', 'accepted', 'accepted', 'accepted', 'asked', 'moved',
                                        'reopened', 'forwarded'])[1 + floor(a * 9)::int]
                            else (array['confirmed', 'confirmed', 'confirmed', 'confirmed', 'confirmed', 'solved',
                                        'solved', 'solved', 'declined', 'withdrawn', 'merged'])[1 + floor(a * 11)::int]
                       end as state
                  from (select *, o < case when n > .92 * %(rows)s then .8 else .0065 end as is_open
                          from (select n, random() a, random() b, random() c, random() d, random() e, random() f,
                                       random() g, random() k, random() o
                                  from generate_series(%(first)s::bigint, %(last)s::bigint) n offset 0) dice
                        offset 0) known
                offset 0) ages
          join bench_spot spot on spot.spot = 1 + floor(power(ages.e, 1.3) * %(spots)s)::int
          join bench_kind kind on kind.kind = 1 + floor(power(ages.k, 1.6) * %(kinds)s)::int
          join bench_words words on words.at = 1 + floor(ages.g * 12)::int
        offset 0) whole
"""
ENTRIES = """
insert into reports_entry (report_id, kind, text, state_after, audience, side, department, details, at)
select number, line.kind, line.text, line.state, 'public', line.side, coalesce(department_id, ''), '{}', line.at
  from reports_report
 cross join lateral (values
    ('filed', '', 'submitted', 'reporter', filed_at),
    ('routed', '', 'submitted', 'system', filed_at + interval '1 second'),
    ('accepted', '', 'accepted', 'city', case when state not in ('submitted', 'moved') then answered_at end),
    (state, 'We were there with a lorry and two colleagues, and it is done. Thank you.', state, 'city',
        case when state in ('declined', 'withdrawn') then closed_at end),
    ('solved', 'We were there with a lorry and two colleagues, and it is done. Thank you.', 'solved', 'city',
        case when state in ('solved', 'confirmed') then closed_at end),
    ('confirmed', '', 'confirmed', 'reporter', confirmed_at)) as line (kind, text, state, side, at)
 where line.at is not null and number between %(first)s and %(last)s
"""
OPINIONS = """
insert into reports_opinion (report_id, closing_id, voice, solved, content, reasons, text, at)
select report_id, id, 'reporter', true, 1 + floor(power(random(), .6) * 5)::int, '["fast"]', '', at + interval '1 hour'
  from reports_entry where kind = 'solved' and random() < .15 and report_id between %(first)s and %(last)s
"""
WORDS = (
    "The lamp in front of the school has been dark for a week, and children walk there in the evening.",
    "Three bags lie beside the container since Monday; cats have opened them all.",
    "A deep hole opened after the rain, right where the bus stops.",
    "Clear water runs out of the pavement day and night, past the bakery.",
    "حفرة كبيرة في الشارع قرب المدرسة",
    "المصباح لا يضيء منذ أسبوع",
    "الأزبال متراكمة أمام العمارة منذ ثلاثة أيام",
    "ماء يسيل على الرصيف ليلا ونهارا",
    "Un lampadaire ne marche plus devant l'école, la rue est noire.",
    "Les poubelles débordent depuis lundi au coin de la rue.",
    "Un nid-de-poule profond devant l'arrêt du bus.",
    "De l'eau coule sur le trottoir jour et nuit.",
)


def main() -> None:
    """Fill and count, with the seconds of each part."""
    rows = int(sys.argv[1])
    prepare.lay_out_static()
    prepare.seed()
    for category in Category.objects.exclude(department=None).order_by("department_id").distinct("department_id"):
        for office in OFFICES:
            code = f"{category.department_id}-{office}"
            set_team(SYSTEM, code=code, name={"en": code.title()}, department=str(category.department_id))
    with Server(config().data).connect(DATABASE_NAME) as session:
        session.execute("set session_replication_role = replica; set synchronous_commit = off; select setseed(0.5)")
        session.execute("set maintenance_work_mem = '1GB'; set work_mem = '256MB'")
        lay_out(session)
        indexes = take_indexes(session)
        for name, statement in (("reports", REPORTS), ("lines", ENTRIES), ("opinions", OPINIONS)):
            fill(session, name, statement, rows)
        session.execute("select setval('reports_report_number_seq', %s)", [rows + 1])
        with said("indexes"):
            for index in indexes:
                session.execute(index)
        with said("vacuum"):
            session.execute(f"vacuum (analyze, freeze) {', '.join(TABLES)}")
            session.execute("drop table bench_spot, bench_kind, bench_words")
    with said("tally"):
        recount_figures(SYSTEM)
    with Server(config().data).connect(DATABASE_NAME) as session:
        session.execute("vacuum analyze reports_tally, reports_cell_tally, reports_change")
        session.execute("checkpoint")


def lay_out(session: Any) -> None:
    """Where reports lie, what they are about, what they say. What the demo has filed makes place."""
    session.execute(f"truncate {', '.join(TABLES)}, reports_change, reports_photo cascade")
    session.execute("drop table if exists bench_spot, bench_kind, bench_words")
    session.execute(
        "create table bench_spot (spot int primary key, lat float8, lon float8, cell bigint, district text)"
    )
    session.execute(
        """create table bench_kind as
           select row_number() over (order by "order", code)::int as kind, code as category, private, term_days as term,
                  department_id as department, coalesce(name ->> 'en', code) as name from reports_category where active;
           create table bench_words (at int, words text)"""
    )
    with session.cursor() as cursor, cursor.copy("copy bench_words from stdin") as copy:
        for at, words in enumerate(WORDS, 1):
            copy.write_row((at, words))
    with said("places"), session.cursor() as cursor, cursor.copy("copy bench_spot from stdin") as copy:
        for at, (point, district) in enumerate(places(), 1):
            copy.write_row((at, point.lat, point.lon, h3_cell(point), district))
    session.execute("analyze bench_spot, bench_kind, bench_words")


def places() -> list[tuple[Point, str | None]]:
    """Clusters of spots around centres inside the city's districts, the busiest first; each with its exact district."""
    dice = numpy.random.default_rng(311)
    sides = numpy.array([outline.bounds for _district, outline in light_outlines()])
    (west, south), (east, north) = sides[:, :2].min(axis=0), sides[:, 2:].max(axis=0)
    centres = dice.uniform((south, west), (north, east), (4 * CENTRES, 2))
    inside = find_districts([Point(*one) for one in centres.tolist()])
    centres = centres[[at for at, district in enumerate(inside) if district]][:CENTRES]
    chosen = centres[(dice.random(SPOTS) ** 1.5 * len(centres)).astype(int)]
    points = [Point(*one) for one in (chosen + dice.normal(0, 0.006, (SPOTS, 2))).tolist()]
    found = find_districts(points)
    return [(point, district.code if district else None) for point, district in zip(points, found, strict=True)]


def take_indexes(session: Any) -> list[str]:
    """Drop the indexes that no constraint needs; what makes them again."""
    found = session.execute(
        """select pg_get_indexdef(indexrelid), indexrelid::regclass::text from pg_index
            where indrelid = any(%s::regclass[]) and not indisunique""",
        [list(TABLES)],
    ).fetchall()
    for _definition, name in found:
        session.execute(f"drop index {name}")
    return [definition for definition, _name in found]


def fill(session: Any, name: str, statement: str, rows: int) -> None:
    """Run the statement for all numbers, half a million at a time."""
    kinds = session.execute("select count(*) from bench_kind").fetchone()[0]
    with said(name):
        for first in range(1, rows + 1, AT_ONCE):
            span = {"first": first, "last": min(first + AT_ONCE - 1, rows)}
            session.execute(statement, {**span, "rows": rows, "spots": SPOTS, "kinds": kinds})


@contextmanager
def said(name: str) -> Iterator[None]:
    """Say how many seconds it took."""
    began = time.monotonic()
    yield
    print(f"{name}: {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
