"""Whole applications, from the first page to the credential in a wallet, of `bench.identity`: a city of its own with a
million known faces, a registry that is asked over HTTP, the engine that compares, and citizens without browsers.

Citizens, registry and city share the machine; what citizens and registry use of it is printed apart. Pictures are drawn
beforehand: nobody draws them in a real city. An interrupt (Ctrl-C, SIGTERM) ends the applying, and what there is by
then is printed.
"""

import http.client
import json
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from bench import harness
from bench.harness import HOME
from bench.identity_people import MOST_AGAIN, PORTRAIT, Registry, choose_faces, list_people, write_registered
from bench.messenger import FULL_SIZE, Contender, send
from bench.pages import say
from meydan.identity.tests.registry_server import TOKEN
from meydan.kernel.config import config
from meydan.site.portrait_drawings import Pose
from meydan.site.stamps import connection_arguments
from tests.load.filing import Client
from tests.load.holding import Citizen, Window, go_on, take_picture, take_wallet
from tests.long.harness import House, running, wait_for

DONE, CAUGHT = "has a credential", "caught as somebody known"
ENGINE = HOME / "data" / "face"
ONE_IN = 100
"""So many honest ones come for one who has applied before."""
IN_A_DAY = 30_000 / (24 * 3600)
"""Applications in a second, as they came on the model's first day."""
HOURS, VERDICT_SECONDS = 3.0, 30.0
PATIENCE = 300.0
POLL_SECONDS = 5.0
"""As the page that waits asks again (identity/apply.html)."""
TELL_SECONDS = 30.0
MOST_FAILED = 20
"""More than these, or than a twentieth, and it is given up."""
PARTS = ("database", "web", "worker", "gateway")
LEAST_OF_ALONE, MOST_TIMES = 0.85, 2.0
"""What may be lost of the messenger's rate while people apply, and how much slower the list may be."""
LIST, LISTS, PAUSE_SECONDS = "/reports/", 200, 0.05
"""The list is read for ten seconds: three or four apply meanwhile."""
ROUNDS, LOAD_SECONDS = 5, 15.0
BEGUN_SECONDS = 12.0
"""By then four have begun to apply, and the first have their verdict."""
AT_DESK = "An officer looks at your application."
_VERDICTS = """
select extract(epoch from min(given.recorded_at) - taken.recorded_at)::float
  from (select subject, max(recorded_at) recorded_at from kernel_fact where name = 'identity.picture_given'
         group by subject) taken
  join kernel_fact given on given.subject = taken.subject
   and given.name in ('identity.verdict_given', 'identity.sent_to_desk')
 where taken.recorded_at >= %s group by taken.subject, taken.recorded_at"""
_AT_DESK = """
select array_to_string(reasons, ' '), count(*) from identity_application
 where state in ('desk', 'second') and began_at >= %s group by 1"""
_FORGET = """
delete from identity_facerecord where identity_id in (select id from identity_identity where person_id = %s)
returning 1"""
_TRIES = "select coalesce(sum(face_failures), 0) from identity_application where began_at >= %s"


@dataclass
class Crowd:
    """Those who apply, and what became of them. `memory`: the most that the worker was seen to have, in bytes."""

    house: House
    people: list[dict[str, Any]]
    over: threading.Event
    registry: Registry
    ends: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    memory: int = 0

    @property
    def failed(self) -> int:
        """Neither a credential, nor caught."""
        return self.ends.total() - self.ends[DONE] - self.ends[CAUGHT]

    def apply(self, places: range, *, at_once: int, every: float = 0.0) -> None:
        """So many at once; or one after the other begins, each so many seconds after the one before."""
        began, done = time.monotonic(), threading.Event()
        teller = threading.Thread(target=self._tell, args=(len(places), began, done))
        teller.start()
        with ThreadPoolExecutor(at_once) as threads:
            for place in places:
                if every:
                    self.over.wait(max(0.0, began + (place - places.start) * every - time.monotonic()))
                threads.submit(self._apply_once, place)
        self.seconds += time.monotonic() - began
        done.set()
        teller.join()

    def _tell(self, whole: int, began: float, done: threading.Event) -> None:
        """How it goes, until it is done; and whether it should be given up."""
        worker, before = self.house.find("worker")[0].pid, self.ends.total()
        while not done.wait(TELL_SECONDS / 6):
            self.memory = max(self.memory, harness.memory_bytes(worker))
            if self.failed > max(MOST_FAILED, whole // 20):
                self.over.set()
            past, ended = time.monotonic() - began, self.ends.total() - before
            if past // TELL_SECONDS == (past - TELL_SECONDS / 6) // TELL_SECONDS or not ended:
                continue
            left = (whole - ended) * past / ended / 60
            say(f"{past:.0f} s: {ended} of {whole}, {ended / past:.2f} a second, {left:.0f} min left; {self.wrong}")

    @property
    def wrong(self) -> str:
        """What failed, and why, the commonest first."""
        bad = Counter({end: count for end, count in self.ends.items() if end not in (DONE, CAUGHT)})
        return f"{bad.total()} failed" + "".join(f"; {count} {end}" for end, count in bad.most_common(3))

    def _apply_once(self, place: int) -> None:
        if self.over.is_set():
            return
        try:
            end = self._carry_through(place)
        except Exception as error:  # whatever it was, it is one that failed, and is told
            end = f"{type(error).__name__}: {str(error)[:80]}"
        if end:
            self.ends[end] += 1

    def _carry_through(self, place: int) -> str:
        """What became of it; nothing where all was interrupted."""
        one = self.people[place]
        client = Client(self.house.address)
        client.cookies["sessionid"] = one["session"]
        citizen, face = Citizen(Window(client)), one["face"]
        ends = time.monotonic() + PATIENCE
        still = take_picture(face, Pose(), PORTRAIT)
        while (step := go_on(citizen, one["said"], still, by_machine=True, person=face)) != "done":
            if step == "waits":
                if AT_DESK in citizen.window.page:
                    return CAUGHT if one["again"] else "sent to the desk"
                if self.over.wait(POLL_SECONDS):
                    return ""
            if time.monotonic() > ends:
                return "no verdict"
        if one["again"]:
            return "accepted twice"
        if not take_wallet(citizen).request(1):
            return "has no credential"
        if not one["stays"]:
            _ask(self.house, _FORGET, one["person"])
        return DONE


def main() -> None:
    """Measure and print; a file says that all limits were kept."""
    whole, stored, at_once, seconds = map(int, sys.argv[1:])
    over = threading.Event()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    beside = round(seconds * IN_A_DAY / ROUNDS) * ROUNDS
    again = min(MOST_AGAIN, whole // ONE_IN + 1)
    (config().data / "face").symlink_to(ENGINE)
    say("drawing people in all poses")
    faces = choose_faces()
    people = [{**one, "face": faces[one["look"]]} for one in list_people(whole, again, beside)]
    with tempfile.TemporaryDirectory(prefix="meydan-bench-") as folder, _city(Path(folder)) as (house, port):
        _fill(house, stored, people)
        for sign in harness.INTERRUPTS:  # from here on there is something to tell
            signal.signal(sign, lambda _sign, _frame: over.set())
        with _answering(people, port) as registry:
            crowd = Crowd(house, people, over, registry)
            kept = _as_fast_as_it_can(crowd, whole, again, at_once)
            if beside and not over.is_set():
                kept = _beside_the_rest(crowd, range(whole, whole + beside)) and kept
    if kept and not over.is_set():
        (config().data / "kept").touch()


@contextmanager
def _city(folder: Path) -> Iterator[tuple[House, int]]:
    """A city with the engine; and the port where it asks its registry."""
    data, port = folder / "city", harness.free_port()
    data.mkdir(mode=0o711)
    (data / "face").symlink_to(ENGINE)
    registry = f'kind = "http"\nurl = "http://127.0.0.1:{port}/people"\ntoken = "{TOKEN}"\n'
    (data / "meydan.toml").write_text(
        f'rate_limits = false\nfetch_private = ["127.0.0.0/8"]\n[registry]\n{registry}', "utf-8"
    )
    say("starting a city")
    with running(data) as house:
        yield house, port


@contextmanager
def _answering(people: Sequence[dict[str, Any]], port: int) -> Iterator[Registry]:
    with Registry(people, port) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def _fill(house: House, stored: int, people: Sequence[dict[str, Any]]) -> None:
    """The known; and an account and `session` for each who will apply."""
    say(f"{stored:,} known faces, and {len(people):,} who will apply")
    file, registered = house.data / "applicants.jsonl", house.data / "registered.jsonl"
    write_registered(people, registered)
    env = {"MEYDAN_DATA": str(house.data), "DJANGO_SETTINGS_MODULE": "meydan.site.settings"}
    harness.run_in_django("bench.identity_fill", str(stored), str(file), str(registered), env=env, aloud=True)
    with file.open(encoding="utf-8") as lines:
        for one, line in zip(people, lines, strict=True):
            one |= json.loads(line)
    say("waiting until the worker has done all that the accounts caused")
    wait_for(house.is_idle, PATIENCE + len(people), "the worker has done all that the accounts caused")


def _as_fast_as_it_can(crowd: Crowd, whole: int, again: int, at_once: int) -> bool:
    """How many in a second, with some at a time and nothing else to do."""
    say(f"{whole:,} apply, {at_once} at a time; the last {again} have applied before, with other papers")
    began, before = datetime.now(UTC), _spent(crowd)
    crowd.apply(range(whole), at_once=at_once)
    after, ended = _spent(crowd), max(1, crowd.ends.total())
    used = {part: 1000 * (after[part] - before[part]) / ended for part in after}
    rate = (ended - crowd.failed) / crowd.seconds or 1e-9
    apart = used.pop("citizens") + used.pop("registry")
    print(f"\napplications  {crowd.ends.total()} in {crowd.seconds:.0f} s, {rate:.2f} a second: {dict(crowd.ends)}")
    print(f"              CPU of one, ms: {sum(used.values()):.0f} ({_listed(used)}); beside it, of the")
    print(f"              bench's citizens and registry, on the same machine: {apart:.0f}")
    print(f"              the worker's memory, with its children: {crowd.memory / 2**20:.0f} MB at most")
    verdicts, desk, tries = _ask(crowd.house, _VERDICTS, began), _ask(crowd.house, _AT_DESK, began), "0"
    ((tries,),) = _ask(crowd.house, _TRIES, began)
    print(f"              p50, p95 from the pictures to the verdict: {_in_words(verdicts)}; {tries} had to try again")
    print(f"              at the desk, and why: {dict(desk)}")
    known = sum(count for why, count in desk if "duplicate" in why.split())
    return (
        _judge("30,000 of them take", 30_000 / rate / 3600, "h", HOURS)
        & _judge("who apply again and are not caught", again - crowd.ends[CAUGHT], "", 0)
        & _judge("caught, and nobody known", known - crowd.ends[CAUGHT], "", 0)
        & _judge("of the others not whole", whole - again - crowd.ends[DONE], "", 0)
    )


def _beside_the_rest(crowd: Crowd, places: range) -> bool:
    """At the rate of the model's first day, with the messenger under load, and the list of reports read: alone and
    beside them in turns, of which the median counts."""
    house, each = crowd.house, len(places) // ROUNDS
    parts = {name: house.find(name)[0].pid for name in ("gateway", "database")}
    talk = Contender("the city", house.gateway, parts["gateway"], parts["database"], FULL_SIZE, is_started=False)
    began, alone, together = datetime.now(UTC), list[tuple[float, float]](), list[tuple[float, float]]()
    crowd.ends.clear()
    send(talk, 2.0)
    for first in places[::each]:
        alone.append(_rest(house, talk))
        say(f"{each} apply, one every {1 / IN_A_DAY:.1f} s, while the messenger is loaded")
        some = range(first, first + each)
        thread = threading.Thread(target=crowd.apply, args=(some,), kwargs={"at_once": each, "every": 1 / IN_A_DAY})
        thread.start()
        crowd.over.wait(BEGUN_SECONDS)
        together.append(_rest(house, talk))
        thread.join()
        say(f"{alone[-1][0]:.0f} messages a second alone, {together[-1][0]:.0f} beside them; {crowd.wrong}")
        if crowd.over.is_set():
            break
    return _judge_beside(crowd, alone, together, _ask(house, _VERDICTS, began))


def _judge_beside(
    crowd: Crowd, alone: Sequence[tuple[float, float]], together: Sequence[tuple[float, float]], verdicts: Any
) -> bool:
    rates = [statistics.median(rate for rate, _slow in rounds) for rounds in (alone, together)]
    slow = [statistics.median(slow for _rate, slow in rounds) for rounds in (alone, together)]
    print(f"\nbeside        {dict(crowd.ends)}, one every {1 / IN_A_DAY:.1f} s, in {len(alone)} rounds (medians)")
    print(f"              messages a second: {rates[0]:.0f} alone, {rates[1]:.0f} beside applications")
    print(f"              list of reports, p95: {slow[0]:.1f} ms alone, {slow[1]:.1f} ms beside them")
    print(f"              p50, p95 from the pictures to the verdict: {_in_words(verdicts)}")
    return (
        _judge("of the messages are lost", 100 * (1 - rates[1] / rates[0]), "%", 100 * (1 - LEAST_OF_ALONE))
        & _judge("times the list's p95", slow[1] / slow[0], "", MOST_TIMES)
        & _judge("the verdict's p95", _slow(verdicts), "s", VERDICT_SECONDS)
        & _judge("failed", crowd.failed, "", 0)
    )


def _rest(house: House, talk: Contender) -> tuple[float, float]:
    """Messages a second, as `bench messenger` (a) sends them; then ms of the list of reports, p95."""
    rate = send(talk, LOAD_SECONDS).rate
    line, times = http.client.HTTPConnection("127.0.0.1", house.port, timeout=60), []
    for number in range(LISTS):
        began = time.perf_counter()
        line.request("GET", f"{LIST}?n={number}", headers={"Cookie": "made=anew"})
        line.getresponse().read()
        times.append(1000 * (time.perf_counter() - began))
        time.sleep(PAUSE_SECONDS)
    line.close()
    return rate, statistics.quantiles(times, n=20)[-1]


def _spent(crowd: Crowd) -> dict[str, float]:
    """Seconds of CPU so far, of each kind of process, and of what stands for the world outside."""
    city = {part: harness.cpu_seconds(crowd.house.find(part)[0].pid) for part in PARTS}
    return {**city, "citizens": time.process_time() - crowd.registry.spent, "registry": crowd.registry.spent}


def _listed(used: dict[str, float]) -> str:
    return ", ".join(f"{part} {millis:.0f}" for part, millis in used.items())


def _ask(house: House, query: str, value: Any) -> list[Any]:
    with psycopg.connect(**connection_arguments(house.database())) as session:
        return session.execute(query, [value]).fetchall()


def _slow(times: Sequence[tuple[float]]) -> float:
    return statistics.quantiles([one for (one,) in times], n=20)[-1] if len(times) > 1 else float("inf")


def _in_words(times: Sequence[tuple[float]]) -> str:
    return f"{statistics.median(one for (one,) in times):.1f}, {_slow(times):.1f} s" if len(times) > 1 else "none"


def _judge(what: str, measured: float, unit: str, most: float) -> bool:
    print(f"  {what:36}{measured:10.2f} {unit:3}(at most {most:g}): {'kept' if measured <= most else 'NOT KEPT'}")
    return measured <= most


if __name__ == "__main__":
    main()
