"""Reads a raw letter (RFC 5322, MIME), written by whoever likes to: bounded in size, parts, depth and pictures, and
never trusted. What it says as HTML is read as text; nothing of it is kept as HTML."""

import hashlib
import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parseaddr

from bs4 import BeautifulSoup

from meydan.kernel.config import config
from meydan.reports.actions.letters import Incoming
from meydan.reports.models import MAX_PHOTOS, Refusal
from meydan.reports.queries import CUT, tokens_in

MAX_BYTES = 30_000_000
MAX_HEAD = 128 * 1024
MAX_HEADER = 8_000
MAX_PARTS = 60
MAX_DEPTH = 12
MAX_TEXT = 200_000
MAX_LINES = 2_000
_AUTOMATIC = ("list-id", "list-unsubscribe", "list-post", "x-autoreply", "x-autorespond", "x-auto-response-suppress")
_PRECEDENCE = frozenset({"bulk", "junk", "list", "auto_reply"})
_MACHINES = re.compile(r"^(mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?)([+.=-].*)?@", re.IGNORECASE)
_RE = re.compile(r"^\s*((re|fw|fwd|aw|wg|tr|réf|rép|رد|پاسخ)\s*(\[\d+\])?\s*[:：]\s*)+", re.IGNORECASE)
_BLOCKS = ("p", "div", "tr", "li", "h1", "h2", "h3", "h4", "table", "ul", "ol", "blockquote", "pre")
_SILENT = ("script", "style", "head", "title", "template", "noscript", "svg", "object", "iframe")


def read_letter(raw: bytes) -> Incoming:
    """What a letter says; `fault` where it can be nothing to us. Raises nothing, whatever the bytes are."""
    try:
        return _read(raw)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, AssertionError):
        return Incoming(_digest(raw), fault=Refusal.UNREADABLE)


def too_large(head: bytes) -> Incoming:
    """A letter of which only the head was fetched."""
    read = read_letter(head[:MAX_HEAD] + b"\r\n\r\n")
    return Incoming(read.message_id, read.sender, read.subject, fault=_or(read.fault, Refusal.TOO_LARGE))


def _or(fault: str, other: Refusal) -> str:
    """A machine's letter is a machine's letter, however large; else the other fault."""
    return fault if fault == Refusal.AUTOMATIC else other


def _read(raw: bytes) -> Incoming:
    head = re.split(rb"\r?\n\r?\n", raw[: MAX_HEAD + 4], maxsplit=1)[0]
    if len(head) > MAX_HEAD:
        return Incoming(_digest(raw), fault=Refusal.UNREADABLE)
    letter = message_from_bytes(raw[:MAX_BYTES], policy=policy.compat32)
    sender = _sender(letter)
    parts = list(_parts(letter))
    text = _answer_above(_text_of(parts))
    return Incoming(
        message_id=_id_of(letter, raw),
        sender=sender,
        subject=_RE.sub("", _words(_header(letter, "Subject")))[:200].strip(),
        text=text,
        pictures=tuple(_pictures(parts)),
        tokens=tokens_in(_token_places(letter)),
        fault=Refusal.AUTOMATIC if is_automatic(letter, sender) else "" if sender else Refusal.UNREADABLE,
        proof=_proof(letter, sender),
    )


def is_automatic(letter: "Message[str, str]", sender: str) -> bool:
    """Whether a machine wrote it: never to be answered (RFC 3834), never a report."""
    submitted = _header(letter, "Auto-Submitted").partition(";")[0].strip().lower()
    returns = letter.get("Return-Path")
    return bool(
        submitted not in ("", "no")
        or _header(letter, "Precedence").strip().lower() in _PRECEDENCE
        or any(name in letter for name in _AUTOMATIC)
        or (returns is not None and str(returns).strip() == "<>")
        or letter.get_content_type() in ("multipart/report", "message/delivery-status")
        or _MACHINES.match(sender)
    )


def _header(letter: "Message[str, str]", name: str) -> str:
    """A header, decoded, in one line and bounded."""
    raw = str(letter.get(name, ""))[:MAX_HEADER]
    try:
        pieces = [
            piece.decode(charset or "ascii", "replace") if isinstance(piece, bytes) else piece
            for piece, charset in decode_header(raw)
        ]
    except (ValueError, LookupError):
        pieces = [raw]
    return " ".join("".join(pieces).split())


def _words(text: str) -> str:
    """A text that a database can hold and a page can show."""
    kept = text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")
    return "".join(letter for letter in kept if letter in "\n\t" or ord(letter) >= 32)


def _sender(letter: "Message[str, str]") -> str:
    """The bare address, in small letters; "" when there is none that letters can be sent to."""
    address = parseaddr(_header(letter, "From"))[1].strip().lower()
    good = re.fullmatch(r"[^@\s<>\"(),:;]{1,64}@[a-z0-9.-]{1,180}\.[a-z0-9-]{2,60}", address)
    return address if good else ""


def _id_of(letter: "Message[str, str]", raw: bytes) -> str:
    found = "".join(str(letter.get("Message-ID", "")).split())
    return found if found.isascii() and found.isprintable() and 3 < len(found) <= 300 else _digest(raw)


def _digest(raw: bytes) -> str:
    return f"<{hashlib.sha256(raw).hexdigest()}@sha256.invalid>"


def _token_places(letter: "Message[str, str]") -> Iterator[str]:
    """Where a token of ours may stand: addresses, references, the subject."""
    for name in ("In-Reply-To", "References", "Subject"):
        yield _header(letter, name)
    for name in ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To"):
        addresses = [str(one)[:MAX_HEADER] for one in letter.get_all(name, [])[:5]]
        yield " ".join(address for _name, address in getaddresses(addresses)[:50])


def _parts(letter: "Message[str, str]", depth: int = 0) -> Iterator["Message[str, str]"]:
    """The leaves, in order; letters inside the letter are somebody else's and are passed over."""
    waiting = [(letter, depth)]
    count = 0
    while waiting and count < MAX_PARTS:
        part, level = waiting.pop(0)
        inner = part.get_payload()
        if isinstance(inner, list):
            if part.get_content_maintype() == "multipart" and level < MAX_DEPTH:
                waiting = [(one, level + 1) for one in inner if isinstance(one, Message)] + waiting
            continue
        count += 1
        yield part


def _text_of(parts: list["Message[str, str]"]) -> str:
    """The first part that is plain text, else the first that is HTML, as text."""
    texts = [part for part in parts if _is_shown(part)]
    for kind, turn in (("text/plain", str), ("text/html", text_of_html)):
        for part in texts:
            if part.get_content_type() == kind:
                found = _words(turn(_decoded(part))).strip()
                if found:
                    return found
    return ""


def _is_shown(part: "Message[str, str]") -> bool:
    return part.get_content_disposition() != "attachment"


def _decoded(part: "Message[str, str]") -> str:
    body = part.get_payload(decode=True)
    raw = body[: 4 * MAX_TEXT] if isinstance(body, bytes) else b""
    try:
        return raw.decode(part.get_content_charset() or "utf-8", "replace")[:MAX_TEXT]
    except LookupError:
        return raw.decode("utf-8", "replace")[:MAX_TEXT]


def text_of_html(html: str) -> str:
    """HTML as its reader would see it, without pictures, links and hidden parts; lines where its blocks end."""
    soup = BeautifulSoup(html, "html.parser")
    for element in soup.find_all(_SILENT):
        element.decompose()
    for element in soup.find_all("br"):
        element.replace_with("\n")
    for element in soup.find_all(_BLOCKS):
        element.append("\n")
    return re.sub(r"\n{3,}", "\n\n", soup.get_text().replace("\xa0", " "))


def _answer_above(text: str) -> str:
    """What was written anew: without our own letter below it, other quotations, and the signature."""
    kept: list[str] = []
    for line in text.replace("\r\n", "\n").split("\n")[:MAX_LINES]:
        if CUT in line:
            _drop_attribution(kept)
            break
        if line.rstrip() == "--" or line.startswith("-----Original Message"):
            break
        if not line.startswith(">"):
            kept.append(line.rstrip())
    return "\n".join(kept).strip()


def _drop_attribution(kept: list[str]) -> None:
    """The line or two by which mail programs say whose letter follows ("On Monday ... wrote:")."""
    while kept and not kept[-1].strip():
        kept.pop()
    for _line in range(2):
        if kept and (kept[-1].rstrip().endswith((":", "：")) or re.search(r"<[^<>\s]+@[^<>\s]+>", kept[-1])):
            kept.pop()


def _pictures(parts: list["Message[str, str]"]) -> Iterator[bytes]:
    """What calls itself a picture, as far as a report can hold it; whether it is one says the kernel."""
    count = 0
    for part in parts:
        name = (part.get_filename() or "").lower()
        is_picture = part.get_content_maintype() == "image" or name.endswith((".jpg", ".jpeg", ".png", ".webp"))
        body = part.get_payload(decode=True) if is_picture and count < MAX_PHOTOS else None
        if isinstance(body, bytes) and len(body) > 1_000:  # smaller ones are signs of signatures and beacons
            count += 1
            yield body


def _proof(letter: "Message[str, str]", sender: str) -> str:
    """What the city's own mail server says of the sender (RFC 8601): DMARC's verdict, else a signature or SPF of the
    same house. "" where it is not asked, or says nothing."""
    mailbox = config().imap
    if mailbox is None or not mailbox.auth_host:
        return ""
    for value in letter.get_all("Authentication-Results", [])[:1]:  # the topmost: ours was added last
        said = " ".join(str(value)[:MAX_HEADER].lower().split())
        server, _semicolon, results = said.partition(";")
        if server.split(" ")[0] != mailbox.auth_host.lower():
            return ""
        return _verdict(results, sender.rpartition("@")[2])
    return ""


def _verdict(results: str, house: str) -> str:
    if (match := re.search(r"\bdmarc=(\w+)", results)) and match.group(1) in ("pass", "fail"):
        return match.group(1)
    signed = re.search(r"\bdkim=pass\b[^;]*\bheader\.(?:d|i)=@?([a-z0-9.-]+)", results)
    sent = re.search(r"\bspf=pass\b[^;]*\bsmtp\.mailfrom=(?:[^@\s;]*@)?([a-z0-9.-]+)", results)
    houses = [match.group(1) for match in (signed, sent) if match]
    return "pass" if any(house == one or house.endswith(f".{one}") for one in houses) else ""
