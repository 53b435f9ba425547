"""Citizens who apply for their ID, and their wallets, through the doors that they really use and without a browser.

They bear that the city dies in the middle of an answer: what only reads is asked again until it is there; what changes
something raises `OSError`, and whoever does it looks where things stand and goes on from there.
"""

import csv
import io
import json
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlencode, urlsplit

import psycopg
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from meydan.accounts.public import DEMO_APP, DEMO_PASSWORD
from meydan.identity.queries.metadata import PRE_AUTHORIZED
from meydan.identity.tests.holders import Held, make_presentation, make_proof, payload_of
from meydan.identity.tokens.jose import new_key
from meydan.site.portrait_drawings import Pose, draw_portrait
from meydan.site.stamps import connection_arguments
from tests.load.filing import RETRY_SECONDS, Answer, Client, hidden
from tests.long.harness import House, wait_for

PASSWORD = "four words of somebody"
FORM = "application/x-www-form-urlencoded"
APP_SECONDS = 30
"""For so long an authenticator app shows one code."""
MAIL_SECONDS = 30.0
PATIENCE_SECONDS = 120.0
CODE = re.compile(r"([A-Z0-9]+-?[A-Z0-9]+) is your code")
APP_KEY = re.compile(r'<code class="code">([A-Z2-7]{16,})</code>')
RECOVERY_CODE = re.compile(r'<code class="code">(\d{8})</code>')
WALLET = re.compile(r"/id/wallet/([0-9a-f-]{36})/end")
POSES = {
    "left": Pose(turn=0.6),
    "right": Pose(turn=-0.6),
    "tilt_left": Pose(tilt=20),
    "tilt_right": Pose(tilt=-20),
    "closer": Pose(near=1.35),
}
"""How somebody who is drawn does what the challenge asks for."""
Film = Sequence[tuple[int, bytes]]
"""Milliseconds and a JPEG of each frame."""


def ask_again(client: Client, method: str, path: str) -> Answer:
    """What changes nothing, again and again until somebody answers. Raises the last `OSError` when that takes too
    long."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return _well(client.send(method, path))
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(RETRY_SECONDS)


def new_address() -> str:
    """Nobody else of this run has it."""
    return f"{secrets.token_hex(6)}@example.org"


def read_code(house: House, address: str, *, after: int = 0) -> str:
    """The code in the newest letter to somebody, when more letters than `after` have come with one."""
    found: list[str] = []

    def has_come() -> bool:
        found[:] = [code[1] for subject in subjects(house, address) if (code := CODE.match(subject))]
        return len(found) > after

    wait_for(has_come, MAIL_SECONDS, f"a code comes to {address}")
    return found[-1]


def subjects(house: House, address: str) -> list[str]:
    """What the letters to somebody are called, the oldest first."""
    with psycopg.connect(**connection_arguments(house.database())) as session:
        rows = session.execute('select subject from notifications_mail where "to" = %s order by posted_at', [address])
        return [subject for (subject,) in rows.fetchall()]


def app_code(key: str) -> str:
    """What an authenticator app with this key shows now."""
    return str(format_hotp_value(hotp_value(key, int(time.time()) // APP_SECONDS)))


def lasting_code(key: str) -> str:
    """The same, once it still counts for ten seconds, which who types it key by key may need."""
    while time.time() % APP_SECONDS > APP_SECONDS - 10:
        time.sleep(0.2)
    return app_code(key)


@dataclass
class Window:
    """A browser without scripts: the page that it shows, and where that is."""

    client: Client
    page: str = ""
    path: str = ""

    def get(self, path: str) -> str:
        """Go there, wherever it leads."""
        answer = ask_again(self.client, "GET", path)
        while answer.status in (301, 302, 303):
            path = _way(answer)
            answer = ask_again(self.client, "GET", path)
        self.page, self.path = answer.body.decode(), path
        return self.page

    def post(self, path: str, *fields: tuple[str, str], files: Sequence[tuple[str, bytes]] = ()) -> Answer:
        """Send a form of the page. Raises `OSError` where nobody answers, or only that something is broken."""
        token = ("csrfmiddlewaretoken", hidden(self.page, "csrfmiddlewaretoken") or "")
        body, media_type = _multipart([token, *fields], files) if files else (urlencode([token, *fields]), FORM)
        return _well(self.client.send("POST", path, body, media_type))


def _well(answer: Answer) -> Answer:
    if answer.status >= 500:
        raise OSError(f"{answer.status}")
    return answer


def _way(answer: Answer) -> str:
    parts = urlsplit(answer.headers["Location"])
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _multipart(fields: Sequence[tuple[str, str]], files: Sequence[tuple[str, bytes]]) -> tuple[bytes, str]:
    """RFC 7578."""
    border, out = secrets.token_hex(16), io.BytesIO()
    for name, value in fields:
        out.write(f'--{border}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    for name, picture in files:
        head = f'Content-Disposition: form-data; name="{name}"; filename="{name}.jpg"\r\nContent-Type: image/jpeg'
        out.write(f"--{border}\r\n{head}\r\n\r\n".encode() + picture + b"\r\n")
    out.write(f"--{border}--\r\n".encode())
    return out.getvalue(), f"multipart/form-data; boundary={border}"


@dataclass
class Citizen:
    """Somebody with an account and a second proof; `codes`, if there are some, are their recovery codes."""

    window: Window
    address: str = ""
    codes: list[str] = field(default_factory=list)

    def prove(self) -> None:
        """Answer the page that asks for the second proof."""
        self.window.get("/accounts/2fa/reauthenticate/")
        code = self.codes.pop() if self.codes else app_code(DEMO_APP)
        self.window.post("/accounts/2fa/reauthenticate/", ("code", code))

    def open(self, path: str) -> str:
        """A page that wants the proof."""
        self.window.get(path)
        if "/reauthenticate" in self.window.path:
            self.prove()
            self.window.get(path)
        return self.window.page


def open_account(house: House) -> Citizen:
    """Somebody new, with an authenticator app."""
    window, address = Window(Client(house.address)), new_address()
    window.get("/accounts/signup/")
    window.post(
        "/accounts/signup/", ("name", "Somebody"), ("email", address), ("password1", PASSWORD), ("charter", "on")
    )
    window.get("/accounts/confirm-email/")
    window.post("/accounts/confirm-email/", ("code", read_code(house, address)))
    if "/reauthenticate" in (window.get("/accounts/2fa/totp/activate/") and window.path):
        window.post("/accounts/reauthenticate/", ("password", PASSWORD))
        window.get("/accounts/2fa/totp/activate/")
    key = APP_KEY.search(window.page)
    assert key, window.page
    window.post("/accounts/2fa/totp/activate/", ("code", app_code(key[1])))
    codes = RECOVERY_CODE.findall(window.get("/accounts/2fa/recovery-codes/"))
    assert codes, window.page
    return Citizen(window, address, codes)


def sign_in(house: House, name: str) -> Citizen:
    """One of the demo's people, with the demo's authenticator app where they have it."""
    window = Window(Client(house.address))
    window.get("/accounts/login/")
    answer = window.post("/accounts/login/", ("login", name), ("password", DEMO_PASSWORD))
    assert answer.status == 302, answer.body.decode()
    if (way := _way(answer)).startswith("/accounts/2fa/"):
        window.get(way)
        window.post(way, ("code", app_code(DEMO_APP)))
    return Citizen(window)


# Applying


def go_on(citizen: Citizen, said: Mapping[str, str], still: bytes, *, by_machine: bool = False, person: int = 0) -> str:
    """One step further in the application, from where it stands: the step that was taken; "waits" where it is for the
    city to go on, "done" where the account has its identity. With `person` they are filmed, else they send a picture.
    """
    page, post = citizen.open("/id/apply"), citizen.window.post
    if citizen.window.path == "/id/":
        return "done"
    if 'value="begin"' in page:
        post("/id/apply", ("do", "begin"))
        return "begin"
    if 'name="agrees"' in page:
        post("/id/apply", ("do", "consent"), ("agrees", str(by_machine).lower()))
        return "consent"
    if 'name="number"' in page:
        post("/id/apply", ("do", "number"), ("number", said["number"]))
        return "number"
    if 'name="given_name"' in page:
        names = ("given_name", "family_name", "birth_date")
        post("/id/apply", ("do", "document"), *((name, said[name]) for name in names))
        return "document"
    if 'id="selfie"' in page:
        return give_picture(citizen, still, person)
    return "waits"


def give_picture(citizen: Citizen, still: bytes, person: int) -> str:
    """What the camera's page sends, or the form without a camera."""
    nonce, film = ask_for_poses(citizen, person) if person else ("", ())
    times = [("at", str(millis)) for millis, _frame in film]
    files = [("still", still), *(("frames", frame) for _millis, frame in film)]
    answer = citizen.window.post("/id/apply", ("do", "picture"), ("nonce", nonce), *times, files=files)
    assert answer.status == 302, answer.body.decode()
    return "picture"


def ask_for_poses(citizen: Citizen, person: int) -> tuple[str, Film]:
    """A challenge, and the film that answers it: thirteen frames, as the page's camera takes them (camera.js)."""
    answer = _well(citizen.window.client.send("POST", "/api/identity/challenge", "{}", "application/json"))
    assert answer.status == 200, answer.body
    drawn = json.loads(answer.body)
    poses = [Pose(), *(POSES[name] for name in drawn["poses"] for _frame in range(4))]
    return drawn["nonce"], [(place * 720, take_picture(person, pose, 320)) for place, pose in enumerate(poses)]


@cache
def take_picture(person: int, pose: Pose, side: int) -> bytes:
    """Drawn once for all who ask: no real city's people draw."""
    return draw_portrait(person, pose, side=side)


def registered(house: House, line: int) -> dict[str, str]:
    """What the demo's invented registry says of the person in this line, from 1 on."""
    with (house.data / "registry" / "registry.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))[line - 1]


def decide(clerk: Citizen, number: int = -1) -> None:
    """An officer accepts what waits at the desk, the newest where no number is given."""
    key = re.findall(r"/id/desk/[0-9a-f-]{36}", clerk.open("/id/desk"))[number]
    clerk.open(key)
    answer = clerk.window.post(key, ("do", "accept"))
    assert answer.status == 302, answer.body.decode()


# Wallets


@dataclass
class Wallet:
    """A wallet that took an offer up."""

    client: Client
    issuer: str
    access: str
    refresh: str
    transaction: str = ""
    held: list[Held] = field(default_factory=list)

    def request(self, count: int) -> list[Held]:
        """So many credentials, each with a key of its own; none, and `transaction`, where it is deferred. `OSError`:
        whether they were issued nobody knows. `PermissionError`: the tokens no longer count."""
        nonce = json.loads(ask_again(self.client, "POST", "/id/nonce").body)["c_nonce"]
        keys = [new_key() for _key in range(count)]
        proofs = [make_proof(key, nonce=nonce, aud=self.issuer) for key in keys]
        said = self._post("/id/credential", {"credential_configuration_id": "person", "proofs": {"jwt": proofs}})
        if "transaction_id" in said:
            self.transaction = said["transaction_id"]
            return []
        tokens = [one["credential"] for one in said["credentials"]]
        return self._keep([Held(token, key) for token, key in zip(tokens, keys, strict=True)])

    def _keep(self, new: list[Held]) -> list[Held]:
        self.held += new
        return new

    def fetch_deferred(self) -> list[str]:
        """What was deferred; nothing while it still is."""
        said = self._post("/id/deferred", {"transaction_id": self.transaction})
        return [one["credential"] for one in said.get("credentials", [])]

    def renew(self) -> None:
        """Fresh tokens, once: who does not hear the answer has no tokens any more."""
        form = {"grant_type": "refresh_token", "refresh_token": self.refresh}
        said = json.loads(_well(self.client.send("POST", "/id/token", urlencode(form), FORM)).body)
        self.access, self.refresh = said["access_token"], said["refresh_token"]

    def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        answer = _well(self.client.send("POST", path, json.dumps(body), "application/json", bearer=self.access))
        if answer.status in (400, 401):
            raise PermissionError(answer.body.decode())
        found: dict[str, Any] = json.loads(answer.body)
        return found

    def show(self, link: str) -> Answer:
        """Answer a counter's code with what it asks for."""
        at = re.search(r"request_uri=[^&\"]*?(/verify/requests/[\w-]+)", link.replace("%2F", "/"))
        assert at, link
        said = payload_of(_well(self.client.send("GET", at[1])).body.decode())
        names = [one["path"][0] for one in said["dcql_query"]["credentials"][0]["claims"]]
        token = make_presentation(self.held[0], said, names)
        form = {"vp_token": json.dumps({"card": [token]}), "state": said["state"]}
        return _well(self.client.send("POST", urlsplit(said["response_uri"]).path, urlencode(form), FORM))


def open_wallet(citizen: Citizen) -> Wallet | None:
    """Make an offer and take it up; None when something died that was needed for it: make another."""
    citizen.open("/id/wallet")
    answer = citizen.window.post("/id/wallet/offer")
    if answer.status == 302:
        citizen.prove()
        return None
    if answer.status == 409:
        end_wallets(citizen)
        return None
    page = answer.body.decode()
    where, digits = re.search(r'data-offer="([^"]+)"', page), re.search(r'data-digits="(\d+)"', page)
    assert where and digits, page
    client = Client(f"http://{citizen.window.client.host}")
    offer = json.loads(ask_again(client, "GET", urlsplit(where[1]).path).body)
    form = {
        "grant_type": PRE_AUTHORIZED,
        "pre-authorized_code": offer["grants"][PRE_AUTHORIZED]["pre-authorized_code"],
        "tx_code": digits[1],
    }
    tokens = _well(client.send("POST", "/id/token", urlencode(form), FORM))
    if tokens.status != 200:  # the code was used, and the answer lost
        return None
    said = json.loads(tokens.body)
    return Wallet(client, offer["credential_issuer"], said["access_token"], said["refresh_token"])


def take_wallet(citizen: Citizen) -> Wallet:
    """The same where nobody is killed."""
    while (wallet := open_wallet(citizen)) is None:
        continue
    return wallet


def end_wallets(citizen: Citizen) -> None:
    """All of them: what they hold is revoked."""
    for key in WALLET.findall(citizen.open("/id/wallet")):
        citizen.open(f"/id/wallet/{key}/end")
        citizen.window.post(f"/id/wallet/{key}/end")
