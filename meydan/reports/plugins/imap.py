"""The city's mailbox, read by IMAP4rev1 (RFC 3501): each letter is taken, and flagged or deleted only once that is
committed. Whatever the server does, a letter stays in the mailbox until it was taken; one that comes again is known by
its Message-ID."""

import imaplib
import logging
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from meydan.kernel.config import Imap, config
from meydan.kernel.errors import MeydanError
from meydan.kernel.fetch import Watchdog
from meydan.reports.actions.letters import take_letter
from meydan.reports.plugins.letters import MAX_BYTES, MAX_HEAD, read_letter, too_large

SECONDS = 120
"""For one round, whatever the server does."""
TIMEOUT = 30
LETTERS_A_ROUND = 50
BROKEN = (imaplib.IMAP4.error, OSError, ValueError, LookupError)
_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,12})")
_UID = re.compile(rb"\bUID (\d{1,12})")
log = logging.getLogger(__name__)


class _Bounded:
    """No answer of the server may take more memory than a letter."""

    def read(self, size: int) -> bytes:
        if size > MAX_BYTES + MAX_HEAD:
            raise imaplib.IMAP4.abort(f"a literal of {size} bytes")
        return bytes(super().read(size))  # type: ignore[misc]  # imaplib's own

    def readline(self) -> bytes:
        return bytes(super().readline())  # type: ignore[misc]  # bounded by imaplib itself, at a million


class _Plain(_Bounded, imaplib.IMAP4):
    pass


class _Tls(_Bounded, imaplib.IMAP4_SSL):
    pass


def read_mailbox() -> int:
    """One round: take what is new, at most LETTERS_A_ROUND letters; returns how many. Without a mailbox: none. Raises
    nothing of the server's: what was not taken is there the next time."""
    mailbox = config().imap
    if mailbox is None:
        return 0
    taken = 0
    try:
        with _opened(mailbox) as box:
            for uid in _new_letters(box)[:LETTERS_A_ROUND]:
                taken += _take(box, uid, mailbox)
            if mailbox.delete:
                box.expunge()
    except BROKEN as error:
        log.warning("the mailbox of %s did not answer as it should: %s", mailbox.host, error)
    return taken


@contextmanager
def _opened(mailbox: Imap) -> Iterator[imaplib.IMAP4]:
    """The selected folder; closed when the time is up, however slowly the server drips."""
    watchdog = Watchdog(SECONDS)
    box: imaplib.IMAP4 | None = None
    try:
        box = _connect(mailbox, watchdog)
        box.login(mailbox.user, mailbox.password)
        status, _count = box.select(f'"{mailbox.folder}"')
        if status != "OK":
            raise imaplib.IMAP4.error(f"there is no folder {mailbox.folder}")
        yield box
    finally:
        if box is not None:
            with suppress(*BROKEN):
                box.logout()
            with suppress(*BROKEN):
                box.shutdown()  # what logout does only when it is answered
        watchdog.stop()


def _connect(mailbox: Imap, watchdog: Watchdog) -> imaplib.IMAP4:
    context = ssl.create_default_context()
    if mailbox.security == "tls":
        box: imaplib.IMAP4 = _Tls(mailbox.host, mailbox.port, ssl_context=context, timeout=TIMEOUT)
    else:
        box = _Plain(mailbox.host, mailbox.port, timeout=TIMEOUT)
    guarded: socket.socket = box.socket()
    watchdog.guard(guarded)
    if mailbox.security == "starttls":
        box.starttls(ssl_context=context)
    return box


def _new_letters(box: imaplib.IMAP4) -> list[bytes]:
    """What nobody has flagged. Reading a letter flags nothing, so a clerk may look into the mailbox."""
    status, found = box.uid("SEARCH", "UNFLAGGED UNDELETED")
    if status != "OK" or not found or not isinstance(found[0], bytes):
        raise imaplib.IMAP4.error("no answer to SEARCH")
    return [uid for uid in found[0].split() if uid.isdigit()]


def _take(box: imaplib.IMAP4, uid: bytes, mailbox: Imap) -> int:
    """One letter: 1 when it was taken now. One that cannot be taken now stays, and the others go on; so does one of
    which the server gave less than half of the size that it told (they estimate, but not so badly)."""
    size = _size_of(box, uid)
    if size is None:
        return 0
    raw = _fetch(box, uid, "BODY.PEEK[]" if size <= MAX_BYTES else "BODY.PEEK[HEADER]")
    if raw is None or (size <= MAX_BYTES and 2 * len(raw) < size):
        return 0
    try:
        letter = take_letter(read_letter(raw) if size <= MAX_BYTES else too_large(raw))
    except MeydanError as error:
        log.warning("a letter waits in the mailbox: %s", error)
        return 0
    is_kept = letter is None or bool(letter.refusal) or not mailbox.delete
    box.uid("STORE", uid.decode(), "+FLAGS.SILENT", r"(\Flagged \Seen)" if is_kept else r"(\Deleted)")
    return int(letter is not None)


def _size_of(box: imaplib.IMAP4, uid: bytes) -> int | None:
    status, found = box.uid("FETCH", uid.decode(), "(RFC822.SIZE)")
    for line in _lines(found) if status == "OK" else ():
        if _is_about(line, uid) and (match := _SIZE.search(line)):
            return int(match.group(1))
    return None


def _fetch(box: imaplib.IMAP4, uid: bytes, what: str) -> bytes | None:
    status, found = box.uid("FETCH", uid.decode(), f"({what})")
    for answer in found if status == "OK" else ():
        if isinstance(answer, tuple) and len(answer) == 2 and _is_about(answer[0], uid):
            return bytes(answer[1])
    return None


def _lines(found: list[Any]) -> Iterator[bytes]:
    for answer in found:
        line = answer[0] if isinstance(answer, tuple) else answer
        if isinstance(line, bytes):
            yield line


def _is_about(line: bytes, uid: bytes) -> bool:
    """Whether the answer is to what was asked: a server may tell of other letters at any time."""
    match = _UID.search(line)
    return match is not None and match.group(1) == uid
