"""Malformed requests, as hypothesis strategies: what people mistype, what programs get wrong, what attackers send.

A request is drawn field by field: some keep a value that is right, so that the others are reached.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote_from_bytes

from hypothesis import strategies as st

NASTY = (
    "",
    " ",
    "\0",
    "\x1b[31m",
    "0",
    "-1",
    "1e400",
    "NaN",
    "Infinity",
    "9" * 30,
    "9223372036854775808",
    "٣",
    "１２",
    "0x10",
    "1.5",
    "true",
    "null",
    "[]",
    "{}",
    "undefined",
    "' or 1=1 --",
    "%' and 1/0 --",
    "%s%s%n",
    "{{7*7}}",
    "${jndi:ldap://x}",
    "<script>alert(1)</script>",
    "]]><x/>",
    "../../../../etc/passwd",
    "file:///etc/passwd",
    "http://169.254.169.254/latest",
    "javascript:alert(1)",
    "a@b",
    "a@b.c\r\nBcc: d@e.f",
    "2026-02-30",
    "2026-11-22T25:61:61Z",
    "0000-00-00",
    "9999-12-31T23:59:59-23:59",
    "0001-01-01T00:00:00+23:59",
    "\u202eتجربة\u200f",
    "\ufeff\ufffe",
    "e" + "\u0301" * 40,
    "👩‍👩‍👧‍👦" * 30,
    "x" * 5000,
    "00000000-0000-0000-0000-000000000000",
    "1,2,3",
    ",,,,",
    "-999,-999,999,999",
)
RAW = (b"\xff\xfe", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"%", b"%zz", b"&&==", b"\x80" * 20)
METHODS = ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW", "HEAD")
KINDS = (
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=utf-8",
    "application/x-www-form-urlencoded; charset=nonsense",
    "multipart/form-data; boundary=frontier",
    "multipart/form-data",
    "multipart/form-data; boundary=" + "b" * 300,
    "application/json",
    "text/xml",
    "",
    "a/b/c; ;;=",
    "é",
)
HEADERS: tuple[dict[str, str], ...] = (
    {},
    {"HTTP_ACCEPT_LANGUAGE": "x" * 600 + ";q=z"},
    {"HTTP_ACCEPT_LANGUAGE": "ar"},
    {"HTTP_ACCEPT": "application/json"},
    {"HTTP_COOKIE": "sessionid=\xff; csrftoken=; language=../../x; =;;"},
    {"HTTP_COOKIE": 'sessionid=abcdef; meydan_cases=1:2:3; messages=[["x"]]'},
    {"HTTP_HOST": "evil.example"},
    {"HTTP_RANGE": "bytes=9-1,-,x"},
    {"HTTP_IF_MODIFIED_SINCE": "yesterday", "HTTP_IF_NONE_MATCH": '"'},
    {"HTTP_X_FORWARDED_FOR": "127.0.0.1\n"},
    {"HTTP_REFERER": "javascript:"},
    {"HTTP_X_REQUESTED_WITH": "XMLHttpRequest"},
    {"CONTENT_LENGTH": "-5"},
    {"CONTENT_LENGTH": "many"},
)


@dataclass(frozen=True)
class Wrong:
    """A request as it goes over the wire; `path` and `query` are percent-encoded."""

    method: str
    path: str
    query: str
    body: bytes
    kind: str
    headers: Mapping[str, str]


wild: st.SearchStrategy[bytes] = st.one_of(
    st.sampled_from([one.encode() for one in NASTY]),
    st.sampled_from(RAW),
    st.text(max_size=12).map(lambda text: text.encode("utf-8", "surrogatepass")),
)


@st.composite
def values(draw: st.DrawFn, fields: Mapping[str, Sequence[str]]) -> list[tuple[str, bytes]]:
    """Some of the fields, a few of them twice or unknown, each right or wild."""
    pairs: list[tuple[str, bytes]] = []
    for name, right in fields.items():
        choice = draw(st.integers(0, 9))
        if choice == 0:
            continue
        pairs.append((name, draw(st.sampled_from(right)).encode() if choice < 6 and right else draw(wild)))
        if choice == 9:
            pairs.append((name + draw(st.sampled_from(("", "[]", "[0][x]", "\0"))), draw(wild)))
    return pairs


def encode_form(pairs: Sequence[tuple[str, bytes]]) -> str:
    """As `application/x-www-form-urlencoded`, whatever the bytes are."""
    return "&".join(f"{quote_from_bytes(name.encode())}={quote_from_bytes(value)}" for name, value in pairs)


def encode_multipart(pairs: Sequence[tuple[str, bytes]]) -> bytes:
    """As `multipart/form-data; boundary=frontier`; the values are not escaped, as a careless client would."""
    parts = [
        b'--frontier\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (n.encode(), v) for n, v in pairs
    ]
    return b"".join(parts) + b"--frontier--\r\n"


@st.composite
def requests(
    draw: st.DrawFn,
    route: Sequence[str | None],
    method: str,
    fields: Mapping[str, Sequence[str]],
    rights: Sequence[str],
) -> Wrong:
    """A malformed request to one address. `route`: its fixed parts, and None for each parameter, right in `rights`."""
    path = "".join(part if part is not None else quote_from_bytes(_segment(draw, rights), safe="") for part in route)
    pairs = draw(values(fields))
    kind = draw(st.integers(0, 19))
    headers = draw(st.sampled_from(HEADERS)) if kind % 4 == 0 else {}
    if kind == 19:
        return Wrong(draw(st.sampled_from(METHODS)), path, "", b"", KINDS[0], headers)
    if method == "GET":
        return Wrong("GET", path, encode_form(pairs), b"", "", headers)
    if kind == 18:
        return Wrong(method, path, encode_form(pairs), draw(wild), draw(st.sampled_from(KINDS)), headers)
    if kind > 14:
        return Wrong(method, path, "", encode_multipart(pairs), KINDS[3], headers)
    return Wrong(method, path, "", encode_form(pairs).encode(), KINDS[0], headers)


def _segment(draw: st.DrawFn, rights: Sequence[str]) -> bytes:
    is_right = draw(st.integers(0, 3)) > 0
    if rights and is_right:
        return draw(st.sampled_from(rights)).encode()
    return draw(wild) or b"x"
