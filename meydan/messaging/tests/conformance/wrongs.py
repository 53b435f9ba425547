"""Requests that no client should send, made from right ones: for every address of the gateway's own table."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_from_bytes

from hypothesis import strategies as st

Json = Any
BIG = 2**53
TEXTS = (
    *(
        "",
        " ",
        "\0",
        "a\0b",
        "0",
        "-1",
        "²",
        "٣",
        "9" * 30,
        "9223372036854775808",
        "t²",
        "s²_0_0_0_0",
        "s" + "9_" * 4 + "9",
    ),
    *(
        "t9223372036854775807",
        "s" + "9" * 17 + "_0_0_0_0",
        "o999999999",
        "@",
        "@:",
        "@a:",
        ":",
        "#",
        "#:localhost",
        "!",
    ),
    *(
        "!x:localhost",
        "$",
        "$" + "e" * 43,
        "@a\0:localhost",
        "mxc://",
        "mxc://localhost/../..",
        "../..",
        "%",
        "*",
        "\ufffe",
    ),
    *(
        "\u202e",
        "👩‍👩‍👧" * 40,
        "x" * 256,
        "x" * 70_000,
        "{}",
        "[]",
        "null",
        "true",
        "NaN",
        "m.room.member",
        "m.tag",
        "a/b",
    ),
)
VALUES: tuple[Json, ...] = (
    *(None, True, False, 0, -1, 1.5, BIG, -BIG, 2**63, 2**64, 10**30, 1e300, [], {}, [[]], [{}], {"": {}}, {"a": None}),
    *([None], [1], ["a"], {"a": 1}, {"\0": "\0"}, {"x" * 300: 1}, ["x"] * 300, {"a": {"b": {"c": [{"d": []}]}}}),
)
RAW = (
    *(
        b"{",
        b"[",
        b'"',
        b"nul",
        b"\xff\xfe{}",
        b"\xef\xbb\xbf{}",
        b'{"a":"\xed\xa0\x80"}',
        b'{"a":"\\ud800"}',
        b"[]",
        b"1",
    ),
    *(b'"a"', b"null", b"\0", b"{}x", b"{'a':1}", b'{"a":NaN}', b'{"a":1e999}', b'{"a":-1e999}', b'{"a":1,}', b"{}\0"),
    *(b"[" * 10_000, b'{"a":' * 10_000, b"[" * 10_000 + b"]" * 10_000, b'{"a":' * 10_000 + b"1" + b"}" * 10_000),
    *(
        b'{"a":' * 300 + b"1" + b"}" * 300,
        b'{"' + b"k" * 1_000_000 + b'":1}',
        b'{"a":"\\u0000"}',
        b'{"a":' + b"9" * 5000 + b"}",
    ),
)
DEEP: Json = json.loads("[" * 500 + "]" * 500)
HEADERS: tuple[Mapping[str, str], ...] = (
    *({}, {"content-type": "text/plain"}, {"content-type": "multipart/form-data"}, {"content-type": "é;;="}),
    *(
        {"authorization": "Bearer"},
        {"authorization": "Bearer "},
        {"authorization": "Bearer é"},
        {"authorization": "Basic eDp5"},
    ),
    *(
        {"content-encoding": "gzip"},
        {"range": "bytes=9-1"},
        {"range": "bytes=²-"},
        {"if-none-match": '"'},
        {"accept": "\x01"},
    ),
    *({"origin": "null"}, {"x-forwarded-for": "a\tb"}, {"cookie": "é=;;"}, {"expect": "100-continue"}, {"host": ""}),
)


@dataclass(frozen=True)
class Wrong:
    """A request as it goes over the wire."""

    method: str
    path: str
    body: bytes
    headers: Mapping[str, str]
    signed_in: bool


texts = st.one_of(st.sampled_from(TEXTS), st.text(max_size=8))
values = st.one_of(st.sampled_from(VALUES), texts, st.just(DEEP))


@st.composite
def twisted(draw: st.DrawFn, right: Json) -> Json:
    """A right value with something wrong in one or two places."""
    if draw(st.integers(0, 3)) == 0 or not right or not isinstance(right, dict | list):
        return draw(values)
    keys = list(right) if isinstance(right, dict) else list(range(len(right)))
    key = draw(st.sampled_from(keys))
    changed: Any = dict(right) if isinstance(right, dict) else list(right)
    choice = draw(st.integers(0, 9))
    if choice == 0 and isinstance(changed, dict):
        del changed[key]
    elif choice == 1 and isinstance(changed, dict):
        changed[draw(texts)] = changed.pop(key)
    else:
        changed[key] = draw(twisted(right[key]))
    return changed


@st.composite
def bodies(draw: st.DrawFn, right: Json) -> bytes:
    """As bytes; some are no JSON, some name a key twice."""
    choice = draw(st.integers(0, 11))
    if choice == 0:
        return draw(st.sampled_from(RAW))
    if choice == 1:
        return draw(st.binary(max_size=20))
    value = draw(twisted(right)) if choice < 10 else right
    data = json.dumps(value, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")
    if choice == 2 and isinstance(right, dict) and right:
        key = draw(st.sampled_from(sorted(right)))
        data = b"{%b:%b,%b:%b}" % (json.dumps(key).encode(), data, json.dumps(key).encode(), b"[]")
    return data


def quoted(text: str) -> str:
    """As a part of an address."""
    return quote_from_bytes(text.encode("utf-8", "surrogatepass"), safe="")


spoiled = st.one_of(texts.map(quoted), st.sampled_from(["%ff", "%ed%a0%80", "%00", "%", "%zz"]))


@st.composite
def requests(
    draw: st.DrawFn, method: str, path: str, names: Mapping[str, str], query: Mapping[str, str], right: Json
) -> Wrong:
    """To one address. `names`: what stands rightly in its braces."""
    parts = []
    for part in path.split("/"):
        if not part.startswith("{"):
            parts.append(part)
        elif draw(st.integers(0, 3)):
            parts.append(quoted(names[part[1:-1]]))
        else:
            parts.append(draw(spoiled))
    asked = []
    for name in draw(st.lists(st.sampled_from(sorted(query)), max_size=4)):
        right_one = draw(st.integers(0, 1)) and query[name]
        asked.append(f"{name}={quoted(right_one) if right_one else draw(spoiled)}")
    body = b"" if method == "GET" and draw(st.booleans()) else draw(bodies(right))
    headers = draw(st.sampled_from(HEADERS)) if draw(st.integers(0, 4)) == 0 else {}
    address = "/".join(parts) + ("?" + "&".join(asked) if asked else "")
    return Wrong(method, address[:60_000], body, headers, draw(st.integers(0, 5)) > 0)
