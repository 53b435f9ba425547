"""A registry behind an address: GET <url>/<number>, answered by a JSON object named as the claims are; `portrait` is
the picture in base64. Nobody is 404 with `{"found": false}`: a proxy's 404 must not turn people away. Everything else
counts as no answer."""

import base64
import binascii
import json
from urllib.parse import quote

from meydan.identity.plugins.registry import MAX_PORTRAIT, QUESTION_SECONDS, Entry, RegistryDown, entry_of
from meydan.kernel.config import Registry
from meydan.kernel.errors import MeydanError
from meydan.kernel.fetch import call

MAX_ANSWER = MAX_PORTRAIT * 4 // 3 + 20_000


class HttpRegistry:
    """Under the guard of `kernel.fetch`: an address in a private network must be listed in `fetch_private`."""

    def __init__(self, settings: Registry) -> None:
        self.name = settings.name
        self._url, self._token = settings.url.rstrip("/"), settings.token

    def look_up(self, number: str) -> Entry | None:
        """As the protocol says."""
        headers = {"Accept": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        try:
            answer = call(
                "GET",
                f"{self._url}/{quote(number, safe='')}",
                body=b"",
                headers=headers,
                max_bytes=MAX_ANSWER,
                timeout=QUESTION_SECONDS,
            )
        except MeydanError as error:
            raise RegistryDown(error.code) from error
        if answer.status not in (200, 404) or not answer.whole:
            raise RegistryDown(f"it answered {answer.status}")
        said, portrait = _read(answer.body)
        if answer.status == 404:
            if said.get("found") is False:
                return None
            raise RegistryDown("it answered 404")
        return entry_of(number, said, portrait)


def _read(body: bytes) -> tuple[dict[str, object], bytes]:
    try:
        said = json.loads(body)
        if not isinstance(said, dict):
            raise RegistryDown("the answer is no object")
        portrait = said.pop("portrait", "") or ""
        return said, base64.b64decode(portrait, validate=True) if isinstance(portrait, str) else b""
    except (ValueError, RecursionError, binascii.Error) as error:
        raise RegistryDown("the answer is not JSON") from error
