"""City packs: everything that makes Meydan one city's own, as data (cities/README.md).

`load_pack` reads and checks a pack whole; every problem is named with its file, its line where one can be told, and
what to write instead.
"""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from zipfile import ZipFile

from pydantic import Field, ValidationError, model_validator

from meydan.kernel.city import WEEKDAYS, CityFile, Language, PackPart, Text, Texts, Weekday, read_toml
from meydan.kernel.config import CITIES
from meydan.kernel.errors import Invalid
from meydan.kernel.i18n import LANGUAGES
from meydan.kernel.outlines import Outline, read_outlines
from meydan.reports.public import When
from meydan.rollout.public import RolloutRules
from meydan.site.examples import ExamplePart, ExamplesError, read_examples

COMMON = "common"
CHARTER_VERSION = "1"
MAX_DISTRICTS_FILE = 20_000_000
MAX_CHARTER = 50_000
Code = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]
Long = Annotated[str, Field(min_length=1, max_length=500)]
DayOfYear = Annotated[str, Field(pattern=r"^((0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]))?$")]
Outcome = Literal["submitted", "accepted", "asked", "solved", "confirmed", "declined", "reopened"]
Part = TypeVar("Part", bound=PackPart)


class DepartmentPart(PackPart):
    """`[[department]]`: one office that answers reports. `{city}` in `email` is the pack's code."""

    code: Code
    name: Texts
    email: str = Field("", max_length=200, pattern=r"^([^@\s]+@[^@\s]+)?$")


class TeamPart(PackPart):
    """`[[team]]`: an office of a department; `parent` is the one above it, to whose manager silence escalates. `holder`
    is the role of the demo's person who manages it."""

    code: Code
    department: Code
    name: Texts
    parent: Code | None = None
    holder: Literal["officer", "operator", "moderator", "admin"] | None = None
    holder_public: bool = False


class GroupPart(PackPart):
    """`[[group]]`: what categories are sorted under."""

    code: Code
    name: Texts


class ChoicePart(PackPart):
    """One of `choices` of a question."""

    code: Code
    label: Texts


class QuestionPart(PackPart):
    """`[[category.question]]`: what is asked beside, as in `reports.models.questions`."""

    code: Code
    label: Texts
    kind: Literal["text", "number", "choice", "many", "yesno", "date"] = "text"
    choices: tuple[ChoicePart, ...] = Field((), max_length=40)
    required: bool = False
    private: bool = False


class CategoryPart(PackPart):
    """`[[category]]`: one kind of problem; `term_days` are working days."""

    code: Code
    group: Code
    icon: str
    department: Code
    term_days: int = Field(ge=1, le=365)
    private: bool = False
    coarse: bool = False
    needs_after_photo: bool = False
    name: Texts
    description: dict[Language, Long]
    keywords: dict[Language, tuple[Text, ...]] = {}
    question: tuple[QuestionPart, ...] = Field((), max_length=12)


class RulePart(PackPart):
    """`[[rule]]`: who is responsible where the category's own department is not. Without category or district: any;
    without days, hours or season: always. `days_off`: true for weekends and holidays only, false for working days only.
    """

    category: Code | None = None
    district: str | None = None
    department: Code
    team: Code | None = None
    weekdays: frozenset[Weekday] = frozenset(WEEKDAYS)
    days_off: bool | None = None
    starts: time | None = None
    ends: time | None = None
    season_starts: DayOfYear = ""
    season_ends: DayOfYear = ""

    @model_validator(mode="after")
    def _is_whole(self) -> "RulePart":
        if (self.starts is None) != (self.ends is None) or bool(self.season_starts) != bool(self.season_ends):
            raise ValueError("hours and seasons need both their start and their end")
        if not self.weekdays:
            raise ValueError("a rule for no weekday never holds")
        return self

    @property
    def when(self) -> When:
        """The same as the action takes it."""
        mask = sum(1 << WEEKDAYS.index(day) for day in self.weekdays)
        return When(mask, self.days_off, self.starts, self.ends, self.season_starts, self.season_ends)


class ReplyPart(PackPart):
    """`[[reply]]` of replies.toml: ready-made words for officers, by what they go with. `{number}`, `{kind}` and
    `{place}` stand for the report's own."""

    code: Code
    verb: Literal["accept", "ask", "move", "solve", "decline", "message"]
    category: Code | None = None
    department: Code | None = None
    title: Texts
    text: dict[Language, Annotated[str, Field(min_length=1, max_length=2000)]]


class BadgePart(PackPart):
    """`[[badge]]` of badges.toml: a badge of the club and the rule by which it is earned."""

    code: Code
    icon: str
    kinds: Annotated[list[str], Field(min_length=1, max_length=20)]
    levels: Annotated[list[Annotated[int, Field(ge=1, le=10_000)]], Field(min_length=1, max_length=5)]
    per_day: int = Field(0, ge=0, le=10_000)
    per_week: int = Field(0, ge=0, le=10_000)
    name: Texts
    text: dict[Language, Annotated[str, Field(min_length=1, max_length=400)]]


class SamplePart(PackPart):
    """`[[report]]` of demo.toml: a made-up report, and how far its case has come."""

    category: Code
    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)
    address: Text
    language: Language
    text: Annotated[str, Field(min_length=1, max_length=2000)]
    by: Literal["citizen", "neighbour", "visitor"]
    photos: bool = False
    outcome: Outcome = "submitted"
    answer: Annotated[str, Field(max_length=2000)] = ""
    reply: Annotated[str, Field(max_length=2000)] = ""


class AppCategoryPart(PackPart):
    """`[[category]]` of apps.toml: what the store's apps are sorted under."""

    code: Code
    icon: str
    name: Texts


class SampleAppPart(PackPart):
    """`[[app]]` of apps.toml: a made-up entry of the store, published when the demo opens. `colour`: of the icon that
    the seed draws. Nobody's real app: addresses end in `.example`."""

    kind: Literal["site", "web_app", "ios", "desktop"]
    category: Code
    address: str = Field(max_length=200, pattern=r"^https://[^/]+\.example/")
    colour: str = Field(pattern=r"^#[0-9a-f]{6}$")
    tags: tuple[Text, ...] = ()
    featured: bool = False
    title: dict[Language, Annotated[str, Field(min_length=1, max_length=60)]]
    summary: dict[Language, Annotated[str, Field(min_length=1, max_length=140)]]
    description: dict[Language, Annotated[str, Field(min_length=80, max_length=2000)]]
    about_city: Text


class DemoPart(PackPart):
    """The head of demo.toml: names of the made-up people behind the demo's sign-ins, by role."""

    people: dict[Code, Text] = {}


@dataclass(frozen=True)
class Pack:
    """A city's pack, read and checked. `districts` is GeoJSON; `charter` is Markdown by language; `openings` are the
    districts that are opened later, with the day or None."""

    code: str
    city: CityFile
    departments: tuple[DepartmentPart, ...]
    teams: tuple[TeamPart, ...]
    groups: Mapping[str, GroupPart]
    categories: tuple[CategoryPart, ...]
    rules: tuple[RulePart, ...]
    replies: tuple[ReplyPart, ...]
    badges: tuple[BadgePart, ...]
    districts: Mapping[str, Any]
    charter: Mapping[Language, str]
    examples: tuple[ExamplePart, ...]
    samples: tuple[SamplePart, ...]
    app_categories: tuple[AppCategoryPart, ...]
    apps: tuple[SampleAppPart, ...]
    people: Mapping[str, str]
    openings: Mapping[str, date | None]


class PackError(Exception):
    """A pack cannot be used. `problems` has one line for each fault: file, line, field, and what is wrong."""

    def __init__(self, code: str, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join((f"The city pack {code!r} cannot be used:", *self.problems)))


@dataclass
class _Reader:
    """Reads one pack and collects its problems."""

    folder: Path
    common: Path
    problems: list[str] = field(default_factory=list)

    def complain(self, path: Path, line: int | None, message: str) -> None:
        place = f"{path.parent.name}/{path.name}" + (f":{line}" if line else "")
        self.problems.append(f"{place}: {message}")

    def toml(self, path: Path) -> dict[str, Any]:
        """The file's tables; empty, with a problem noted, when it cannot be read."""
        try:
            return read_toml(path)
        except tomllib.TOMLDecodeError as error:
            self.complain(path, None, f"this is not TOML: {error}")
        except (OSError, ValueError) as error:
            self.complain(path, None, f"cannot be read: {getattr(error, 'strerror', None) or error}")
        return {}

    def entries(self, name: str, table: str) -> Iterator[tuple[dict[str, Any], Path]]:
        """The entries of a table by their code, the city's own laid over the common ones, each with its file."""
        merged: dict[str, tuple[dict[str, Any], Path]] = {}
        own = self.folder / name
        for path in (self.common / name, *([own] if own.exists() else [])):
            for entry in self._coded(path, table):
                earlier = merged.get(entry["code"], ({}, path))[0]
                merged[entry["code"]] = ({**earlier, **entry}, path)
        for entry, path in merged.values():
            if not entry.pop("remove", False):
                yield entry, path

    def _coded(self, path: Path, table: str) -> list[dict[str, Any]]:
        rows = self.toml(path).get(table, [])
        codes = [str(row.get("code", "")) for row in rows] if isinstance(rows, list) else [""]
        for code in sorted({code for code in codes if not code or codes.count(code) > 1}):
            self.complain(path, line_of(path, code), f"every [[{table}]] needs a code of its own, not {code!r}")
        return [{**row, "code": code} for row, code in zip(rows, codes, strict=True)] if "" not in codes else []

    def part(self, kind: type[Part], values: Mapping[str, Any], path: Path, code: str = "") -> Part | None:
        """The values as this kind of part; None, with the problems noted, when they break its rules."""
        try:
            return kind.model_validate(values)
        except ValidationError as error:
            for fault in error.errors(include_url=False):
                names = [str(name) for name in fault["loc"]]
                what = ".".join(([f"{code!r}"] if code else []) + names)
                self.complain(path, line_of(path, code, names[0] if names else ""), f"{what}: {fault['msg']}")
            return None

    def parts(self, kind: type[Part], name: str, table: str) -> list[tuple[Part, Path]]:
        found = ((self.part(kind, entry, path, entry["code"]), path) for entry, path in self.entries(name, table))
        return [(part, path) for part, path in found if part is not None]

    def listed(self, kind: type[Part], name: str, table: str) -> list[Part]:
        """The entries of a table without codes; a fault names which one it is in, counted from 1."""
        path = self.folder / name
        rows = self.toml(path).get(table, []) if path.exists() else []
        found = (
            self.part(kind, row, path, f"{table} {number}")
            for number, row in enumerate(rows if isinstance(rows, list) else [{}], 1)
        )
        return [part for part in found if part is not None]


def line_of(path: Path, code: str, name: str = "") -> int | None:
    """The line of `code = "..."`, or of `name` in the same table; of `name` at the line's start when there is no code.
    None when it cannot be told."""
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    numbered = re.fullmatch(r"(\w+) (\d+)", code)
    if numbered:
        heads = [number for number, line in enumerate(lines) if line.strip() == f"[[{numbered[1]}]]"]
        start = heads[int(numbered[2]) - 1] if len(heads) >= int(numbered[2]) else None
    else:
        start = next((at for at, line in enumerate(lines) if re.match(rf'code\s*=\s*"{re.escape(code)}"', line)), None)
    if code and start is None:
        return None
    begin = (start or 0) + (1 if code else 0)
    for at in range(begin, len(lines)):
        if code and lines[at].startswith("["):
            break
        if name and re.match(rf"\[*{re.escape(name)}\b", lines[at]):
            return at + 1
    return start + 1 if start is not None else None


def load_pack(code: str, *, cities: Path = CITIES) -> Pack:
    """Read and check the pack in the folder `code`. PackError with every problem found."""
    reader = _Reader(cities / code, cities / COMMON)
    if not (reader.folder / "city.toml").is_file():
        known = sorted(path.parent.name for path in cities.glob("*/city.toml"))
        raise PackError(code, [f"there is no {code}/city.toml; the packs here are {', '.join(known) or 'none'}"])
    city = reader.part(CityFile, reader.toml(reader.folder / "city.toml"), reader.folder / "city.toml")
    departments = reader.parts(DepartmentPart, "departments.toml", "department")
    teams = reader.parts(TeamPart, "departments.toml", "team")
    groups = reader.parts(GroupPart, "categories.toml", "group")
    categories = reader.parts(CategoryPart, "categories.toml", "category")
    replies = reader.parts(ReplyPart, "replies.toml", "reply")
    badges = reader.parts(BadgePart, "badges.toml", "badge")
    rules = reader.listed(RulePart, "categories.toml", "rule")
    districts, outlines = _read_districts(reader)
    charter = _read_charter(reader, city)
    examples = _read_examples(reader, {part.code for part, _path in categories})
    samples = reader.listed(SamplePart, "demo.toml", "report")
    app_categories = reader.parts(AppCategoryPart, "apps.toml", "category")
    apps = reader.listed(SampleAppPart, "apps.toml", "app")
    demo = reader.folder / "demo.toml"
    openings: dict[str, date | None] = {}
    people = reader.part(DemoPart, {"people": reader.toml(demo).get("people", {})} if demo.exists() else {}, demo)
    if not reader.problems:
        _check_references(reader, departments, (*teams, *replies), groups, categories, rules, outlines)
        _check_samples(reader, categories, samples, outlines)
        named = (*departments, *teams, *groups, *categories, *replies, *badges, *app_categories)
        _check_languages(reader, city, named)
        _check_apps(reader, {part.code for part, _path in app_categories}, apps)
        openings = _read_openings(reader, city, outlines)
    if reader.problems or city is None:
        raise PackError(code, reader.problems)
    return Pack(
        code=code,
        city=city,
        departments=tuple(
            part.model_copy(update={"email": part.email.replace("{city}", code)}) for part, _path in departments
        ),
        teams=tuple(part for part, _path in teams),
        groups={part.code: part for part, _path in groups},
        categories=tuple(part for part, _path in categories),
        rules=tuple(rules),
        replies=tuple(part for part, _path in replies),
        badges=tuple(part for part, _path in badges),
        districts=districts,
        charter=charter,
        examples=tuple(examples),
        samples=tuple(samples),
        app_categories=tuple(part for part, _path in app_categories),
        apps=tuple(apps),
        people=people.people if people else {},
        openings=openings,
    )


def _read_districts(reader: _Reader) -> tuple[dict[str, Any], list[Outline]]:
    path = reader.folder / "districts.geojson"
    try:
        if path.stat().st_size > MAX_DISTRICTS_FILE:
            raise ValueError(f"larger than {MAX_DISTRICTS_FILE} bytes")
        collection = json.loads(path.read_text("utf-8"))
        outlines = read_outlines(collection)
    except (OSError, ValueError, RecursionError, Invalid) as error:
        reader.complain(path, None, str(getattr(error, "strerror", None) or error))
        return {}, []
    for number, outline in enumerate(outlines, 1):
        if not outline.properties.get("code") or not outline.properties.get("name"):
            reader.complain(path, None, f"feature {number}: properties need a code and a name")
    return collection, outlines


def _read_charter(reader: _Reader, city: CityFile | None) -> dict[Language, str]:
    """The charter in each language: the city's own file, else the common one with the city's name for `{city}`."""
    texts: dict[Language, str] = {}
    for language in LANGUAGES:
        own, common = (folder / f"charter.{language}.md" for folder in (reader.folder, reader.common))
        path = own if own.exists() else common
        if not path.exists():
            continue
        text = path.read_text("utf-8")
        if len(text) > MAX_CHARTER:
            reader.complain(path, None, f"longer than {MAX_CHARTER} letters")
        name = city.name.get(language) or city.name[city.languages[0]] if city else ""
        texts[language] = text.replace("{city}", name)
    for language in city.languages if city else ():
        if language not in texts:
            reader.complain(reader.folder / f"charter.{language}.md", None, "the charter is missing in this language")
    return texts


def _read_examples(reader: _Reader, known: set[str]) -> list[ExamplePart]:
    """The common sentences about categories that this city has, then its own."""
    found: list[ExamplePart] = []
    for folder in (reader.common, reader.folder):
        path = folder / "examples.jsonl"
        try:
            read = read_examples(path) if path.exists() else []
        except ExamplesError as error:
            for line, what in error.problems:
                reader.complain(path, line or None, what)
            continue
        for number, one in enumerate(read, 1):
            if one.category in known:
                found.append(one)
            elif folder is reader.folder:
                reader.complain(path, number, f"there is no category {one.category!r}")
    return found


def _read_openings(reader: _Reader, city: CityFile | None, outlines: list[Outline]) -> dict[str, date | None]:
    """The districts that are opened later: None where no day is set."""
    path = reader.folder / "city.toml"
    rules = reader.part(RolloutRules, city.rules.get("rollout", {}) if city else {}, path)
    opens = rules.opens if rules else {}
    for code in opens.keys() - {str(outline.properties["code"]) for outline in outlines}:
        reader.complain(path, None, f"rules.rollout.opens: there is no district {code!r}")
    return {code: None if day == "later" else day for code, day in opens.items()}


def _check_references(
    reader: _Reader,
    departments: list[tuple[DepartmentPart, Path]],
    others: Sequence[tuple[TeamPart | ReplyPart, Path]],
    groups: list[tuple[GroupPart, Path]],
    categories: list[tuple[CategoryPart, Path]],
    rules: list[RulePart],
    outlines: list[Outline],
) -> None:
    known = {
        "department": {part.code for part, _path in departments},
        "team": {part.code for part, _path in others if isinstance(part, TeamPart)},
        "parent": {part.code for part, _path in others if isinstance(part, TeamPart)},
        "group": {part.code for part, _path in groups},
        "category": {part.code for part, _path in categories},
        "district": {str(outline.properties["code"]) for outline in outlines},
    }
    named: list[tuple[str, PackPart, Path]] = [(part.code, part, path) for part, path in categories]
    named += [(part.code, part, path) for part, path in others]
    path = reader.folder / "categories.toml"
    named += [(f"rule {number}", rule, path) for number, rule in enumerate(rules, 1)]
    for code, part, path in named:
        for name in known.keys() & type(part).model_fields.keys():
            value = getattr(part, name)
            if value is not None and value not in known[name]:
                reader.complain(path, line_of(path, code, name), f"{code!r}.{name}: there is no {name} {value!r}")
    for category, path in categories:
        if category.icon not in _icon_names():
            line = line_of(path, category.code, "icon")
            reader.complain(path, line, f"{category.code!r}.icon: Lucide has no {category.icon!r}")


@cache
def _icon_names() -> frozenset[str]:
    """The names of all icons, read from their archive at once."""
    with resources.files("lucide").joinpath("lucide.zip").open("rb") as data, ZipFile(data) as archive:
        return frozenset(Path(name).stem for name in archive.namelist())


def _check_apps(reader: _Reader, codes: set[str], apps: list[SampleAppPart]) -> None:
    path = reader.folder / "apps.toml"
    for number, app in enumerate(apps, 1):
        if app.category not in codes:
            line = line_of(path, f"app {number}", "category")
            reader.complain(path, line, f"app {number}: there is no category {app.category!r}")


def _check_samples(
    reader: _Reader, categories: list[tuple[CategoryPart, Path]], samples: list[SamplePart], outlines: list[Outline]
) -> None:
    path = reader.folder / "demo.toml"
    codes = {part.code for part, _path in categories}
    for number, sample in enumerate(samples, 1):
        code = f"report {number}"
        if sample.category not in codes:
            reader.complain(path, line_of(path, code, "category"), f"{code}: there is no category {sample.category!r}")
        if not any(outline.holds(sample.lat, sample.lon) for outline in outlines):
            reader.complain(path, line_of(path, code, "lat"), f"{code}: lies in no district")
        if sample.outcome not in {"submitted", "accepted"} and not sample.answer:
            reader.complain(path, line_of(path, code, "outcome"), f"{code}: {sample.outcome} needs an answer")
        if sample.outcome == "reopened" and not sample.reply:
            reader.complain(path, line_of(path, code, "outcome"), f"{code}: reopened needs a reply")


def _check_languages(reader: _Reader, city: CityFile | None, parts: Iterable[tuple[Any, Path]]) -> None:
    """Every name is there in every language of the city, and in English for whoever reads none of these."""
    wanted = {"en", *(city.languages if city else ())}
    for part, path in parts:
        for name in ("name", "description", "title", "text"):
            missing = wanted - getattr(part, name, dict.fromkeys(wanted)).keys()
            if missing:
                line = line_of(path, part.code, name)
                reader.complain(path, line, f"{part.code!r}.{name}: missing in {', '.join(sorted(missing))}")
