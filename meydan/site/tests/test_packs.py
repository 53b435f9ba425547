"""City packs: ours are whole, and a wrong one says what is wrong and where."""

import itertools
import json
import shutil
from datetime import date
from pathlib import Path

import pytest
import shapely
from shapely.geometry import Polygon

from meydan.kernel import city as city_module
from meydan.kernel.city import CityFile, promised_day, working_days_between
from meydan.kernel.config import CITIES
from meydan.kernel.i18n import LANGUAGES
from meydan.kernel.outlines import read_outlines
from meydan.site.packs import CategoryPart, DepartmentPart, GroupPart, PackError, load_pack

OURS = ("casablanca", "mashhad", "dushanbe")
DISTRICTS = {"casablanca": 16, "mashhad": 13, "dushanbe": 4}


@pytest.mark.parametrize("code", OURS)
def test_our_packs_are_whole(code: str) -> None:
    pack = load_pack(code)
    assert 20 <= len(pack.categories) <= 25
    assert len(pack.samples) >= 10
    assert {sample.outcome for sample in pack.samples} >= {"submitted", "accepted", "asked", "solved", "confirmed"}
    assert all(part.email.endswith(f"@{code}.example") for part in pack.departments)
    assert set(pack.charter) == set(LANGUAGES)
    assert all("{city}" not in text for text in pack.charter.values())
    named: list[DepartmentPart | GroupPart | CategoryPart] = [*pack.departments, *pack.groups.values()]
    for part in named + list(pack.categories):
        assert set(part.name) == set(LANGUAGES), part.code
    for category in pack.categories:
        assert set(category.description) == set(category.keywords) == set(LANGUAGES), category.code
    assert {holiday.date.year for holiday in pack.city.holiday} == {2026, 2027}
    assert set(pack.city.name) == set(LANGUAGES)


@pytest.mark.parametrize("code", OURS)
def test_our_districts_meet_without_gap_or_overlap(code: str) -> None:
    outlines = read_outlines(load_pack(code).districts)
    areas = [outline.area for outline in outlines]
    assert len(areas) == DISTRICTS[code]
    assert shapely.coverage_is_valid(areas)
    whole = shapely.union_all(areas)
    assert whole.area == pytest.approx(sum(area.area for area in areas), abs=1e-12)
    assert isinstance(whole, Polygon)
    assert not whole.interiors
    assert all(outline.properties["approximate"] is True for outline in outlines)
    assert all(set(outline.properties["name"]) == set(LANGUAGES) for outline in outlines)


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast of two colours, from 1 to 21."""

    def light(colour: str) -> float:
        parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("code", ["mashhad", "dushanbe"])
def test_a_citys_colours_can_be_read(code: str) -> None:
    tokens = load_pack(code).city.tokens
    light, dark = tokens["light"], tokens["dark"]
    for ground in ("#fbfaf7", "#ffffff", "#f3f1eb", light["primary-soft"]):
        assert contrast(light["primary"], ground) >= 4.5
        assert contrast(light["primary-deep"], ground) >= 4.5
    for ground in ("#0f1615", "#17201e", "#1f2a28", dark["primary-soft"]):
        assert contrast(dark["primary"], ground) >= 4.5
    assert contrast(light["primary"], "#ffffff") >= 4.5
    assert contrast(dark["primary"], dark["on-primary"]) >= 4.5
    for band in ("band", "band-deep"):
        assert contrast(light[band], "#ffffff") >= 4.5
        assert contrast(light[band], light["band-quiet"]) >= 4.5
        assert contrast(dark[band], "#eaf5f3") >= 4.5
        assert contrast(dark[band], dark["band-quiet"]) >= 4.5


@pytest.fixture
def cities(tmp_path: Path) -> Path:
    """A copy of the packs, to spoil."""
    return Path(shutil.copytree(CITIES, tmp_path / "cities"))


def spoil(path: Path, old: str, new: str) -> int:
    """Replace the first `old`; returns its line."""
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return text[: text.index(old)].count("\n") + 1


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("common/categories.toml", "term_days = 5", "term_days = 0", "'pothole'.term_days: Input should be greater"),
        ("common/categories.toml", 'icon = "footprints"', 'icon = "foot"', "'pavement'.icon: Lucide has no 'foot'"),
        ("common/categories.toml", 'department = "water"', 'department = "w"', "'manhole'.department: there is no"),
        ("common/categories.toml", 'group = "clean"', 'group = "dirt"', "'bins'.group: there is no group 'dirt'"),
        ("common/categories.toml", 'code = "bins"', 'code = "pothole"', "needs a code of its own, not 'pothole'"),
        ("common/departments.toml", 'email = "roads@{city}.example"', 'email = "roads"', "'roads'.email: String"),
        ("common/departments.toml", "[[department]]", "[[department]", "this is not TOML"),
        ("casablanca/categories.toml", 'district = "anfa"', 'district = "anf"', "'rule 1'.district: there is no"),
        ("casablanca/categories.toml", "term_days = 3", 'term_dais = 3\ncolour = "red"', "'beach'.colour: Extra"),
        ("casablanca/city.toml", "Africa/Casablanca", "Africa/Casa", "time_zone: Value error, not a time zone"),
        ("casablanca/city.toml", '"saturday", "sunday"', '"caturday"', "weekend"),
        ("casablanca/city.toml", "date = 2026-01-11", 'date = "soon"', "holiday.1.date"),
        ("casablanca/city.toml", "lat = 33.5731", "lat = 133.5", "centre.lat"),
        ("casablanca/demo.toml", 'category = "pothole"', 'category = "hole"', "report 1: there is no category 'hole'"),
        ("casablanca/demo.toml", "lat = 33.5951", "lat = 43.5951", "report 2: lies in no district"),
        ("casablanca/demo.toml", 'by = "visitor"', 'by = "mayor"', "'report 3'.by"),
        ("casablanca/districts.geojson", '"code":"anfa"', '"kode":"anfa"', "feature 1: properties need a code"),
        ("casablanca/districts.geojson", '"type":"FeatureCollection"', '"type":"Map"', "FeatureCollection"),
    ],
)
def test_a_wrong_pack_says_what_and_where(cities: Path, file: str, old: str, new: str, said: str) -> None:
    line = spoil(cities / file, old, new)
    with pytest.raises(PackError) as refused:
        load_pack("casablanca", cities=cities)
    told = next((problem for problem in refused.value.problems if said in problem), None)
    assert told is not None, refused.value.problems
    assert told.startswith(file)
    if "TOML" not in said and file.endswith("s.toml") and "own" not in said and "Extra" not in said:
        assert told.startswith(f"{file}:{line}:")


def test_problems_are_told_all_at_once(cities: Path) -> None:
    spoil(cities / "common/categories.toml", "term_days = 5", "term_days = 0")
    (cities / "casablanca/districts.geojson").unlink()
    (cities / "common/charter.fr.md").unlink()
    with pytest.raises(PackError) as refused:
        load_pack("casablanca", cities=cities)
    assert len(refused.value.problems) == 3


def test_no_such_pack(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="packs here are casablanca, dushanbe, mashhad"):
        load_pack("atlantis")
    with pytest.raises(PackError, match="none"):
        load_pack("casablanca", cities=tmp_path)


def test_a_city_changes_and_removes_what_is_common(cities: Path) -> None:
    path = cities / "casablanca/categories.toml"
    path.write_text(
        path.read_text("utf-8")
        + '\n[[category]]\ncode = "noise"\nremove = true\n\n[[category]]\ncode = "bins"\nterm_days = 2\n',
        "utf-8",
    )
    (cities / "casablanca/charter.fr.md").write_text("Charte de {city}", "utf-8")
    spoil(cities / "casablanca/demo.toml", 'category = "noise"', 'category = "bins"')
    pack = load_pack("casablanca", cities=cities)
    by_code = {category.code: category for category in pack.categories}
    assert "noise" not in by_code
    assert (by_code["bins"].term_days, by_code["bins"].icon) == (2, "trash-2")
    assert pack.charter["fr"] == "Charte de Casablanca"


def test_example_sentences_are_read_and_a_bad_line_is_told(cities: Path) -> None:
    (cities / "common/examples.jsonl").write_text(
        '{"language": "fr", "category": "bins", "text": "la poubelle déborde"}\n\n'
        '{"language": "fr", "category": "channel", "text": "only Dushanbe has channels"}\n',
        "utf-8",
    )
    assert [one.category for one in load_pack("casablanca", cities=cities).examples] == ["bins"]
    assert len(load_pack("dushanbe", cities=cities).examples) == 2
    own = cities / "casablanca/examples.jsonl"
    own.write_text('{"language": "xx", "category": "bins", "text": "full"}\nnot JSON\n', "utf-8")
    with pytest.raises(PackError, match=r"(?s)examples.jsonl:1: language: .*examples.jsonl:2: Invalid JSON"):
        load_pack("casablanca", cities=cities)
    own.write_text('{"language": "fr", "category": "dragons", "text": "du feu"}\n', "utf-8")
    with pytest.raises(PackError, match="there is no category 'dragons'"):
        load_pack("casablanca", cities=cities)


def test_a_missing_language_is_told(cities: Path) -> None:
    path = cities / "dushanbe/categories.toml"
    text = path.read_text("utf-8")
    start = text.index(', tg = "Ҷӯйи')
    path.write_text(text[:start] + text[text.index(" }", start) :], "utf-8")
    with pytest.raises(PackError, match=r"dushanbe/categories.toml:\d+: 'channel'.name: missing in tg"):
        load_pack("dushanbe", cities=cities)


def test_the_citys_own_working_days(monkeypatch: pytest.MonkeyPatch) -> None:
    mashhad, casablanca = load_pack("mashhad").city, load_pack("casablanca").city
    wednesday, tuesday = date(2026, 11, 25), date(2026, 11, 17)
    answers = itertools.chain([mashhad, mashhad], itertools.repeat(casablanca))
    monkeypatch.setattr(city_module, "this_city", lambda: next(answers))
    assert promised_day(wednesday, 1) == date(2026, 11, 28), "Thursday and Friday are free in Mashhad"
    assert working_days_between(wednesday, date(2026, 11, 28)) == 1
    assert promised_day(tuesday, 1) == date(2026, 11, 19), "Independence Day is free in Casablanca"
    assert promised_day(date(2026, 11, 20), 1) == date(2026, 11, 23)


def test_no_key_that_nobody_reads() -> None:
    with pytest.raises(ValueError, match="Extra inputs"):
        CityFile.model_validate({"mayor": "nobody"})


def test_districts_hold_their_known_places() -> None:
    """Landmarks whose district everybody knows, in the outlines' tolerance."""
    landmarks = {
        "casablanca": {
            "sidi-belyout": (33.5950, -7.6187),  # United Nations square
            "anfa": (33.5900, -7.6600),
            "ain-sebaa": (33.6050, -7.5350),  # the zoo
            "ain-chock": (33.5300, -7.6150),
        },
        "mashhad": {"samen": (36.2880, 59.6157)},  # the shrine
        "dushanbe": {"sino": (38.5450, 68.7300)},
    }
    for code, places in landmarks.items():
        outlines = {
            str(outline.properties["code"]): outline
            for outline in read_outlines(json.loads((CITIES / code / "districts.geojson").read_text("utf-8")))
        }
        for district, (lat, lon) in places.items():
            assert outlines[district].holds(lat, lon), (code, district)
