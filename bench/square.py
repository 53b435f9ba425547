"""`bin/meydan bench square`: the store with 100,000 entries in five languages, beside a Wagtail site with the same.

A city is filled by COPY (bench/square_fill.py) into a database of its own, with production settings, a plain Wagtail
site with the same entries into another one of the same server; or both are found as an earlier run with `--keep` left
them. Pages are asked for with a cookie, so that each is made anew, from one granian each, in turns; details are 2,000
different entries, each with five versions and a dozen reviews, so that no memory of pages or rows helps. Searches and
suggestions go through the same web server, one client, never the same page twice within a round.
"""

import argparse
import contextlib
import http.client
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from bench import harness
from bench.harness import HOME, BenchError
from bench.pages import Contender, Reading, database, measure, say, start, wagtail
from bench.square_words import KINDS, RARE, STEMS, is_well_known, vocabulary
from meydan.site.postgres import Server

LIST_MS, DETAIL_MS, TIMES_WAGTAIL = 2.0, 2.5, 3.0
SEARCH_P50, SEARCH_P95, SUGGEST_P50 = 15.0, 60.0, 10.0
ANEW = {"Cookie": "made=anew"}
MOST_PATHS = 2_000
ASKED = 300
SETTINGS = {"MEYDAN_RATE_LIMITS": "off", "DJANGO_SETTINGS_MODULE": "meydan.site.settings"}


@dataclass(frozen=True)
class Question:
    """A kind of search: the words that are asked for in turns, by which door, and its limits in ms."""

    name: str
    words: Sequence[str]
    path: Callable[[str, int], str]
    p50: float = SEARCH_P50
    p95: float = SEARCH_P95
    times: list[float] = field(default_factory=list)


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; 1 when a limit is not kept."""
    parser = argparse.ArgumentParser(prog="meydan bench square", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--entries", type=int, default=100_000, help="in the store (default 100000)")
    parser.add_argument("--seconds", type=float, default=2.0, help="of each round (default 2)")
    parser.add_argument("--rounds", type=int, default=5, help="of each reading, in turns (default 5)")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep the filled city there, or find it there")
    parser.add_argument("--without-wagtail", action="store_true", help="leave out the peer that must be downloaded")
    options = parser.parse_args(arguments)
    try:
        with _folder(options.keep) as folder, database(folder) as server:
            prepare(folder, server, options.entries, with_wagtail=not options.without_wagtail)
            return bench(folder, options)
    except BenchError as error:
        print(f"meydan bench square: {error}", file=sys.stderr)
        return 2


@contextlib.contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    with contextlib.ExitStack() as stack:
        folder = kept or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="meydan-bench-")))
        folder.mkdir(exist_ok=True, parents=True)
        folder.chmod(0o711)
        yield folder.resolve()


def prepare(folder: Path, server: Server, entries: int, *, with_wagtail: bool) -> None:
    """Fill what is not filled yet."""
    ours, lines = {**SETTINGS, "MEYDAN_DATA": str(folder)}, folder / "entries.jsonl"
    harness.run([sys.executable, "-m", "meydan.site.cli", "migrate"], env=ours)
    if _is_new(folder / "filled", entries):
        say(f"filling the store with {entries:,} entries")
        harness.run_in_django("bench.square_fill", str(entries), str(lines), env=ours, aloud=True)
        (folder / "filled").write_text(str(entries))
    if with_wagtail and _is_new(folder / "filled-wagtail", entries):
        say("filling Wagtail with the same")
        with server.connect("postgres") as connection:
            connection.execute("drop database if exists wagtail")
            connection.execute("create database wagtail owner meydan")
        site = wagtail(folder)
        for command in (["migrate", "--verbosity", "0"], ["stock", str(lines)]):
            harness.run_aloud([str(site.python), "-m", "django", *command], folder=site.folder, env=site.env)
        (folder / "filled-wagtail").write_text(str(entries))


def _is_new(stamp: Path, entries: int) -> bool:
    """Whether it must be filled still. BenchError where it is filled with another number."""
    if not stamp.exists():
        return True
    if stamp.read_text() != str(entries):
        raise BenchError(f"{stamp.parent} holds {stamp.read_text()} entries, not {entries}: take another folder")
    return False


def bench(folder: Path, options: argparse.Namespace) -> int:
    """Serve all, measure, print."""
    env = {**SETTINGS, "MEYDAN_DATA": str(folder)}
    ours = Contender(Path(sys.executable), "meydan.site.wsgi:application_of_child", HOME, env, "/apps/")
    known = [number for number in range(options.entries) if is_well_known(number)]
    slugs = [f"/apps/bench-{number}" for number in random.Random(7).sample(known, min(len(known), MOST_PATHS))]
    readings = [
        Reading("list", ours, ANEW),
        Reading("list, narrowed or sorted", ours, ANEW, _lists()),
        Reading("list, as visitors get it", ours),
        Reading("detail", ours, ANEW, slugs),
        Reading("detail, as visitors get it", ours, {}, slugs),
    ]
    if not options.without_wagtail:
        site = wagtail(folder, "/apps/")
        readings += [
            Reading("Wagtail, list", site),
            Reading("Wagtail, detail", site, {}, [f"{slug}/" for slug in slugs]),
        ]
    questions = _questions(random.Random(1311))
    with contextlib.ExitStack() as stack:
        for one in readings:
            start(one, stack)
        ask_all(ours, questions)
        measure(readings, options.seconds, options.rounds)
    return report({one.name: one for one in readings}, questions)


def _lists() -> list[str]:
    """Lists as people narrow them, with the parts that follow."""
    sorts = ("trend", "new", "downloads")
    values = {"trend": "0.01_1050000", "new": "2026-01-01T10:00:00%2B00:00_1050000", "downloads": "5_1050000"}
    parts = [f"sort={sort}{after}" for sort in sorts for after in ("", f"&after={values[sort]}")]
    narrow = ["", *(f"kind={kind}&" for kind in KINDS), *(f"language={language}&" for language in STEMS)]
    return [f"/apps/?{how}{part}" for how in narrow for part in parts]


def _questions(dice: random.Random) -> list[Question]:
    """Frequent and rare words of all languages, alone and together, mistyped, and as one types them."""
    frequent = [word for words in STEMS.values() for word in words.split()]
    middle = [word for language in STEMS for word in vocabulary(language)[15:75]]
    rare = [vocabulary(language)[dice.randrange(1000, RARE)] for language in STEMS for _each in range(60)]
    pairs = [" ".join(dice.sample(words.split(), 2)) for words in STEMS.values() for _each in range(60)]
    mixed = [
        f"{dice.choice(STEMS[la].split())} {vocabulary(la)[dice.randrange(20, 400)]}" for la in STEMS for _ in "x" * 60
    ]
    mistyped = [word[:-2] + word[-1] for word in frequent if len(word) > 5]
    typed = [word[:length] for word in frequent for length in (1, 2, 3, 4)]
    return [
        Question("one frequent word", frequent, _search),
        Question("one word of the middle", middle, _search),
        Question("one rare word", rare, _search),
        Question("two frequent words", pairs, _search),
        Question("a frequent and a rarer word", mixed, _search),
        Question("a mistyped word", mistyped, _search),
        Question("a word that nobody wrote", [f"qzx{number}w" for number in range(300)], _search),
        Question("suggestions", typed, _suggest, SUGGEST_P50),
    ]


def _search(words: str, number: int) -> str:
    return f"/apps/?q={quote(words)}&n={number}"


def _suggest(words: str, number: int) -> str:
    return f"/api/apps/suggest?q={quote(words)}&n={number}"


def ask_all(contender: Contender, questions: Sequence[Question]) -> None:
    """Each question so many times, with one client, after a round that warms up."""
    line = http.client.HTTPConnection("127.0.0.1", contender.port, timeout=60)
    for question in questions:
        say(f"asking: {question.name}")
        for is_warm in (False, True):
            question.times.clear()
            for number in range(ASKED if is_warm else ASKED // 3):
                words = question.words[number % len(question.words)]
                question.times.append(_ask(line, question.path(words, number)))
    line.close()


def _ask(line: http.client.HTTPConnection, path: str) -> float:
    began = time.perf_counter()
    line.request("GET", path, headers={**harness.AS_A_BROWSER, **ANEW})
    answer = line.getresponse()
    answer.read()
    if answer.status != 200:
        raise BenchError(f"{path} answered {answer.status}")
    return 1000 * (time.perf_counter() - began)


def report(readings: dict[str, Reading], questions: Sequence[Question]) -> int:
    """Print the tables and the verdict."""
    limits = {"list": LIST_MS, "list, narrowed or sorted": LIST_MS, "detail": DETAIL_MS}
    kept = []
    print(f"\n{'page':28}{'CPU ms/request':>16}{'best':>8}{'limit':>8}{'req/s':>8}")
    for name, one in readings.items():
        limit = limits.get(name)
        line = f"{name:28}{one.cpu_ms:16.2f}{one.best_ms:8.2f}{limit or '':>8}{one.per_second:8.0f}"
        kept.append(limit is None or one.cpu_ms <= limit)
        print(line if limit is None else f"{line}  {_word(kept[-1])}")
    for page in ("list", "detail") if "Wagtail, list" in readings else ():
        times = readings[page].per_second / readings[f"Wagtail, {page}"].per_second
        kept.append(times >= TIMES_WAGTAIL)
        print(f"{f'{page}: requests/s, times':28}{times:16.1f}{'':8}{TIMES_WAGTAIL:8.1f}{'':8}  {_word(kept[-1])}")
    print(f"\n{'search, through the web':28}{'p50 ms':>16}{'p95 ms':>8}{'limits':>12}")
    for question in questions:
        median, slow = statistics.median(question.times), statistics.quantiles(question.times, n=20)[-1]
        kept.append(median <= question.p50 and slow <= question.p95)
        bounds = f"{question.p50:.0f}, {question.p95:.0f}"
        print(f"{question.name:28}{median:16.1f}{slow:8.1f}{bounds:>12}  {_word(kept[-1])}")
    print(f"\nlimits: {_word(all(kept))}")
    return 0 if all(kept) else 1


def _word(kept: bool) -> str:
    return "kept" if kept else "NOT KEPT"


if __name__ == "__main__":
    sys.exit(main())
