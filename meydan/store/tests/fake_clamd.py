"""A server on loopback that speaks clamd's INSTREAM as its manual describes it, or misbehaves as it is told."""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
"""The harmless file by which every scanner shows that it works."""
PATIENCE = 30.0
"""Seconds that a bad one lets others wait."""
Talk = Callable[[socket.socket], None]


def take(peer: socket.socket, length: int) -> bytes:
    """So many bytes, or what there is before the other side hangs up."""
    data = b""
    while len(data) < length and (piece := peer.recv(length - len(data))):
        data += piece
    return data


def honest(peer: socket.socket) -> None:
    """Takes the command, the pieces and the end; says what it found."""
    assert take(peer, 10) == b"zINSTREAM\0"
    body = b""
    while length := struct.unpack(">I", take(peer, 4))[0]:
        body += take(peer, length)
    peer.sendall(b"stream: Eicar-Test-Signature FOUND\0" if EICAR in body else b"stream: OK\0")


def introduces_itself(day: str) -> Talk:
    """Says what it is and what day its knowledge is of; scans honestly."""

    def talk(peer: socket.socket) -> None:
        if take(peer, 9) == b"zVERSION\0":
            peer.sendall(f"ClamAV 1.4.6/27800/{day}\0".encode())
            return
        take(peer, 1)
        while length := struct.unpack(">I", take(peer, 4))[0]:
            take(peer, length)
        peer.sendall(b"stream: OK\0")

    return talk


def says(answer: bytes) -> Talk:
    """Takes everything and answers this."""

    def talk(peer: socket.socket) -> None:
        take(peer, 10)
        while length := struct.unpack(">I", take(peer, 4))[0]:
            take(peer, length)
        peer.sendall(answer)

    return talk


def refuses_the_length(peer: socket.socket) -> None:
    """What clamd does when a file is longer than its StreamMaxLength: answers and hangs up in the middle."""
    take(peer, 10 + 4 + 100)
    peer.sendall(b"INSTREAM size limit exceeded. ERROR\0")


def is_silent(peer: socket.socket) -> None:
    """Reads, and never answers."""
    while peer.recv(65536):
        pass
    time.sleep(PATIENCE)


def reads_nothing(peer: socket.socket) -> None:
    """Lets the sender wait until its buffers are full."""
    time.sleep(PATIENCE)


def drips(peer: socket.socket) -> None:
    """Answers one letter at a time, without an end."""
    take(peer, 10)
    for _letter in range(int(PATIENCE * 20)):
        peer.sendall(b"s")
        time.sleep(0.05)


def floods(peer: socket.socket) -> None:
    """Answers more than anybody wants to hear."""
    take(peer, 10)
    while True:
        peer.sendall(b"A" * 65536)


def hangs_up(peer: socket.socket) -> None:
    """Says nothing at all."""


@contextmanager
def clamd(talk: Talk, folder: Path | None = None) -> Iterator[str]:
    """Such a server; its door as settings name it: a socket in `folder`, or a port."""
    if folder is None:
        listener = socket.create_server(("127.0.0.1", 0))
        door = f"127.0.0.1:{listener.getsockname()[1]}"
    else:
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(str(folder / "clamd.ctl"))
        listener.listen()
        door = f"unix:{folder / 'clamd.ctl'}"
    threading.Thread(target=_serve, args=(listener, talk), daemon=True).start()
    try:
        yield door
    finally:
        listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for somebody to call
        listener.close()


def _serve(listener: socket.socket, talk: Talk) -> None:
    while True:
        try:
            peer, _address = listener.accept()
        except OSError:
            return
        threading.Thread(target=_answer, args=(peer, talk), daemon=True).start()


def _answer(peer: socket.socket, talk: Talk) -> None:
    with peer:
        try:
            talk(peer)
        except (OSError, struct.error):
            return
