"""`bin/meydan bench repository`: an F-Droid repository of 5,000 applications is built, then one of them changes.

Applications with what real ones have: names and descriptions in three languages, three versions, permissions, an icon,
two screenshots. After a first publication that also writes the pictures, all applications are published again (both
indexes built anew and signed); then one application gets a version, again and again, so that all ten diffs are made.
`--apps` for another number.
"""

import argparse
import hashlib
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from meydan.store.repository import App, Category, Description, Picture, Release, Repository, SigningKey

LIMIT_FULL, LIMIT_CHANGE = 3.0, 0.3
ROUNDS, CHANGES = 3, 21
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
WORDS = (
    "The city's buses, trams and fares: see when the next one comes, plan a way, keep a ticket. Works without a line. "
)
ARABIC = "حافلات المدينة وترامها وأسعارها: متى تأتي التالية، وكيف تصل، واحتفظ بتذكرتك. يعمل دون اتصال. "
PERMISSIONS = ("INTERNET", "ACCESS_NETWORK_STATE", "ACCESS_FINE_LOCATION", "CAMERA", "VIBRATE", "POST_NOTIFICATIONS")
ABOUT = Description(
    names={"en": "The city's applications", "ar": "تطبيقات المدينة"},
    descriptions={"en": "Looked at by the city's moderators."},
    address="https://city.example/fdroid/repo",
    categories=tuple(Category(key=f"c{n}", names={"en": f"Category {n}", "ar": f"صنف {n}"}) for n in range(12)),
)


def main(arguments: list[str] | None = None) -> int:
    """Build, change and print; 1 when a limit is not kept."""
    parser = argparse.ArgumentParser(prog="meydan bench repository", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--apps", type=int, default=5000, metavar="N", help="applications (5000)")
    options = parser.parse_args(arguments)
    key = SigningKey.make("bench")
    apps = [make_app(number) for number in range(options.apps)]
    with tempfile.TemporaryDirectory(prefix="meydan-bench-") as folder:
        repository = Repository(Path(folder), key, ABOUT)
        pictures = timed(repository.publish, apps)
        full = [timed(repository.publish, apps) for _round in range(ROUNDS)]
        newer = [with_release(apps[7], 4 + number) for number in range(CHANGES)]
        changes = [timed(repository.publish_changes, [app]) for app in newer]
        size = (repository.public / "index-v2.json").stat().st_size
    print(f"{options.apps} applications, index-v2.json of {size / 1e6:.1f} MB, key of 4096 bits")
    print(f"the first time, with {3 * options.apps} pictures written: {pictures}")
    return report(("whole index", full, LIMIT_FULL), ("one changed", changes, LIMIT_CHANGE))


@dataclass(frozen=True, order=True)
class Took:
    """Seconds by the clock, and of CPU."""

    clock: float
    cpu: float

    def __str__(self) -> str:
        return f"{self.clock:.3f} s by the clock, {self.cpu:.3f} s of CPU"


def report(*measured: tuple[str, list[Took], float]) -> int:
    """Print each. The median by the clock counts, for it is what the next reader waits; the CPU beside it tells what a
    busy machine added."""
    kept = True
    for name, rounds, limit in measured:
        kept = kept and statistics.median_low(rounds).clock <= limit
        print(f"{name}: {statistics.median_low(rounds)} (the best: {min(rounds)}; limit {limit} s)")
    print("limits kept" if kept else "limits NOT KEPT")
    return 0 if kept else 1


def timed(publish: Callable[[list[App]], object], apps: list[App]) -> Took:
    """What it took; nothing but this process works for it."""
    cpu, clock = time.process_time(), time.perf_counter()
    publish(apps)
    return Took(clock=time.perf_counter() - clock, cpu=time.process_time() - cpu)


def make_app(number: int) -> App:
    """An application like many: 2 kB of texts, three versions."""
    name = f"org.example.app{number}"
    icon, *shots = (Picture.of(f"{kind} of {name}".encode()) for kind in ("icon", "first", "second"))
    return App(
        application_id=name,
        names={"en": f"Application {number}", "fr": f"Appli {number}", "ar": f"تطبيق {number}"},
        summaries={"en": f"Short words on {number}", "fr": f"En bref, {number}", "ar": f"باختصار {number}"},
        descriptions={"en": WORDS * 4, "ar": ARABIC * 4},
        added=BEGIN,
        updated=BEGIN + timedelta(hours=number),
        categories=(f"c{number % 12}",),
        author=f"Developer {number % 700}",
        site=f"https://developer.example/{number}",
        licence="GPL-3.0-or-later",
        icon=icon,
        screenshots={"en": tuple(shots)},
        releases=tuple(make_release(name, code) for code in (1, 2, 3)),
    )


def make_release(name: str, code: int) -> Release:
    """One version."""
    return Release(
        version_code=code,
        version_name=f"1.{code}",
        file_name=f"{name}_{code}.apk",
        sha256=hashlib.sha256(f"{name} {code}".encode()).hexdigest(),
        size=4_000_000 + code,
        added=BEGIN + timedelta(days=code),
        min_sdk=23,
        target_sdk=34,
        signer=hashlib.sha256(name.encode()).hexdigest(),
        permissions=tuple(f"android.permission.{one}" for one in PERMISSIONS),
        whats_new={"en": f"What is new in {code}", "ar": f"الجديد في {code}"},
    )


def with_release(app: App, code: int) -> App:
    """The application with one more version."""
    release = make_release(app.application_id, code)
    return replace(app, releases=(*app.releases, release), updated=release.added)


if __name__ == "__main__":
    sys.exit(main())
