"""Takes over the City of Los Angeles' "MyLA311 Service Request Data": a CSV of requests, a GeoJSON of districts.

The file is read twice: once for the kinds of requests and the offices in it, which become categories and departments
where they are missing, and once for the rows. No row is lost in silence: what cannot be taken over is told with its
line and the reason, and stands in the ledger with both.
"""

import csv
import hashlib
import json
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from meydan.accounts.public import Department, keep_department
from meydan.kernel.actor import SYSTEM
from meydan.kernel.errors import Invalid
from meydan.kernel.places import Point, find_districts, upsert_districts
from meydan.reports.actions import ImportedReport, Row, known_rows, set_category, take_rows
from meydan.reports.models import MAX_ADDRESS, Category, State

SOURCE = "la311"
ZONE = ZoneInfo("America/Los_Angeles")
TIMES = ("%m/%d/%y %H:%M", "%m/%d/%Y %H:%M", "%m/%d/%Y %I:%M:%S %p")
NEEDED = ("srnumber", "requesttype", "status", "createddate", "latitude", "longitude")
KEPT = ("zipcode", "cd", "nc", "ncname", "policeprecinct", "requestsource", "assignto", "actiontaken", "servicedate")
STATES = {
    "open": State.SUBMITTED,
    "pending": State.ACCEPTED,
    "referred out": State.MOVED,
    "closed": State.SOLVED,  # the city says so; nobody has confirmed it
    "cancelled": State.DECLINED,
}
BATCH = 500
MAX_KINDS = 500
MAX_CELL = 2_000
MAX_GEOJSON = 50_000_000

Tell = Callable[[str], None]


@dataclass
class Tally:
    """What an import did. `known`: rows that an earlier run had taken; `agreeing` of `compared` rows with a position
    lie in the district that the file itself names."""

    read: int = 0
    imported: int = 0
    refused: int = 0
    known: int = 0
    compared: int = 0
    agreeing: int = 0
    seconds: float = 0

    def lines(self) -> list[str]:
        """The report at the end, for people."""
        share = f"{100 * self.agreeing / self.compared:.2f} %" if self.compared else "nothing to compare"
        return [
            f"rows read      {self.read}",
            f"imported       {self.imported}",
            f"refused        {self.refused}",
            f"known before   {self.known}",
            f"districts      {self.agreeing} of {self.compared} agree with the column cd ({share})",
            f"seconds        {self.seconds:.1f}",
        ]


@dataclass(frozen=True)
class Line:
    """One row as it stands in the file, and the number of its first line; `fault` when it is no row at all."""

    number: int
    cells: Mapping[str, str]
    fault: str = ""


class Unusable(Exception):
    """The row cannot be taken over; the argument says why."""


def import_file(path: Path, *, districts: Path | None = None, tell: Tell = print) -> Tally:
    """Take over a file, telling refusals as they are found. OSError, or Invalid when it is not such a file at all.

    A second run adds nothing; one that was interrupted goes on. Districts of the GeoJSON are stored first.
    """
    began = time.monotonic()
    tally = Tally()
    if districts is not None:
        tell(f"districts stored: {store_districts(districts)}")
    _make_categories(path)
    seen = Counter[str]()
    lines = read_lines(path)
    while batch := list(islice(lines, BATCH)):
        _take_batch(batch, seen, tally, tell)
        tell(f"{tally.read} rows read")
    tally.seconds = time.monotonic() - began
    return tally


def store_districts(path: Path) -> int:
    """Store the districts of a GeoJSON whose features have a `code`, else an `external_id` (as Los Angeles' own)."""
    if path.stat().st_size > MAX_GEOJSON:
        raise Invalid(f"{path.name} is larger than {MAX_GEOJSON // 1_000_000} MB")
    try:
        collection = json.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise Invalid(f"{path.name} is not JSON: {error}") from error
    features = collection.get("features", []) if isinstance(collection, dict) else []
    for feature in features if isinstance(features, list) else []:
        properties = feature.get("properties") if isinstance(feature, dict) else None
        if isinstance(properties, dict):
            code = properties.get("code") or properties.get("external_id") or properties.get("name")
            feature["properties"] = {"code": code, "name": properties.get("name") or code}
    return upsert_districts(collection)


# Reading


def read_lines(path: Path) -> Iterator[Line]:
    """The rows of a CSV with a header. Invalid when columns are missing; a row that is broken comes with its fault.

    A quote that is never closed would swallow the rows below it: where several lines together make no row, each of
    them is read by itself.
    """
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        swallowed: list[str] = []
        reader = csv.reader(_remember(file, swallowed), strict=True)
        header = _read_header(reader, path)
        while True:
            swallowed.clear()
            first = reader.line_num + 1
            line = _next_line(reader, header, first)
            if line is None:
                return
            if line.fault and len(swallowed) > 1:
                for number, text in enumerate(swallowed, first):
                    yield from filter(None, [_next_line(csv.reader([text], strict=True), header, number)])
            else:
                yield line


def _remember(lines: Iterable[str], swallowed: list[str]) -> Iterator[str]:
    for line in lines:
        swallowed.append(line)
        yield line


def _next_line(reader: Iterator[list[str]], header: Sequence[str], number: int) -> Line | None:
    """The next row that is not blank, which may begin at line `number`; None at the end."""
    try:
        for cells in reader:
            if cells:
                return _line(number, header, cells)
            number += 1
    except csv.Error as error:
        return Line(number, {}, f"not CSV: {error}")
    return None


def _read_header(reader: Iterator[list[str]], path: Path) -> list[str]:
    try:
        header = [name.strip().lower() for name in next(reader, [])]
    except csv.Error as error:
        raise Invalid(f"{path.name} is not CSV: {error}") from error
    missing = [name for name in NEEDED if name not in header]
    if missing:
        raise Invalid(f"{path.name} has no column {', '.join(missing)}: is it a file of 311 requests?")
    return header


def _line(number: int, header: Sequence[str], cells: Sequence[str]) -> Line:
    named = dict(zip(header, (cell.strip() for cell in cells), strict=False))
    if len(cells) != len(header):
        return Line(number, named, f"{len(cells)} cells instead of {len(header)}")
    for name, cell in named.items():
        if not (cell.isprintable() or _is_clean(cell)):
            return Line(number, named, f"{name} holds bytes that are not text in UTF-8")
        if len(cell) > MAX_CELL:
            return Line(number, named, f"{name} is longer than {MAX_CELL} letters")
    return Line(number, named)


def _is_clean(cell: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" or letter == "\0" for letter in cell)


# From a row to a report


def _take_batch(batch: Sequence[Line], seen: Counter[str], tally: Tally, tell: Tell) -> None:
    rows = [_row(line, seen) for line in batch]
    located = _with_districts(rows, batch, tally)
    known = known_rows(SOURCE, [row.key for row in rows])
    fresh = [row for row in located if row.key not in known]
    for row in fresh:
        if row.refusal:
            tell(f"line {row.line}: {row.refusal}")
    if fresh:
        take_rows(SYSTEM, source=SOURCE, rows=fresh)
    refused = sum(1 for row in fresh if row.refusal)
    tally.read += len(batch)
    tally.known += len(batch) - len(fresh)
    tally.refused += refused
    tally.imported += len(fresh) - refused


def _row(line: Line, seen: Counter[str]) -> Row:
    """The row with its key: the request's number, with a count where it stands again; a hash where it has none."""
    number = line.cells.get("srnumber", "")
    if line.fault or not re.fullmatch(r"[\w.-]{1,80}", number):
        said = "\x1f".join((line.fault, *line.cells.values())).encode("utf-8", "surrogateescape")
        number = "sha256:" + hashlib.sha256(said).hexdigest()
    seen[number] += 1
    if seen[number] > 1:
        refusal = line.fault or f"the request {number} stands in the file before"
        return Row(f"{number}#{seen[number]}", line.number, refusal=refusal)
    try:
        return Row(number, line.number, report=_report(line))
    except Unusable as error:
        return Row(number, line.number, refusal=str(error))


def _report(line: Line) -> ImportedReport:
    if line.fault:
        raise Unusable(line.fault)
    cells = line.cells
    if not re.fullmatch(r"[\w.-]{1,80}", cells["srnumber"]):
        raise Unusable(f"srnumber {cells['srnumber'][:40]!r} is not a request's number")
    state = STATES.get(cells["status"].lower())
    if state is None:
        raise Unusable(f"status {cells['status'][:40]!r} is none of {', '.join(STATES)}")
    filed = _moment(cells, "createddate")
    if filed is None:
        raise Unusable("createddate is empty")
    closed = _moment(cells, "closeddate") if state in (State.SOLVED, State.DECLINED) else None
    updated = _moment(cells, "updateddate") or closed or filed
    kind, owner = code_of(cells["requesttype"]), code_of(cells.get("owner", ""))
    if not kind:
        raise Unusable("requesttype is empty")
    return ImportedReport(
        external_id=cells["srnumber"],
        category=kind,
        description=cells["requesttype"],
        state=state,
        filed_at=filed,
        updated_at=max(filed, updated),
        closed_at=max(filed, closed) if closed else (updated if state in (State.SOLVED, State.DECLINED) else None),
        department=owner or None,
        point=_point(cells),
        address=cells.get("address", "")[:MAX_ADDRESS],
        external={name: cells[name] for name in KEPT if cells.get(name)},
    )


def _moment(cells: Mapping[str, str], name: str) -> datetime | None:
    """A time of day in Los Angeles; of the hour that comes twice in autumn the first. None when there is none."""
    text = cells.get(name, "")
    moment = _parse_time(text) if text else None
    if text and moment is None:
        raise Unusable(f"{name} {text[:40]!r} is not a time like 1/31/20 18:05")
    return moment


@lru_cache(maxsize=20_000)
def _parse_time(text: str) -> datetime | None:
    """The time, whichever way it is written; None when it is none. Cached: most minutes stand in a file often."""
    for form in TIMES:
        try:
            return datetime.strptime(text, form).replace(tzinfo=ZONE)
        except ValueError:
            continue
    return None


def _point(cells: Mapping[str, str]) -> Point | None:
    lat, lon = cells["latitude"], cells["longitude"]
    if not lat and not lon:
        return None
    try:
        return Point(float(lat), float(lon))
    except ValueError:
        raise Unusable(f"latitude {lat[:20]!r}, longitude {lon[:20]!r} are not a position") from None


def _with_districts(rows: Sequence[Row], batch: Sequence[Line], tally: Tally) -> list[Row]:
    """The rows, each report in the district whose outline holds it; counts how often the file says the same."""
    points = [row.report.point if row.report else None for row in rows]
    found = dict(
        zip(
            (at for at, point in enumerate(points) if point),
            find_districts([point for point in points if point]),
            strict=True,
        )
    )
    located = []
    for at, (row, line) in enumerate(zip(rows, batch, strict=True)):
        if row.report is None or row.report.point is None:
            located.append(row)
            continue
        district = found[at]
        code = district.code if district else None
        if line.cells.get("cd"):
            tally.compared += 1
            tally.agreeing += code == line.cells["cd"]
        located.append(replace(row, report=replace(row.report, district=code)))
    return located


# What the rows refer to


def code_of(words: str) -> str:
    """A code made of words: "Metal/Household Appliances" is "metal-household-appliances"; empty without letters."""
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")[:60].strip("-")


def _make_categories(path: Path) -> None:
    """Make the departments and categories that the file names and that are not here yet."""
    owners: dict[str, str] = {}
    kinds: dict[str, str] = {}
    owners_of = defaultdict[str, Counter[str]](Counter)
    for line in read_lines(path):
        kind, owner = (line.cells.get(name, "")[:200] for name in ("requesttype", "owner"))
        if line.fault or not code_of(kind):
            continue
        kinds.setdefault(code_of(kind), kind)
        if code_of(owner):
            owners.setdefault(code_of(owner), owner)
            owners_of[code_of(kind)][code_of(owner)] += 1
        if len(kinds) > MAX_KINDS or len(owners) > MAX_KINDS:
            raise Invalid(
                f"{path.name} names more than {MAX_KINDS} kinds of requests: is requesttype the right column?"
            )
    for code in owners.keys() - set(Department.objects.filter(pk__in=owners).values_list("pk", flat=True)):
        keep_department(SYSTEM, code=code, name={"en": owners[code]})
    for code in kinds.keys() - set(Category.objects.filter(pk__in=kinds).values_list("pk", flat=True)):
        department = owners_of[code].most_common(1)
        set_category(
            SYSTEM,
            code=code,
            name={"en": kinds[code]},
            group={"en": "Los Angeles 311"},
            icon="inbox",
            department=department[0][0] if department else None,
        )
