"""`meydan verify`: are the sealed days what they were, and is everything under them?

From outside it needs an address only: `--url`, or days and receipts that were downloaded. On the city's own machine
`--own` looks at every fact. Ends with 0 when all is well, 1 when something is wrong, 2 when it could not look.
"""

import argparse
import importlib
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from pydantic import ValidationError

from meydan.kernel.receipt import MOST_BYTES, Receipt
from meydan.site import witness
from meydan.site.reach import database_at_hand
from meydan.site.supervisor import CannotStart
from meydan.site.witness import CannotCheck, Checked, Folder, Memory, Site, read_file

FINE, WRONG, UNKNOWN = 0, 1, 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--url", metavar="https://CITY", help="check what a city publishes, from outside")
    parser.add_argument("--file", type=Path, metavar="DAY.json", help="check a downloaded day, DAY.leaves beside it")
    parser.add_argument("--receipt", type=Path, metavar="FILE", help="check a receipt against the city's published day")
    parser.add_argument("--own", action="store_true", help="on the city's machine: look at every sealed fact")
    parser.add_argument("--key", action="append", default=[], metavar="KEY", help="the city's public key (base64)")
    parser.add_argument("--from", type=_day, dest="first", metavar="DAY", help="first day, such as 2026-11-21")
    parser.add_argument("--to", type=_day, dest="last", metavar="DAY", help="last day")
    parser.add_argument("--memory", type=Path, metavar="FILE", help="where to keep what was seen, for the next time")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day: write it as 2026-11-21") from None


def run(options: argparse.Namespace) -> int:
    """Choose what to check, and tell."""
    try:
        if options.own:
            return _verify_own(options)
        if options.receipt:
            return _verify_receipt(options)
        if options.file:
            return _verify_file(options)
        if options.url:
            return _verify_city(options)
    except (CannotCheck, CannotStart) as error:
        print(f"meydan: could not check: {error}", file=sys.stderr)
        return UNKNOWN
    print("meydan: say what to check: --url https://CITY, --file DAY.json, --receipt FILE, or --own", file=sys.stderr)
    return UNKNOWN


def _tell(title: str, faults: list[str]) -> None:
    print(f"{'WRONG' if faults else 'ok   '}  {title}", flush=True)
    for fault in faults:
        print(f"       {fault}", flush=True)


def _sum_up(count: int, wrong: int) -> int:
    days = f"{count} day{'' if count == 1 else 's'}"
    if wrong:
        print(
            f"{wrong} of {days} wrong. Keep this output and ask the city; docs/security/seals.md says what it can mean."
        )
        return WRONG
    print(f"All is well: {days} checked." if count else "There is no sealed day to check yet.")
    return FINE


def _verify_own(options: argparse.Namespace) -> int:
    count = wrong = 0
    with database_at_hand():
        days = importlib.import_module("meydan.kernel.recount").recount(
            options.first or date.min, options.last or date.max
        )
        for counted in days:
            _tell(f"{counted.day}  {counted.count} facts", counted.faults)
            count, wrong = count + 1, wrong + bool(counted.faults)
    return _sum_up(count, wrong)


def _verify_file(options: argparse.Namespace) -> int:
    source = Folder(options.file)
    checked = witness.check_document(source, None, options.key)
    if checked.seal and options.file.with_suffix(".leaves").exists():
        checked.faults.extend(witness.check_leaves(source, checked.seal))
    else:
        print(f"Without {options.file.with_suffix('.leaves').name} beside it only its signature is checked.")
    if checked.seal and not options.key:
        print(f"Signed by {checked.seal.key}: compare it with the city's, or give the city's by --key.")
    _tell(_title(options.file.name, checked), checked.faults)
    return _sum_up(1, int(bool(checked.faults)))


def _title(name: str, checked: Checked) -> str:
    return f"{name}  {checked.seal.count} facts  {checked.seal.chain}" if checked.seal else name


def _verify_city(options: argparse.Namespace) -> int:
    site, memory = Site(options.url), Memory.open(options.memory or witness.default_memory())
    keys, seen = memory.of(site.url)
    keys = _trusted(site, [*keys, *options.key])
    heads = site.heads()
    faults = witness.check_list(heads, seen)
    if faults:
        _tell("the list of days", faults)
    first = options.first or max((day for day in seen if day in heads), default=date.min)
    count = wrong = 0
    for day in (day for day in heads if first <= day <= (options.last or date.max)):
        checked = _check_published(site, day, keys, heads)
        _tell(_title(str(day), checked), checked.faults)
        count, wrong = count + 1, wrong + bool(checked.faults)
    if not faults and not wrong:
        memory.keep(site.url, keys, heads)
    return _sum_up(count, wrong or len(faults))


def _check_published(site: Site, day: date, keys: list[str], heads: Mapping[date, str]) -> Checked:
    """A day of the city's list, whole. What is listed and cannot be had is wrong."""
    try:
        checked = witness.check_document(site, day, keys)
        if checked.seal:
            checked.faults.extend(witness.check_link(checked.seal, heads))
            checked.faults.extend(witness.check_leaves(site, checked.seal))
    except CannotCheck as error:
        return Checked(None, [str(error)])
    return checked


def _trusted(site: Site, keys: list[str]) -> list[str]:
    """The keys known before, or given; the first time those that the city itself names."""
    if keys:
        return list(dict.fromkeys(keys))
    keys = site.keys()
    for key in keys:
        print(f"First look at {site.url}: its key is {key}. Compare it with what the city has printed elsewhere.")
    return keys


def _verify_receipt(options: argparse.Namespace) -> int:
    try:
        receipt = Receipt.model_validate_json(read_file(options.receipt, MOST_BYTES))
    except ValidationError as error:
        raise CannotCheck(f"{options.receipt} is no receipt of a seal ({error.error_count()} faults)") from None
    faults = receipt.faults()
    source = Folder(options.file) if options.file else Site(options.url or receipt.city)
    keys = options.key or _keys_of(source, options, receipt)
    published = witness.check_document(source, receipt.seal.day, keys)
    faults += [f"the published day: {fault}" for fault in published.faults]
    if published.seal and published.seal.chain != receipt.seal.chain:
        faults.append("the city publishes another seal for this day than the receipt holds")
    for name, value in receipt.told().items():
        print(f"       {name}: {value}")
    _tell(
        f"receipt of a fact of {receipt.seal.day}, checked against {options.file or options.url or receipt.city}",
        faults,
    )
    return WRONG if faults else FINE


def _printable(value: object) -> str:
    """What a file says, without what would steer the terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in str(value))


def _keys_of(source: witness.Source, options: argparse.Namespace, receipt: Receipt) -> list[str]:
    if not isinstance(source, Site):
        return [receipt.seal.key]
    known, _heads = Memory.open(options.memory or witness.default_memory()).of(source.url)
    return known or _trusted(source, [])
