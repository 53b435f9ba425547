"""Clients for the tests that speak to a gateway which really runs."""

import json
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import quote, urlencode

import urllib3

PASSWORD = "a long enough password"
SERVER = "localhost"
_numbers = count(1)


@dataclass
class Api:
    """Somebody's device, or nobody's: `call` gives the status and the JSON of the answer."""

    url: str
    token: str = ""
    user_id: str = ""
    device_id: str = ""
    pool: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(maxsize=16, retries=False))

    def call(self, method: str, path: str, body: Any = None, /, **query: Any) -> tuple[int, Any]:
        """A path is written below /_matrix/client/v3/, and is quoted already."""
        address = f"{self.url}/_matrix/client/v3/{path}" + (f"?{urlencode(query)}" if query else "")
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        data = None if body is None else json.dumps(body).encode()
        answer = self.pool.request(method, address, body=data, headers=headers, timeout=60)
        return answer.status, json.loads(answer.data)

    def ok(self, method: str, path: str, body: Any = None, /, **query: Any) -> Any:
        """The JSON of an answer that must be a good one."""
        status, said = self.call(method, path, body, **query)
        assert status == 200, (status, said)
        return said

    def get(self, path: str, /, **query: Any) -> Any:
        return self.ok("GET", path, None, **query)

    def post(self, path: str, body: Any = None, /, **query: Any) -> Any:
        return self.ok("POST", path, {} if body is None else body, **query)

    def put(self, path: str, body: Any, /, **query: Any) -> Any:
        return self.ok("PUT", path, body, **query)

    def refused(self, method: str, path: str, body: Any = None, /, **query: Any) -> tuple[int, str]:
        """The status and the errcode of an answer that must be a refusal."""
        status, said = self.call(method, path, body, **query)
        return status, said["errcode"]

    def sync(self, since: str = "", timeout: int = 0, **query: Any) -> Any:
        return self.get("sync", timeout=timeout, **({"since": since} if since else {}), **query)

    def join(self, room: str) -> None:
        self.post(f"join/{quote(room)}")

    def leave(self, room: str) -> None:
        self.post(f"rooms/{quote(room)}/leave")

    def make_room(self, *members: "Api") -> str:
        """A room that anybody may enter, with these people in it."""
        room: str = self.post("createRoom", {"preset": "public_chat"})["room_id"]
        for member in members:
            member.join(room)
        return room

    def send_to(self, kind: str, messages: Any, txn: str = "") -> None:
        self.put(f"sendToDevice/{kind}/{txn or next(_numbers)}", {"messages": messages})


@dataclass(frozen=True)
class Gateway:
    """One that runs; everybody here is new, so tests do not meet."""

    url: str

    def register(self, name: str = "person") -> Api:
        """A new account and its first device."""
        body = {
            "username": f"{name}{next(_numbers)}",
            "password": PASSWORD,
            "auth": {"type": "m.login.dummy"},
        }
        return self._device(Api(self.url).post("register", body))

    def login(self, user_id: str, device_id: str = "") -> Api:
        """Another device of theirs."""
        body: dict[str, Any] = {"type": "m.login.password", "password": PASSWORD, "identifier": {"user": user_id}}
        return self._device(Api(self.url).post("login", body | ({"device_id": device_id} if device_id else {})))

    def _device(self, said: Any) -> Api:
        return Api(self.url, said["access_token"], said["user_id"], said["device_id"])


def password_of(api: Api, session: str = "") -> dict[str, Any]:
    """What a client proves with, once more, who it is."""
    who = {"type": "m.id.user", "user": api.user_id}
    return {"type": "m.login.password", "identifier": who, "password": PASSWORD, "session": session}
