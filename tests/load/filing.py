"""Citizens and programs that file reports without pause, through the doors that they really use, and note which ones
the city acknowledged. What stands in the notes must still be there whatever was killed meanwhile.
"""

import http.client
import itertools
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

CATEGORY = "pothole"
PAUSE_SECONDS = 0.05
RETRY_SECONDS = 0.25
WATCH_SECONDS = 0.5
TIMEOUT_SECONDS = 15.0
_serial = itertools.count(1)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: bytes
    headers: http.client.HTTPMessage


@dataclass
class Notes:
    """What the city said yes to, by door; and what was tried."""

    acknowledged: dict[str, list[int]] = field(default_factory=dict)
    tried: int = 0
    failed: int = 0

    @property
    def numbers(self) -> list[int]:
        return [number for numbers in self.acknowledged.values() for number in numbers]


class Client:
    """One connection after the other to one address, with cookies. Raises `OSError` while nobody listens."""

    def __init__(self, address: str) -> None:
        self.host = urlsplit(address).netloc
        self.cookies: dict[str, str] = {}

    def send(self, method: str, path: str, body: str | bytes = "", media_type: str = "", *, bearer: str = "") -> Answer:
        line = http.client.HTTPConnection(self.host, timeout=TIMEOUT_SECONDS)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if bearer:
            headers["Authorization"] = f"Bearer {bearer}"
        if media_type:
            headers["Content-Type"] = media_type
        try:
            line.request(method, path, (body.encode() if isinstance(body, str) else body) or None, headers)
            answer = line.getresponse()
            for cookie in answer.headers.get_all("Set-Cookie") or []:
                name, _, value = cookie.partition(";")[0].strip().partition("=")
                self.cookies[name] = value
            return Answer(answer.status, answer.read(), answer.headers)
        except http.client.HTTPException as error:  # the server died in the middle of its answer
            raise OSError(str(error)) from error
        finally:
            line.close()


Door = Callable[[Client, str], int | None]
"""Files one report; its number, or None when the city did not say yes. May raise `OSError`."""


def fill_in_the_form(client: Client, words: str) -> int | None:
    """The page's form, as a browser without JavaScript sends it; sent again, with its own token, until it is taken."""
    page = client.send("GET", "/reports/new")
    fields = {
        name: value
        for name in ("csrfmiddlewaretoken", "form_token")
        if (value := hidden(page.body.decode(), name)) is not None
    }
    if page.status != 200 or len(fields) != 2:
        return None
    fields |= {"category": CATEGORY, "description": words, "address": "12, Zellaqa street"}
    return _insist(lambda: _number_in_location(_post_form(client, fields)))


def hidden(page: str, name: str) -> str | None:
    """What a hidden field of a page's form holds."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    return found[1] if found else None


def _post_form(client: Client, fields: Mapping[str, str]) -> Answer:
    return client.send("POST", "/reports/new", urlencode(fields), "application/x-www-form-urlencoded")


def _number_in_location(answer: Answer) -> int | None:
    found = re.fullmatch(r"/reports/(\d+)\?done=sent", answer.headers.get("Location") or "")
    return int(found[1]) if found else None


def _insist(once: Callable[[], int | None]) -> int | None:
    """What a draft that was kept offline does: it is sent until the answer has come."""
    for _attempt in range(40):
        try:
            number = once()
        except OSError:
            number = None
        if number is not None:
            return number
        threading.Event().wait(RETRY_SECONDS)
    return None


def call_the_json_door(client: Client, words: str) -> int | None:
    """A program of the city's own, which repeats itself with the same token."""
    body = {"category": CATEGORY, "description": words, "address": "Zellaqa", "form_token": str(uuid4())}

    def once() -> int | None:
        answer = client.send("POST", "/api/reports", json.dumps(body), "application/json")
        return int(json.loads(answer.body)["number"]) if answer.status == 201 else None

    return _insist(once)


def call_open311(client: Client, words: str) -> int | None:
    """A program that speaks GeoReport v2, which knows no tokens: it says it once."""
    fields = {"api_key": "demo", "service_code": CATEGORY, "description": words, "address_string": "Zellaqa"}
    answer = client.send("POST", "/open311/v2/requests.json", urlencode(fields), "application/x-www-form-urlencoded")
    return int(json.loads(answer.body)[0]["service_request_id"]) if answer.status in (200, 201) else None


DOORS: Mapping[str, Door] = {"form": fill_in_the_form, "json": call_the_json_door, "open311": call_open311}


@contextmanager
def filing(address: str, *, crowd: int = 1, is_too_much: Callable[[], bool] = lambda: False) -> Iterator[Notes]:
    """`crowd` clients at each door, until the block ends. They rest while it `is_too_much`, which is asked twice a
    second: so they file as much as this machine can follow up, be it quick or slow."""
    notes, over, resting = Notes({name: [] for name in DOORS}), threading.Event(), threading.Event()

    def watch() -> None:
        while not over.wait(WATCH_SECONDS):
            resting.set() if is_too_much() else resting.clear()

    def work(name: str, door: Door) -> None:
        while not over.wait(PAUSE_SECONDS):
            if resting.is_set():
                continue
            notes.tried += 1
            try:
                number = door(Client(address), f"Hole {next(_serial)} filed by {name}")
            except (OSError, ValueError):
                number = None
                over.wait(RETRY_SECONDS)
            if number is None:
                notes.failed += 1
            else:
                notes.acknowledged[name].append(number)

    threads = [threading.Thread(target=work, args=one) for one in DOORS.items() for _one in range(crowd)]
    threads.append(threading.Thread(target=watch))
    for thread in threads:
        thread.start()
    try:
        yield notes
    finally:
        over.set()
        for thread in threads:
            thread.join()
