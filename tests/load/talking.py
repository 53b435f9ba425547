"""People who talk in a room of the messenger without pause, as a client does that keeps to the spec: what is not
answered is sent again under its transaction id, and a sync that broke is asked again from the same token.
"""

import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any
from urllib.parse import quote

PAUSE_SECONDS = 0.02
RETRY_SECONDS = 0.1
TIMEOUT_SECONDS = 15.0
BASE = "/_matrix/client/v3"
PASSWORD = "a-long-made-up-word"


class Client:
    """Somebody signed in; one connection, opened anew when it breaks."""

    def __init__(self, host: str, port: int, name: str) -> None:
        self.host, self.port, self.name = host, port, name
        self.token = ""
        self.line: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and JSON. Raises OSError while nobody answers."""
        if self.line is None:
            self.line = http.client.HTTPConnection(self.host, self.port, timeout=TIMEOUT_SECONDS)
        try:
            headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
            self.line.request(method, path, None if body is None else json.dumps(body), headers)
            answer = self.line.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            raise OSError(str(error)) from error

    def close(self) -> None:
        """Hang up."""
        if self.line is not None:
            self.line.close()
            self.line = None

    def insist(self, method: str, path: str, body: Any = None, until: float = 60.0) -> Any:
        """Until it is done, as the spec says: again after a broken line, a 429 or a 5xx."""
        ends = time.monotonic() + until
        while True:
            try:
                status, said = self.ask(method, path, body)
                if status == 200:
                    return said
                if status < 500 and status != 429:
                    raise AssertionError(f"{method} {path}: {status} {said}")
            except OSError:
                pass
            if time.monotonic() > ends:
                raise TimeoutError(f"{method} {path} is not answered")
            time.sleep(RETRY_SECONDS)

    def register(self) -> None:
        """A new account, signed in."""
        body = {"username": self.name, "password": PASSWORD, "auth": {"type": "m.login.dummy"}}
        self.token = self.insist("POST", f"{BASE}/register", body)["access_token"]


@dataclass
class Talk:
    """What was acknowledged, by the text that was sent; what a listener was told, in its order; the longest silence."""

    room: str
    sent: dict[str, str] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    last_at: float = 0.0
    silence: float = 0.0  # the longest between two words of one speaker
    faults: list[str] = field(default_factory=list)


@contextmanager
def talking(host: str, port: int, speakers: int) -> Iterator[Talk]:
    """So many people talk in one room, and one more listens, until the block ends and all is heard."""
    talk_name = token_hex(4)  # several talk in one city, one after the other
    people = [Client(host, port, f"speaker{number}-{talk_name}") for number in range(speakers)]
    listener = Client(host, port, f"listener-{talk_name}")
    for one in (*people, listener):
        one.register()
    room = people[0].insist("POST", f"{BASE}/createRoom", {"preset": "public_chat"})["room_id"]
    for one in (*people[1:], listener):
        one.insist("POST", f"{BASE}/join/{quote(room)}", {})
    since = listener.insist("GET", f"{BASE}/sync")["next_batch"]
    talk, over, silent = Talk(room), threading.Event(), threading.Event()
    threads = [threading.Thread(target=_speak, args=(one, talk, over)) for one in people]
    ear = threading.Thread(target=_listen, args=(listener, talk, since, silent))
    for thread in (*threads, ear):
        thread.start()
    try:
        yield talk
    finally:
        over.set()
        for thread in threads:
            thread.join(90)
        time.sleep(2)
        silent.set()
        ear.join(60)


def _speak(client: Client, talk: Talk, over: threading.Event) -> None:
    number, last_at = 0, time.monotonic()
    while not over.is_set():
        number += 1
        text = f"{client.name} {number}"
        path = f"{BASE}/rooms/{quote(talk.room)}/send/m.room.message/t{number}"
        try:
            talk.sent[text] = client.insist("PUT", path, {"msgtype": "m.text", "body": text})["event_id"]
        except (AssertionError, TimeoutError) as error:
            talk.faults.append(str(error))
            return
        now = time.monotonic()
        talk.silence, talk.last_at, last_at = max(talk.silence, now - last_at), now, now
        time.sleep(PAUSE_SECONDS)
    client.close()


def _listen(client: Client, talk: Talk, since: str, silent: threading.Event) -> None:
    wide = quote('{"room":{"timeline":{"limit":100}}}')
    while not silent.is_set():
        said = client.insist("GET", f"{BASE}/sync?timeout=1000&since={since}&filter={wide}")
        since = said["next_batch"]
        timeline = said.get("rooms", {}).get("join", {}).get(talk.room, {}).get("timeline", {})
        if timeline.get("limited"):
            talk.faults.append("the listener fell behind: a gap")
        talk.heard += [one["event_id"] for one in timeline.get("events", []) if one["type"] == "m.room.message"]
    client.close()
