"""Looking at a city's seals from outside: with nothing but its address, and what was seen there the last time.

Needs no database and no settings. What it saw it keeps in a small file, so that a past that was rewritten shows.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

import urllib3
from pydantic import ValidationError

from meydan.kernel import merkle
from meydan.kernel.statement import NOTHING_BEFORE, Published

MOST_DOCUMENT = 20_000
MOST_LIST = 8_000_000
"""Bytes: some three hundred years of days."""
MOST_MEMORY = 64_000_000
TIMEOUT = urllib3.Timeout(connect=10, read=60)
HEADS = re.compile(rb"(?:\d{4}-\d\d-\d\d [0-9a-f]{64}\n)*")
ONE_DAY = timedelta(days=1)


class CannotCheck(Exception):
    """What is needed could not be had; the message says what and why. It is no verdict about the city."""


class Source(Protocol):
    """Where sealed days come from."""

    def document(self, day: date) -> bytes:
        """`<day>.json`. CannotCheck when it is not to be had."""

    def leaves(self, day: date, size: int) -> Iterator[bytes]:
        """`<day>.leaves` in pieces, at most one byte more than `size`."""


class Site:
    """A city on the network. Its address is the one that its pages have."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        if not self.url.startswith(("http://", "https://")):
            raise CannotCheck(f"{url} is no address: write https://city.example")
        self.pool = urllib3.PoolManager(timeout=TIMEOUT, retries=urllib3.Retry(2, redirect=2, backoff_factor=0.5))

    def __str__(self) -> str:
        return self.url

    def document(self, day: date) -> bytes:
        return self.read(f"{day}.json", MOST_DOCUMENT)

    def leaves(self, day: date, size: int) -> Iterator[bytes]:
        return self._pieces(f"{day}.leaves", size)

    def heads(self) -> dict[date, str]:
        """Every day with its chain hash, by the city's own list."""
        return read_heads(self.read("heads.txt", MOST_LIST))

    def keys(self) -> list[str]:
        """The public keys that the city says it signs with."""
        try:
            return [str(one["key"]) for one in json.loads(self.read("key.json", MOST_DOCUMENT))["keys"]]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise CannotCheck(f"{self.url}/seals/key.json is not what it should be") from error

    def read(self, name: str, most: int) -> bytes:
        """One file of `/seals/`, whole. CannotCheck when it is longer than `most` bytes."""
        body = b"".join(self._pieces(name, most))
        if len(body) > most:
            raise CannotCheck(f"{self.url}/seals/{name} is longer than {most} bytes")
        return body

    def _pieces(self, name: str, most: int) -> Iterator[bytes]:
        address, read = f"{self.url}/seals/{name}", 0
        try:
            answer = self.pool.request("GET", address, preload_content=False)
            if answer.status != 200:
                raise CannotCheck(f"{address} answered {answer.status}")
            while read <= most and (piece := answer.read(min(merkle.BLOCK * merkle.HASH_BYTES, most + 1 - read))):
                read += len(piece)
                yield piece
            answer.close()
        except urllib3.exceptions.HTTPError as error:
            raise CannotCheck(f"{address}: {error}") from error


class Folder:
    """Days that were downloaded before: `<day>.json`, and `<day>.leaves` beside it."""

    def __init__(self, document: Path) -> None:
        self.path = document

    def __str__(self) -> str:
        return self.path.name

    def document(self, day: date) -> bytes:
        return read_file(self.path, MOST_DOCUMENT)

    def leaves(self, day: date, size: int) -> Iterator[bytes]:
        yield read_file(self.path.with_suffix(".leaves"), size + 1)


def read_file(path: Path, most: int) -> bytes:
    """A file of at most `most` bytes, or its beginning where it is longer. CannotCheck when it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(most + 1)
    except OSError as error:
        raise CannotCheck(f"{path}: {error.strerror}") from error


def read_heads(body: bytes) -> dict[date, str]:
    """The lines of `heads.txt`."""
    if not HEADS.fullmatch(body):
        raise CannotCheck("seals/heads.txt is not what it should be: a day and a hash in each line")
    try:
        return {date.fromisoformat(day): chain for day, chain in (line.split() for line in body.decode().splitlines())}
    except ValueError as error:
        raise CannotCheck(f"seals/heads.txt: {error}") from error


@dataclass
class Memory:
    """What was seen of each city: the keys that were trusted, and every day's chain hash."""

    path: Path
    cities: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def open(cls, path: Path) -> "Memory":
        """What the file says; empty where there is none yet."""
        if not path.exists():
            return cls(path)
        try:
            return cls(path, dict(json.loads(read_file(path, MOST_MEMORY))))
        except (ValueError, RecursionError) as error:
            raise CannotCheck(f"{path} cannot be read; name another by --memory") from error

    def of(self, url: str) -> tuple[list[str], dict[date, str]]:
        """Keys and heads seen at this address."""
        known = self.cities.get(url, {})
        heads = {date.fromisoformat(day): str(chain) for day, chain in known.get("heads", {}).items()}
        return list(known.get("keys", [])), heads

    def keep(self, url: str, keys: list[str], heads: Mapping[date, str]) -> None:
        """Remember; the file is replaced whole."""
        self.cities[url] = {"keys": keys, "heads": {str(day): chain for day, chain in sorted(heads.items())}}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        draft.write_text(json.dumps(self.cities, indent=1), "utf-8")
        draft.replace(self.path)


def default_memory() -> Path:
    """Where programs keep what they remember (XDG base directories)."""
    home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(home) / "meydan" / "seals.json"


@dataclass
class Checked:
    """One day as it was found: what it says, and what is wrong with it."""

    seal: Published | None
    faults: list[str]


def check_document(source: Source, day: date | None, keys: list[str]) -> Checked:
    """A day's document by itself: its hash, and its signature by one of these keys, or by its own where there are
    none. `day` is None for a document that is read whatever its day."""
    try:
        seal = Published.model_validate_json(source.document(day or date.min))
    except ValidationError as error:
        places = {".".join(str(part) for part in one["loc"]) or "the whole" for one in error.errors()}
        return Checked(None, [f"its document is not what it should be: {', '.join(sorted(places))}"])
    faults = seal.faults()
    if day is not None and seal.day != day:
        faults.append(f"its document is of {seal.day}")
    if keys and seal.key not in keys:
        faults.append(f"it is signed by the key {seal.key}, which is not known: if the city announced it, give --key")
    return Checked(seal, faults)


def check_leaves(source: Source, seal: Published) -> list[str]:
    """That the day's leaves are as many as it says, and make its root; block by block."""
    size = seal.count * merkle.HASH_BYTES
    roots, rest, count = [], b"", 0
    for piece in source.leaves(seal.day, size):
        rest += piece
        count += len(piece)
        whole = len(rest) - len(rest) % (merkle.BLOCK * merkle.HASH_BYTES)
        roots += [merkle.root_of(merkle.split(block)) for block in _blocks(rest[:whole])]
        rest = rest[whole:]
    if rest:
        roots.append(merkle.root_of(merkle.split(rest)))
    if count != size:
        return [f"it seals {seal.count} facts, and its leaves are {count} bytes instead of {size}"]
    is_root = merkle.root_of(roots).hex() == seal.root
    return [] if is_root else ["its leaves do not make its root"]


def _blocks(leaves: bytes) -> Iterator[bytes]:
    size = merkle.BLOCK * merkle.HASH_BYTES
    yield from (leaves[start : start + size] for start in range(0, len(leaves), size))


def check_list(heads: Mapping[date, str], seen: Mapping[date, str]) -> list[str]:
    """The city's list of days against what was seen before, and without a gap."""
    faults = [f"{day}: was sealed when last seen, and is gone" for day in sorted(seen.keys() - heads.keys())]
    changed = sorted(day for day in seen.keys() & heads.keys() if seen[day] != heads[day])
    if changed:
        faults.append(
            f"{changed[0]}: the past was rewritten: this day's chain hash was {seen[changed[0]]} when last seen, and is"
            f" {heads[changed[0]]} now" + (f" ({len(changed)} days differ)" if len(changed) > 1 else "")
        )
    days = list(heads)
    faults += [f"{day}: is not the day after {before}" for before, day in pairwise(days) if day - before != ONE_DAY]
    return faults


def check_link(seal: Published, heads: Mapping[date, str]) -> list[str]:
    """A day against the city's list: that it is the one listed, and follows the one listed before it."""
    faults = []
    if heads.get(seal.day) != seal.chain:
        faults.append("the list of days names another chain hash for it")
    if seal.previous != heads.get(seal.day - ONE_DAY, NOTHING_BEFORE):
        faults.append("the chain is broken: it does not follow the day before")
    return faults
