"""A weak line for real: a network namespace behind a pair of TAP devices, joined by a process that lets so many bits a
second through each way, late, and loses some of the packets. As root, on Linux; nothing of it needs the kernel's netem.

TCP's own handshakes, windows and repetitions go over it, which a browser's emulation leaves out.
"""

import contextlib
import fcntl
import heapq
import os
import random
import select
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

SPACE = "meydan-weak"
WITHIN = ["ip", "netns", "exec", SPACE]
SETTLES_SECONDS = 3.0
OUTSIDE, INSIDE = "10.44.0.1", "10.44.0.2"
TUNSETIFF, TAP_WITHOUT_HEADER = 0x400454CA, 0x1002
ETHERNET = 14
QUEUE_SECONDS = 2.0
LONGEST = 2048


@dataclass(frozen=True)
class Line:
    """Bits a second each way, the round trip in seconds, the part of the packets that is lost."""

    bits: float = 40_000
    round_trip: float = 0.6
    loss: float = 0.01


@dataclass
class Way:
    """One direction: when it is free again, and what is under way as (when, number, packet)."""

    line: Line
    into: int
    free: float = 0.0
    sent: int = 0
    under_way: list[tuple[float, int, bytes]] = field(default_factory=list)

    def take(self, packet: bytes, now: float) -> None:
        """A packet comes; a queue that is too long loses its tail, chance loses others, which use the line all the
        same."""
        start = max(now, self.free)
        if start - now > QUEUE_SECONDS:
            return
        self.free = start + (len(packet) - ETHERNET) * 8 / self.line.bits
        if random.random() >= self.line.loss:
            self.sent += 1
            heapq.heappush(self.under_way, (self.free + self.line.round_trip / 2, self.sent, packet))

    def deliver(self, now: float) -> None:
        """Hand on what has arrived by now."""
        while self.under_way and self.under_way[0][0] <= now:
            os.write(self.into, heapq.heappop(self.under_way)[2])


def can_be_weak() -> bool:
    """Whether this machine lets us make one."""
    return os.geteuid() == 0 and Path("/dev/net/tun").exists() and shutil.which("ip") is not None


@contextlib.contextmanager
def weak_line(ports: Sequence[int], line: Line, folder: Path, browser: str) -> Iterator[tuple[str, str]]:
    """Such a line to these ports of this machine's loopback: the path of a wrapper that starts the browser behind it,
    and the flag by which it finds the ports there."""
    taps = [_tap(f"weak{number}") for number in range(2)]
    try:
        _run("ip", "netns", "add", SPACE)
        _run("ip", "link", "set", "weak1", "netns", SPACE)
        _set_up([], "weak0", OUTSIDE)
        _set_up(WITHIN, "weak1", INSIDE)
        _run(*WITHIN, "ip", "link", "set", "lo", "up")
        _run(*WITHIN, "ip", "route", "add", "default", "via", OUTSIDE)
        time.sleep(SETTLES_SECONDS)
        wrapper = folder / "browser-behind-a-weak-line"
        wrapper.write_text(f'#!/bin/sh\nexec ip netns exec {SPACE} "{browser}" "$@"\n')
        wrapper.chmod(0o700)
        relays = [_relay(port) for port in ports]
        command = [sys.executable, "-m", "bench.weak_line", *map(str, (*taps, line.bits, line.round_trip, line.loss))]
        emulator = subprocess.Popen(command, pass_fds=taps)
        try:
            rules = ",".join(f"MAP 127.0.0.1:{port} {OUTSIDE}:{port}" for port in ports)
            yield str(wrapper), f"--host-resolver-rules={rules}"
        finally:
            emulator.terminate()
            emulator.wait()
            for relay in relays:
                relay.close()
    finally:
        for tap in taps:
            os.close(tap)
        subprocess.run(["ip", "netns", "del", SPACE], check=False)


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


def _tap(name: str) -> int:
    handle = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(handle, TUNSETIFF, struct.pack("16sH", name.encode(), TAP_WITHOUT_HEADER))
    os.set_inheritable(handle, True)
    return handle


def _set_up(within: list[str], name: str, address: str) -> None:
    _run(*within, "ip", "address", "add", f"{address}/24", "dev", name)
    _run(*within, "ip", "link", "set", name, "addrgenmode", "none")  # no address of IPv6 comes later
    _run(*within, "ip", "link", "set", name, "mtu", "1400", "up")


def _relay(port: int) -> socket.socket:
    """Hands what comes to the outer end on to the loopback; the weak line is before it."""
    server = socket.create_server((OUTSIDE, port))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _address = server.accept()
                far = socket.create_connection(("127.0.0.1", port))
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=_carry, args=(one, other), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    return server


def _carry(one: socket.socket, other: socket.socket) -> None:
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with contextlib.suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
        other.shutdown(socket.SHUT_WR)


def join(taps: tuple[int, int], line: Line) -> None:
    """Carry packets between both ends until the process is ended."""
    ways = {taps[0]: Way(line, taps[1]), taps[1]: Way(line, taps[0])}
    while True:
        now = time.monotonic()
        due = [way.under_way[0][0] - now for way in ways.values() if way.under_way]
        ready, _writable, _broken = select.select(taps, [], [], max(0.0, min(due, default=1.0)))
        now = time.monotonic()
        for handle in ready:
            ways[handle].take(os.read(handle, LONGEST), now)
        for way in ways.values():
            way.deliver(now)


if __name__ == "__main__":
    first, second, bits, round_trip, loss = sys.argv[1:]
    join((int(first), int(second)), Line(float(bits), float(round_trip), float(loss)))
