"""The guarded fetcher against servers on loopback that misbehave in every way we know of."""

import gzip
import ipaddress
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from meydan.kernel import fetch as fetch_module
from meydan.kernel.errors import Invalid, TooLarge
from meydan.kernel.fetch import fetch, is_public, sniff

LOOPBACK = ipaddress.ip_network("127.0.0.0/8")
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 100
Talk = Callable[[socket.socket], None]


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator has listed the loopback network."""
    monkeypatch.setattr(fetch_module, "config", lambda: SimpleNamespace(fetch_private=(LOOPBACK,)))


@contextmanager
def server(talk: Talk, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server on a free port that reads one request per connection and then talks as it likes."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                plain, _peer = listener.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(plain,), daemon=True).start()

    def answer(plain: socket.socket) -> None:
        try:
            with tls.wrap_socket(plain, server_side=True) if tls else plain as peer:
                peer.recv(65536)
                talk(peer)
        except OSError:
            return

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def says(*lines: str, body: bytes = b"") -> Talk:
    head = "\r\n".join((*lines, "Connection: close", "", "")).encode()
    return lambda peer: peer.sendall(head + body)


def drips(first: bytes, drop: bytes) -> Talk:
    """Sends `first`, then `drop` again and again, ten times a second, for a minute."""

    def talk(peer: socket.socket) -> None:
        peer.sendall(first)
        for _drop in range(600):
            peer.sendall(drop)
            time.sleep(0.1)

    return talk


def get(port: int, path: str = "/photo", *, max_bytes: int = 100_000, timeout: float = 5) -> fetch_module.Fetched:
    return fetch(f"http://127.0.0.1:{port}{path}", max_bytes=max_bytes, timeout=timeout)


@pytest.mark.usefixtures("listed")
class TestAnswers:
    def test_a_picture(self) -> None:
        with server(says("HTTP/1.1 200 OK", "Content-Type: text/plain", body=PNG)) as port:
            fetched = get(port, "/photo?size=1")
        assert (fetched.body, fetched.media_type) == (PNG, "image/png")
        assert fetched.url.endswith("/photo?size=1")

    def test_chunked_and_gzip(self) -> None:
        packed = gzip.compress(b"<?xml version='1.0'?><a/>")
        body = f"{len(packed):x}\r\n".encode() + packed + b"\r\n0\r\n\r\n"
        with server(says("HTTP/1.1 200 OK", "Content-Encoding: gzip", "Transfer-Encoding: chunked", body=body)) as port:
            assert get(port).media_type == "application/xml"

    def test_redirects_are_followed_three_times(self) -> None:
        with (
            server(says("HTTP/1.1 200 OK", body=b"here")) as goal,
            server(says("HTTP/1.1 302 Found", f"Location: http://127.0.0.1:{goal}/")) as port,
        ):
            assert get(port).body == b"here"

    def test_round_and_round(self) -> None:
        with server(says("HTTP/1.1 302 Found", "Location: /again")) as port, pytest.raises(Invalid) as refused:
            get(port)
        assert refused.value.code == "too_many_redirects"

    @pytest.mark.parametrize(
        "location", ["http://10.0.0.1/", "http://[::1]/", "file:///etc/passwd", "http://a:b@127.0.0.1/", "//:80"]
    )
    def test_redirects_are_vetted_like_the_first_address(self, location: str) -> None:
        with server(says("HTTP/1.1 302 Found", f"Location: {location}")) as port, pytest.raises(Invalid) as refused:
            get(port)
        assert refused.value.code == "bad_address"

    @pytest.mark.parametrize("status", ["404 Not Found", "500 Oh", "204 Nothing", "206 Part"])
    def test_other_answers(self, status: str) -> None:
        with server(says(f"HTTP/1.1 {status}")) as port, pytest.raises(Invalid, match=status[:3]):
            get(port)

    @pytest.mark.parametrize(
        "talk",
        [
            lambda peer: None,
            lambda peer: peer.sendall(b"\x16\x03\x01 not http at all"),
            says("HTTP/1.1 200 OK", "Content-Length: 999", body=b"short"),
            says("HTTP/1.1 200 OK", "Content-Encoding: gzip", body=b"no gzip"),
            says("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", body=b"zz\r\n"),
            says("HTTP/1.1 200 OK", *(f"X-{number}: y" for number in range(500))),
            says("HTTP/1.1 200 OK", "X: " + "y" * 100_000),
        ],
        ids=["nothing", "noise", "short", "no gzip", "bad chunk", "many headers", "long header"],
    )
    def test_broken_answers(self, talk: Talk) -> None:
        with server(talk) as port, pytest.raises(Invalid) as refused:
            get(port)
        assert refused.value.code == "fetch_failed"

    def test_nobody_listens(self) -> None:
        with server(says("")) as port:
            pass
        with pytest.raises(Invalid) as refused:
            get(port)
        assert refused.value.code == "fetch_failed"


@pytest.mark.usefixtures("listed")
class TestBounds:
    def test_more_bytes_than_announced_or_not(self) -> None:
        for head in (["Content-Length: 200000"], []):
            with server(says("HTTP/1.1 200 OK", *head, body=b"x" * 200_000)) as port, pytest.raises(TooLarge):
                get(port)

    def test_a_gzip_bomb_stops_at_the_bound(self) -> None:
        bomb = gzip.compress(bytes(200_000_000), 1)
        start = time.monotonic()
        with server(says("HTTP/1.1 200 OK", "Content-Encoding: gzip", body=bomb)) as port, pytest.raises(TooLarge):
            get(port)
        assert time.monotonic() - start < 2

    @pytest.mark.parametrize(
        ("first", "drop"),
        [
            (b"", b"H"),
            (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
            (b"HTTP/1.1 200 OK\r\nX: ", b"y"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b"x"),
            (b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"x"),
        ],
        ids=["status", "headers", "header", "body", "endless", "chunks", "chunk line"],
    )
    def test_slow_drips_end_at_the_deadline(self, first: bytes, drop: bytes) -> None:
        start = time.monotonic()
        with server(drips(first, drop)) as port, pytest.raises(Invalid) as refused:
            get(port, timeout=0.6)
        assert refused.value.code == "fetch_slow"
        assert time.monotonic() - start < 1.5

    def test_a_server_that_is_silent(self) -> None:
        with server(lambda peer: time.sleep(5)) as port, pytest.raises(Invalid) as refused:
            get(port, timeout=0.4)
        assert refused.value.code == "fetch_slow"

    def test_a_name_that_resolves_slowly(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(fetch_module, "_resolve", lambda host, port: time.sleep(1))
        with pytest.raises(Invalid) as refused:
            fetch("http://slow.example/", max_bytes=9, timeout=0.2)
        assert refused.value.code == "fetch_slow"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "photo.jpg",
        "ftp://example.org/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://",
        "http://user:secret@example.org/",
        "http://user@example.org/",
        "http://exa mple.org/",
        "http://example.org/\r\nX: y",
        "http://example.org:99999/",
        "http://example.org:0/",
        "http://example.org:x/",
        "http://[::1",
        "http://example.org/" + "x" * 3000,
        "http://пример.example/",
        "http://127.0.0.1/",
        "http://127.0.0.1:22/",
        "http://localhost/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0/",
        "http://10.1.2.3/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[fe80::1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://224.0.0.1/",
        "http://1.1.1.1:22/",
    ],
)
def test_addresses_that_are_not_asked(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        fetch(url, max_bytes=10, timeout=2)
    assert refused.value.code in {"bad_address", "fetch_failed"}


@pytest.mark.parametrize(
    ("text", "public"),
    [
        ("1.1.1.1", True),
        ("2606:4700::1111", True),
        ("::ffff:1.1.1.1", True),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::101:101", True),
        ("64:ff9b::a00:1", False),
        ("2002:a00:1::", False),
        ("100.64.0.1", False),
        ("0.0.0.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("ff02::1", False),
        ("fc00::1", False),
        ("::", False),
        ("192.168.1.1", False),
    ],
)
def test_is_public(text: str, public: bool) -> None:
    assert is_public(ipaddress.ip_address(text)) is public


@pytest.mark.usefixtures("listed")
def test_a_name_that_changes_its_mind_gains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the name is resolved once, and the connection goes where the vetted answer said."""
    answers = iter([[ipaddress.ip_address("127.0.0.1")], [ipaddress.ip_address("10.0.0.1")]])
    monkeypatch.setattr(fetch_module, "_resolve", lambda host, port: next(answers))
    with server(says("HTTP/1.1 200 OK", body=b"vetted")) as port:
        assert fetch(f"http://photos.example:{port}/", max_bytes=99).body == b"vetted"
        with pytest.raises(Invalid):
            fetch(f"http://photos.example:{port}/", max_bytes=99)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for photos.example, signed by itself."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    key = ["-newkey", "rsa:2048", "-nodes", "-keyout", str(path), "-out", f"{path}.crt", "-days", "2"]
    name = ["-subj", "/CN=photos.example", "-addext", "subjectAltName=DNS:photos.example"]
    subprocess.run(["openssl", "req", "-x509", *key, *name], check=True, capture_output=True)
    path.write_bytes(path.read_bytes() + Path(f"{path}.crt").read_bytes())
    return path


@pytest.mark.usefixtures("listed")
def test_tls_asks_for_the_name_not_for_the_number(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch_module, "_resolve", lambda host, port: [ipaddress.ip_address("127.0.0.1")])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    names: list[str | None] = []
    context.sni_callback = lambda peer, name, _context: names.append(name)
    with server(says("HTTP/1.1 200 OK", body=b"sealed"), context) as port:
        with pytest.raises(Invalid):
            fetch(f"https://photos.example:{port}/", max_bytes=99)
        monkeypatch.setenv("SSL_CERT_FILE", f"{certificate}.crt")
        assert fetch(f"https://photos.example:{port}/", max_bytes=99).body == b"sealed"
        with pytest.raises(Invalid):
            fetch(f"https://other.example:{port}/", max_bytes=99)
    assert "photos.example" in names


def test_sniff() -> None:
    assert sniff(b"RIFF\0\0\0\0WEBPVP8 ", "") == "image/webp"
    assert sniff(b"\xef\xbb\xbf  <!DOCTYPE HTML>", "image/png") == "text/html"
    assert sniff(b"hello", "Text/Plain; charset=utf-8") == "text/plain"
    assert sniff(b"", "") == "application/octet-stream"
