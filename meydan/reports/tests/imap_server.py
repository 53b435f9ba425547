"""A mail server on loopback that speaks as much IMAP4rev1 as a reader needs, and can be in a bad mood."""

import re
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Stored:
    """A letter in the mailbox."""

    uid: int
    raw: bytes
    flags: set[str] = field(default_factory=set)


class ImapServer(socketserver.ThreadingTCPServer):
    """One mailbox. `mood`: what it does wrong, by name; `spoilt` counts how often it did. "" is a good server."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Session)
        self.letters: list[Stored] = []
        self.mood = ""
        self.spoilt = 0
        self.logins: list[str] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def put(self, raw: bytes) -> Stored:
        """A letter arrives."""
        letter = Stored(len(self.letters) + 1, raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
        self.letters.append(letter)
        return letter

    def flags(self) -> list[set[str]]:
        return [letter.flags for letter in self.letters]


class Session(socketserver.StreamRequestHandler):
    """One connection."""

    def handle(self) -> None:
        self.mine: ImapServer = self.server  # type: ignore[assignment]  # it is the one that made us
        if self._spoils("silent"):
            time.sleep(5)
            return
        self._say("* OK ready")
        while line := self.rfile.readline(10_000):
            tag, _blank, command = line.decode("latin-1").strip().partition(" ")
            if not self._answer(tag, command):
                return

    def _answer(self, tag: str, command: str) -> bool:
        verb = command.partition(" ")[0].upper()
        verb = " ".join(command.upper().split()[:2]) if verb == "UID" else verb
        if self._spoils(f"drops {verb}"):
            return False
        if self._spoils(f"nonsense {verb}"):
            self._say("<html><body>502 Bad Gateway</body></html>")
            return False
        if self._spoils(f"no {verb}"):
            self._say(f"{tag} NO [UNAVAILABLE] not now")
            return True
        if verb == "LOGIN":
            self.mine.logins.append(command)
        getattr(self, f"do_{verb.replace(' ', '_').lower()}", self.do_other)(tag, command)
        return verb != "LOGOUT"

    def _spoils(self, mood: str) -> bool:
        if self.mine.mood != mood:
            return False
        self.mine.spoilt += 1
        return True

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode("latin-1") + b"\r\n")

    def do_other(self, tag: str, command: str) -> None:
        if command.upper().startswith("CAPABILITY"):
            self._say("* CAPABILITY IMAP4rev1")
        if command.upper().startswith("LOGOUT"):
            self._say("* BYE")
        self._say(f"{tag} OK done")

    def do_select(self, tag: str, _command: str) -> None:
        self._say(f"* {len(self.mine.letters)} EXISTS")
        self._say(f"{tag} OK [READ-WRITE] selected")

    def do_uid_search(self, tag: str, _command: str) -> None:
        uids = [str(one.uid) for one in self.mine.letters if not one.flags & {r"\Flagged", r"\Deleted"}]
        twice = uids * 2 if self._spoils("lists twice") else uids
        self._say(f"* SEARCH {' '.join(twice)}")
        self._say(f"{tag} OK done")

    def do_uid_fetch(self, tag: str, command: str) -> None:
        letter = next((one for one in self.mine.letters if str(one.uid) == command.split()[2]), None)
        if letter is not None:
            self._fetch(letter, command)
        self._say(f"{tag} OK done")

    def _fetch(self, letter: Stored, command: str) -> None:
        uid = 999 if self._spoils("wrong uid") else letter.uid
        if "RFC822.SIZE" in command:
            self._say(f"* {letter.uid} FETCH (UID {uid} RFC822.SIZE {len(letter.raw)})")
            return
        raw = letter.raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if "HEADER" in command else letter.raw
        if self._spoils("half"):
            raw = raw[: len(raw) // 3]
        size = 10**11 if self._spoils("huge") else len(raw)
        self.wfile.write(f"* {letter.uid} FETCH (UID {uid} BODY[] {{{size}}}\r\n".encode())
        if self._spoils("breaks off"):
            self.wfile.write(raw[: len(raw) // 2])
            self.connection.close()
            return
        for index in range(0, len(raw), 4096):
            self.wfile.write(raw[index : index + 4096])
        self._say(")")

    def do_uid_store(self, tag: str, command: str) -> None:
        uid = command.split()[2]
        flags = set(re.findall(r"\\\w+", command))
        for letter in self.mine.letters:
            if str(letter.uid) == uid:
                letter.flags |= flags
        self._say(f"{tag} OK done")

    def do_expunge(self, tag: str, _command: str) -> None:
        self.mine.letters = [one for one in self.mine.letters if r"\Deleted" not in one.flags]
        self._say(f"{tag} OK done")


@contextmanager
def imap_server() -> Iterator[ImapServer]:
    """A running server."""
    with ImapServer() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server
        server.shutdown()
