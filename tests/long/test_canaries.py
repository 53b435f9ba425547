"""Somebody goes all the way, from an application to a counter, and what they gave is looked for afterwards: a dump of
the database, the files of the data folder and the logs hold no picture of them, no measure of their face and no claim.

The registry itself is left out: the demo's lies in the data folder, a city's own does not.
"""

import base64
import io
import os
import secrets
import struct
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from meydan.identity.models.presenting import CARD_CLAIMS
from meydan.identity.plugins import face_dlib
from meydan.kernel.imaging import make_small
from meydan.site.portrait_drawings import Pose, draw_portrait
from meydan.site.postgres import run_client
from meydan.site.stamps import connection_arguments
from tests.load.filing import Client
from tests.load.holding import POSES, Citizen, Window, decide, go_on, open_account, sign_in, take_wallet
from tests.long import harness
from tests.long.harness import CHECKOUT, House, wait_for

pytestmark = pytest.mark.long
PERSON = 41
"""Drawn for nobody else."""
SAID = {
    "number": "XQ7700411",
    "given_name": "Quilombera",
    "family_name": "Zhvaneckaya",
    "birth_date": "1983-08-19",
    "sex": "F",
    "nationality": "MAR",
    "address": "77 Rue Zyxomma",
    "portrait": "canary.jpg",
}
CANARIES = ("number", "given_name", "family_name", "birth_date", "address")
STILL = draw_portrait(PERSON, Pose(tilt=3))
SIDE = 640
ENGINE = CHECKOUT / "data" / "face"
"""Where `bin/meydan faces install` has put the engine for this checkout; without it, people compare."""
DECIDED_SECONDS = 120.0
SLICE = 24  # bytes, out of what is no header
NOT_OURS = ("registry", "face")


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with tempfile.TemporaryDirectory(prefix="meydan-canaries-") as folder:
        data = Path(folder) / "city"
        data.mkdir(mode=0o700)
        (data / "meydan.toml").write_text("rate_limits = false\n")  # all have one address
        with harness.running(data) as house:
            register(house)
            if has_engine():
                (data / "face").symlink_to(ENGINE)
            yield house


def has_engine() -> bool:
    return (ENGINE / "stamp").is_file()


def register(house: House) -> None:
    """The registry knows one more."""
    folder = house.data / "registry"
    (folder / "portraits" / SAID["portrait"]).write_bytes(draw_portrait(PERSON))
    with (folder / "registry.csv").open("a", encoding="utf-8") as file:
        file.write(",".join(SAID.values()) + "\n")


def test_nothing_of_a_person_is_left_where_they_have_gone_through(house: House, tmp_path: Path) -> None:
    citizen = open_account(house)
    be_accepted(house, citizen)
    show_everything(house, citizen)
    dump = tmp_path / "dump.sql"
    assert run_client("pg_dump", ["--file", str(dump)], house.database(), house.data) == 0
    house.stop()  # what the database held in memory is on the disk then
    looked_for = {name: forms(SAID[name].encode()) for name in CANARIES}
    looked_for |= {name: [form for one in slices(picture) for form in forms(one)] for name, picture in pictures()}
    measure = measure_of(make_small(io.BytesIO(STILL), SIDE, SIDE, crop=False).body) if has_engine() else ()
    looked_for["measure"], digits = list(floats_of(measure)), digits_of(measure)
    control = forms(citizen.address.encode())
    seen, size = 0, 0
    for path in [dump, house.log, *files(house.data)]:
        with suppress(FileNotFoundError):  # a log of the database that was used up meanwhile
            text = path.read_bytes()
            size += len(text)
            seen += any(form in text for form in control)
            found = [name for name, wanted in looked_for.items() if any(form in text for form in wanted)]
            assert not found, f"{found} in {path}"
            assert not digits or sum(one in text for one in digits) < len(digits) // 2, f"the measure in {path}"
    print(f"\n{size / 1e6:.0f} MB were looked through for {len(looked_for)} canaries; the engine: {has_engine()}")
    assert seen >= 2, "the search finds what is there: the address of the account, in the dump and on the disk"


def be_accepted(house: House, citizen: Citizen) -> None:
    """By the machine, where it can compare faces, else by two officers."""
    wait_for(lambda: _step(citizen) in ("waits", "done"), DECIDED_SECONDS, "handed in")
    wait_for(lambda: _state(house, citizen) in ("desk", "accepted"), DECIDED_SECONDS, "looked at by the machine")
    if _state(house, citizen) == "desk":
        for name in ("clerk1", "clerk2"):
            decide(sign_in(house, name))
    wait_for(lambda: _step(citizen) == "done", DECIDED_SECONDS, "accepted")


def _step(citizen: Citizen) -> str:
    return go_on(citizen, SAID, STILL, by_machine=True, person=PERSON)


def _state(house: House, citizen: Citizen) -> str:
    with psycopg.connect(**connection_arguments(house.database())) as session:
        row = session.execute(_STATE, [citizen.address]).fetchone()
    return str(row[0]) if row else ""


_STATE = """
select one.state from identity_application one join accounts_person person on person.id = one.person_id
 where person.email = %s order by one.began_at desc limit 1"""


def show_everything(house: House, citizen: Citizen) -> None:
    """A relying party sees all claims, and another time has what it knows compared."""
    wallet, code = take_wallet(citizen), f"bank-{secrets.token_hex(4)}"
    assert len(wallet.request(3)) == 3
    counter = open_counter(house, code)
    claims = [("claims", name) for name in CARD_CLAIMS]
    page = ask(counter, ("party", code), ("mode", "claims"), *claims)
    assert wallet.show(page).status == 200
    assert SAID["family_name"] in counter.get(counter.path), "it went all the way"
    typed = ("is_family_name", SAID["family_name"]), ("is_birthdate", SAID["birth_date"])
    page = ask(counter, ("party", code), ("mode", "match"), *typed)
    assert wallet.show(page).status == 200
    assert "It is this person" in counter.get(counter.path)


def open_counter(house: House, code: str) -> Window:
    """An administrator registers a relying party; its counter opens the link."""
    admin = sign_in(house, "admin").window
    admin.get("/verify/parties/new")
    fields = (("code", code), ("name", f"Bank {code}"), ("purpose", "To open an account"), ("level", "light"))
    claims = [("claims", name) for name in CARD_CLAIMS]
    answer = admin.post("/verify/parties/new", *fields, *claims, ("per_day", "100"), ("active", "on"))
    assert answer.status == 302, answer.body.decode()
    admin.get(f"/verify/parties/{code}")
    page = admin.post(f"/verify/parties/{code}/link").body.decode()
    counter = Window(Client(house.address))
    counter.get("/verify/counter/" + page.partition("/verify/counter/")[2].partition('"')[0])
    return counter


def ask(counter: Window, *fields: tuple[str, str]) -> str:
    """The page with the code for the wallet."""
    counter.get("/verify/")
    answer = counter.post("/verify/", *fields)
    assert answer.status == 302, answer.body.decode()
    return counter.get(answer.headers["Location"])


def pictures() -> Iterator[tuple[str, bytes]]:
    """All that was sent of them, as it came and as it was written anew."""
    yield "picture", STILL
    yield "picture, written anew", make_small(io.BytesIO(STILL), SIDE, SIDE, crop=False).body
    yield "portrait, written anew", make_small(io.BytesIO(draw_portrait(PERSON)), SIDE, SIDE, crop=False).body
    for name, pose in {"straight": Pose(), **POSES}.items():
        yield f"frame, {name}", draw_portrait(PERSON, pose, side=320)


def measure_of(picture: bytes) -> tuple[float, ...]:
    """The numbers of the face, as the engine gives them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(face_dlib, "folder", lambda: ENGINE)
        engine = face_dlib.DlibEngine()
        try:
            face = engine.look([picture], measured={0})[0]
        finally:
            engine.stop()
    assert face is not None
    return face.measure


def floats_of(measure: Sequence[float]) -> Iterator[bytes]:
    """How it would lie there unsealed: numbers from three places of it, as floats of both sizes and byte orders."""
    for at in range(10, len(measure), 50):
        for kind in ("<4f", ">4f", "<4d", ">4d"):
            yield from forms(struct.pack(kind, *measure[at : at + 4]))


def digits_of(measure: Sequence[float]) -> list[bytes]:
    """The same as text (JSON, arrays and vectors of a database): six decimals of sixteen numbers. One of them turns up
    by chance; half of them do not."""
    return [f"{abs(number):.12f}"[1:8].encode() for number in measure[::8]]


def slices(picture: bytes) -> list[bytes]:
    """Three pieces of what no two pictures share."""
    return [picture[at : at + SLICE] for at in (len(picture) * part // 8 for part in (4, 5, 7))]


def forms(canary: bytes) -> Sequence[bytes]:
    """As bytes, in hexadecimal, and in base64 wherever it may begin there."""
    encoded = [base64.b64encode(bytes(shift) + canary)[4 if shift else 0 : -4] for shift in range(3)]
    return [canary, canary.hex().encode(), *encoded]


def files(data: Path) -> Iterator[Path]:
    """Every file of the data folder but the registry's and the engine's."""
    for folder, names, found in os.walk(data):
        if Path(folder) == data:
            names[:] = [name for name in names if name not in NOT_OURS]
        yield from (path for name in found if (path := Path(folder, name)).is_file())
