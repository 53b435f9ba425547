"""`kill -9` anywhere in issuance, while citizens apply and their wallets ask for credentials: none is without its entry
in a status list, no entry is given twice, and no application is lost.

Seventy kills, for --long: some minutes.
"""

import json
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest

from meydan.identity.tests.holders import payload_of
from meydan.identity.tokens.jose import Jwk, Jws, PublicKey
from meydan.identity.tokens.sdjwt import open_credential
from meydan.identity.tokens.statuslist import is_revoked
from meydan.site.portrait_drawings import draw_portrait
from meydan.site.stamps import connection_arguments
from tests.load.holding import (
    Citizen,
    Wallet,
    decide,
    go_on,
    open_account,
    open_wallet,
    registered,
    sign_in,
    take_wallet,
)
from tests.long import harness
from tests.long.harness import House, wait_for

pytestmark = pytest.mark.long
KILLS = {"web": 52, "database": 12, "worker": 6}
HEAL_SECONDS, DECIDED_SECONDS = 60.0, 180.0
BATCH, ROUNDS = 7, 3
"""Credentials of a batch, and batches that a wallet asks for before it is left for another."""
WAITS_LINE = 5
"""Of the demo's registry: nobody of the seed. Officers decide about them in the end, after all kills."""
AT_DESK = "An officer is looking"
NOBODY = {"number": "NOBODY77", "given_name": "No", "family_name": "Body", "birth_date": "1990-01-01"}
LIST_SECONDS = 90.0
"""Until a list shows what was revoked: it is built once a minute."""
BREATH_SECONDS = 0.05
PICTURE = draw_portrait(9)
Entry = tuple[int, int]
"""The number of a status list, and the index in it."""
Work = Callable[[], None]


@dataclass
class Notes:
    """What the city said yes to, and what went wrong though nobody was killed for it."""

    tokens: list[str] = field(default_factory=list)
    handed_in: Counter[str] = field(default_factory=Counter)
    lost_answers: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def progress(self) -> int:
        """Grows while things go on."""
        return len(self.tokens) + self.handed_in.total()


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with tempfile.TemporaryDirectory(prefix="meydan-kills-") as folder:
        data = Path(folder) / "city"
        data.mkdir(mode=0o700)
        (data / "meydan.toml").write_text("rate_limits = false\n")  # all have one address
        with harness.running(data) as house:
            yield house


def test_whatever_is_killed_every_credential_has_its_entry_and_every_application_its_end(house: House) -> None:
    notes = Notes()
    waiting = open_account(house)
    deferred = wait_at_desk(house, waiting)
    applicants = [open_account(house) for _one in range(2)]
    works: list[Work] = [partial(hold, sign_in(house, name), notes) for name in ("resident1", "resident2")]
    works += [partial(keep_applying, one, notes) for one in applicants]
    with going_on([*works, partial(ask_for_deferred, deferred, notes)], notes):
        kill_all(house, notes)
    print(f"{len(notes.tokens)} credentials, {notes.handed_in.total()} applications, {notes.lost_answers} answers lost")
    assert not notes.faults, "\n".join(notes.faults)
    check_applications(house, notes, applicants)
    check_deferred(house, deferred, notes)
    check_credentials(house, notes)


def kill_all(house: House, notes: Notes) -> None:
    """Each part as often as it is to be, in any order, at any moment of what the citizens do."""
    dice = random.Random(7)
    order = [part for part, times in KILLS.items() for _time in range(times)]
    dice.shuffle(order)
    healed: dict[str, list[float]] = {part: [] for part in KILLS}
    for part in order:
        before = notes.progress
        assert not notes.faults, "\n".join(notes.faults)
        wait_for(partial(_gets_on, notes, before), HEAL_SECONDS, "people get on")
        time.sleep(dice.random())
        healed[part].append(house.wait_until_well(part, house.kill(part), HEAL_SECONDS))
    for part, seconds in healed.items():
        print(f"\n{part}, killed {len(seconds)} times: well again after at most {max(seconds):.1f} s")


def _gets_on(notes: Notes, before: int) -> bool:
    return notes.progress > before or bool(notes.faults)


@contextmanager
def going_on(works: Sequence[Work], notes: Notes) -> Iterator[None]:
    """Each of these again and again, beside one another, until the block ends."""
    over = threading.Event()

    def keep_on(step: Work) -> None:
        while not over.wait(BREATH_SECONDS) and not notes.faults:
            try:
                step()
            except OSError:  # somebody was killed: look where things stand, and go on from there
                notes.lost_answers += 1
            except Exception as error:
                notes.faults.append(repr(error))

    threads = [threading.Thread(target=keep_on, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def hold(citizen: Citizen, notes: Notes) -> None:
    """An offer, taken up, and some batches."""
    wallet = open_wallet(citizen)
    for _round in range(ROUNDS):
        if wallet is not None:
            notes.tokens += [one.token for one in wallet.request(BATCH)]


def keep_applying(citizen: Citizen, notes: Notes) -> None:
    """A step of an application that the machine sends to the desk, for the registry knows nobody of this number. There
    it is withdrawn, and another one begun."""
    if go_on(citizen, NOBODY, PICTURE) == "picture":
        notes.handed_in[citizen.address] += 1
    withdraw_from_desk(citizen)


def withdraw_from_desk(citizen: Citizen) -> None:
    """Where the machine has decided that people decide."""
    if AT_DESK in citizen.open("/id/apply"):
        citizen.window.post("/id/apply", ("do", "withdraw"))


def wait_at_desk(house: House, citizen: Citizen) -> Wallet:
    """Somebody who has handed their application in, and whose wallet waits for what comes of it."""
    said, still = registered(house, WAITS_LINE), draw_portrait(WAITS_LINE)
    wait_for(lambda: go_on(citizen, said, still) == "waits", HEAL_SECONDS, "handed in")
    wallet = take_wallet(citizen)
    assert wallet.request(BATCH) == [] and wallet.transaction
    return wallet


def ask_for_deferred(wallet: Wallet, notes: Notes) -> None:
    """Nothing comes before the officers have decided."""
    time.sleep(1)
    with suppress(PermissionError):  # its token counts for five minutes
        if wallet.fetch_deferred():
            notes.faults.append("a credential for somebody about whom nobody has decided")


def check_applications(house: House, notes: Notes, applicants: Sequence[Citizen]) -> None:
    """All that was handed in was decided, also where the city died before it could say that it has it."""
    wait_for(lambda: _ask(house, _UNDECIDED) == [(0,)], DECIDED_SECONDS, "every application is decided")
    for one in applicants:
        withdraw_from_desk(one)
        decided, pictures = _ask(house, _DECIDED, one.address)[0]
        assert notes.handed_in[one.address] and decided >= notes.handed_in[one.address]
        assert pictures == 0, "they are gone with the application"


def check_deferred(house: House, wallet: Wallet, notes: Notes) -> None:
    """The officers accept, and what the wallet waited for all the time is there, once."""
    for name in ("clerk1", "clerk2"):
        decide(sign_in(house, name))
    wallet.renew()
    tokens = wallet.fetch_deferred()
    assert len(tokens) == BATCH
    notes.tokens += tokens
    with pytest.raises(PermissionError, match="invalid_transaction_id"):
        wallet.fetch_deferred()


def check_credentials(house: House, notes: Notes) -> None:
    """By what wallets hold, what the database says of it, and what everybody can read in the lists."""
    entries = [read_entry(token, keys_of(house)) for token in notes.tokens]
    assert max(Counter(entries).values()) == 1, "an entry was given twice"
    rows = _ask(house, _ENTRIES)
    kept: dict[Entry, bool] = {(number, index): revoked for number, index, revoked, _wallet in rows}
    assert len(kept) == len(rows)
    assert set(entries) <= set(kept), "a credential without its entry"
    odd = {wallet: count for wallet, count in Counter(str(row[3]) for row in rows).items() if count % BATCH}
    assert not odd, f"a part of a batch: {odd}"
    wait_for(lambda: _lists_say(house, kept), LIST_SECONDS, "the lists say what the database says")
    print(f"{len(rows)} entries, {len(rows) - len(entries)} of them of credentials whose answer was lost")


def keys_of(house: House) -> Mapping[str, PublicKey]:
    """What the city signs with, by name."""
    found = json.loads(house.get("/id/keys.json")[1])["keys"]
    return {one["kid"]: Jwk.read(one).key for one in found}


def read_entry(token: str, keys: Mapping[str, PublicKey]) -> Entry:
    """The entry of a credential that holds. Raises `Broken` for one that does not."""

    def find(jws: Jws) -> PublicKey | None:
        return keys.get(str(jws.header.get("kid")))

    said = open_credential(token, find_key=find, at=int(time.time())).shown.payload["status"]["status_list"]
    return int(said["uri"].rpartition("/")[2]), int(said["idx"])


def _lists_say(house: House, kept: Mapping[Entry, bool]) -> bool:
    numbers = {number for number, _index in kept}
    lists = {number: payload_of(house.get(f"/statuslists/{number}")[1].decode()) for number in numbers}
    return all(is_revoked(lists[number], index) is revoked for (number, index), revoked in kept.items())


_UNDECIDED = "select count(*) from identity_application where state = 'check'"
_DECIDED = """
select count(distinct one.id), count(picture.id) from identity_application one
  join accounts_person person on person.id = one.person_id
  left join identity_evidence picture on picture.application_id = one.id
 where person.email = %s and one.state = 'withdrawn' and 'registry_says_no' = any(one.reasons)"""
_ENTRIES = "select status_list_id, index, revoked_at is not null, wallet_id from identity_credential"


def _ask(house: House, query: str, *values: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(**connection_arguments(house.database())) as session:
        return list(session.execute(query, values).fetchall())
