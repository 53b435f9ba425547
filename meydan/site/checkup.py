"""The checks of `meydan doctor`: each looks at one thing, and says how to mend it."""

import http.client
import importlib
import json
import os
import platform
import resource
import shutil
import ssl
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django
import psycopg

from meydan.kernel.config import bracketed, config
from meydan.site import frontend, seal, stamps
from meydan.site.binaries import DatabaseError, list_binaries
from meydan.site.commands.test import find_browser
from meydan.site.postgres import check_arabic

GOOD, NOTE, BAD = "ok  ", "note", "BAD "
GIGABYTE = 1024**3
LEAST_DISK, LEAST_MEMORY = 2 * GIGABYTE, 1 * GIGABYTE
LEAST_FILES = 4096
MOST_LAG_SECONDS = 60.0
MOST_DRIFT_SECONDS = 5.0
STALE_DAYS = 3
SCANNER_PAGE = "docs/how-to/malware.md"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: `mark` is GOOD, NOTE (works, but) or BAD; `mend` is empty when all is well."""

    mark: str
    what: str
    state: str
    mend: str = ""


def examine() -> list[Finding]:
    """Look at everything; a check that itself fails is a finding."""
    return [_carefully(check) for check in CHECKS]


def _carefully(check: Callable[[], Finding]) -> Finding:
    name = check.__name__.removeprefix("check_").replace("_", " ")
    try:
        return check()
    except (OSError, psycopg.Error, DatabaseError, ValueError) as error:
        return Finding(BAD, name, " ".join(str(error).split()) or type(error).__name__, MENDS.get(name, ""))


def check_python() -> Finding:
    return Finding(GOOD, "python", f"{platform.python_version()}, {sys.executable}")


def check_data_folder() -> Finding:
    """Secrets are for us alone."""
    data = config().data
    if not data.exists():
        return Finding(NOTE, "data folder", f"{data} is not there yet", "`meydan up` makes it")
    open_ones = [path for path in (data, *(data / "secrets").rglob("*")) if path.stat().st_mode & 0o077]
    if open_ones:
        return Finding(BAD, "data folder", "others can read it", f"chmod go= {' '.join(map(str, open_ones))}")
    return Finding(GOOD, "data folder", str(data))


def check_disk() -> Finding:
    place = next(folder for folder in (config().data, *config().data.parents) if folder.exists())
    free = shutil.disk_usage(place).free
    state = f"{free / GIGABYTE:.1f} GB free under {place}"
    if free >= LEAST_DISK:
        return Finding(GOOD, "disk", state)
    return Finding(BAD, "disk", state, "photos and the database need room: 2 GB at the least")


def check_memory() -> Finding:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    state = f"{memory / GIGABYTE:.1f} GB, {os.cpu_count()} cores"
    if memory >= LEAST_MEMORY:
        return Finding(GOOD, "memory", state)
    return Finding(NOTE, "memory", state, "the database and two page processes want 1 GB")


def check_open_files() -> Finding:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    state = f"{soft} at once, at most {hard}"
    if hard == resource.RLIM_INFINITY or hard >= LEAST_FILES:
        return Finding(GOOD, "open files", state)
    return Finding(NOTE, "open files", state, f"raise the hard limit to {LEAST_FILES}: ulimit -Hn, or LimitNOFILE=")


def check_postgres() -> Finding:
    if config().database_url:
        return Finding(GOOD, "postgresql", "MEYDAN_DATABASE_URL")
    found = list_binaries()
    if found:
        return Finding(GOOD, "postgresql", f"{found[0].version}, {found[0].folder}")
    return Finding(BAD, "postgresql", "no binaries", "bin/meydan up installs them; or apt install postgresql")


def check_database() -> Finding:
    with _session() as session:
        row = session.execute("select current_setting('server_version'), current_setting('server_encoding')").fetchone()
    version, encoding = row or ("?", "?")
    if encoding != "UTF8":
        return Finding(
            BAD, "database", f"its encoding is {encoding}", "create it anew: create database ... encoding 'UTF8'"
        )
    return Finding(GOOD, "database", f"answers, PostgreSQL {version}")


def check_search() -> Finding:
    with _session() as session:
        check_arabic(session)
    return Finding(GOOD, "search", "finds Arabic and Cyrillic words")


def check_migrations() -> Finding:
    if stamps.read_stamps().get("schema") == stamps.schema_stamp():
        return Finding(GOOD, "migrations", "the database has this version's shape")
    return Finding(BAD, "migrations", "the database has another version's shape", "bin/meydan migrate, or up")


def check_server() -> Finding:
    told = _ask_health()
    worker = told["worker"]
    if told["status"] != "ok":
        return Finding(BAD, "server", json.dumps(told), "look at the output of `meydan up`")
    if (worker["lag_seconds"] or 0) > MOST_LAG_SECONDS:
        return Finding(
            BAD,
            "server",
            f"jobs wait {worker['lag_seconds']} s",
            "start more: meydan worker on another machine, or --concurrency 8",
        )
    return Finding(GOOD, "server", f"version {told['version']}, jobs wait {worker['lag_seconds']} s")


def check_clock() -> Finding:
    """Passkeys, one-time codes and tokens need a clock that is right; the database's may be another machine's."""
    with _session() as session:
        row = session.execute("select extract(epoch from now())::float").fetchone()
    drift = time.time() - (row[0] if row else 0.0)
    if abs(drift) > MOST_DRIFT_SECONDS:
        return Finding(BAD, "clock", f"{drift:.0f} s away from the database's", "set both clocks (NTP)")
    return Finding(GOOD, "clock", f"{time.strftime('%Y-%m-%d %H:%M:%S')}, {config().time_zone}")


def check_mail() -> Finding:
    smtp = config().smtp
    if smtp:
        return Finding(GOOD, "mail", f"{smtp.sender} by {smtp.host}:{smtp.port}, {smtp.security}")
    if config().demo:
        return Finding(GOOD, "mail", "the demo's letters are at /dev/mail")
    return Finding(BAD, "mail", "nobody can get a code", "set [smtp] host, user, password and sender in meydan.toml")


def check_public_address() -> Finding:
    address = config().base_url
    if config().demo or address.startswith("https:"):
        return Finding(GOOD, "public address", address)
    return Finding(NOTE, "public address", address, "people need https: set base_url, and a reverse proxy before us")


def check_libraries() -> Finding:
    if frontend.is_installed():
        return Finding(GOOD, "libraries", "map and fonts are in place")
    return Finding(NOTE, "libraries", "maps and fonts are not in place", "bin/meydan frontend")


def check_seal() -> Finding:
    if seal.is_installed():
        return Finding(GOOD, "encryption", "messages can be encrypted in the browser")
    return Finding(NOTE, "encryption", "encrypted messages need an app, not the browser", "bin/meydan frontend")


def check_files() -> Finding:
    if stamps.is_static_laid_out():
        return Finding(GOOD, "files", "laid out for browsers")
    return Finding(NOTE, "files", "not laid out, or changed since", "`meydan up` does it at its next start")


def check_malware_scanner() -> Finding:
    """Every package of the store is shown to it; without one the pages say that nobody has looked."""
    door, name = config().clamd, "malware scanner"
    if not door:
        mend = f'name clamd\'s door in meydan.toml, as clamd = "unix:/run/clamav/clamd.ctl": {SCANNER_PAGE}'
        return Finding(NOTE, name, "none: the store says of each package that nobody has looked", mend)
    django.setup(set_prefix=False)
    store = importlib.import_module("meydan.store.public")  # its tables exist only after the set-up
    scanner = store.ask_scanner()
    if scanner is None:
        mend = f"start clamd, and let us reach its socket; until then versions wait for a moderator: {SCANNER_PAGE}"
        return Finding(BAD, name, f"{door} does not answer as clamd does", mend)
    state = f"{scanner.program}, {door}"
    if scanner.knows_until is None or (datetime.now(UTC).date() - scanner.knows_until).days > STALE_DAYS:
        since = f"of {scanner.knows_until}" if scanner.knows_until else "of no known day"
        return Finding(NOTE, name, f"{state}, its knowledge is {since}", "let freshclam run every day")
    if not store.takes_the_largest():
        mend = "raise StreamMaxLength in clamd.conf to the store's largest_mb ([rules.store], 60M by default)"
        return Finding(BAD, name, f"{state}, refuses packages as large as the store takes", mend)
    return Finding(GOOD, name, f"{state}, knows until {scanner.knows_until}")


def check_certificates() -> Finding:
    bundle = ssl.get_default_verify_paths().cafile
    if bundle and Path(bundle).exists():
        return Finding(GOOD, "certificates", bundle)
    return Finding(NOTE, "certificates", "this machine trusts nobody", "apt install ca-certificates")


def check_browser() -> Finding:
    if path := find_browser():
        return Finding(GOOD, "chromium", path)
    return Finding(NOTE, "chromium", "not there; only tests need it", "apt install chromium")


CHECKS = (
    check_python,
    check_data_folder,
    check_disk,
    check_memory,
    check_open_files,
    check_postgres,
    check_database,
    check_search,
    check_migrations,
    check_server,
    check_clock,
    check_mail,
    check_public_address,
    check_libraries,
    check_seal,
    check_files,
    check_malware_scanner,
    check_certificates,
    check_browser,
)
NOT_RUNNING = "is `meydan up` running on this data folder and port? Start it, then ask again"
MENDS = dict.fromkeys(("database", "search", "migrations", "server", "clock"), NOT_RUNNING)


def _session() -> "psycopg.Connection[tuple[Any, ...]]":
    return psycopg.connect(**{**stamps.connection_arguments(config().database()), "connect_timeout": 3})


def _ask_health() -> dict[str, Any]:
    line = http.client.HTTPConnection(bracketed(config().bind).strip("[]"), config().port, timeout=5)
    try:
        line.request("GET", "/health")
        told: dict[str, Any] = json.loads(line.getresponse().read(65536))
    finally:
        line.close()
    return told
