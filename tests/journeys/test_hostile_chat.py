"""A room full of ill will changes nothing outside its bubbles: what its members say of themselves and send is shown as
text, bounded, and leads nowhere by itself."""

import re
import struct
import zlib
from typing import Any

import pytest
import urllib3
from nio.crypto import encrypt_attachment
from playwright.sync_api import Page, expect

from tests.journeys.chatting import Elsewhere, app_of, enter, message, new_name, open_chat, write
from tests.journeys.people import LIMIT, City

pytestmark = pytest.mark.browser
SCRIPT = "<script>window.hacked = 1</script><img src=x onerror='window.hacked = 2'><svg onload='window.hacked = 3'>"
OVERRIDE = "\u202e\u2067"
MARKS = "Z" + "\u0336\u0301\u0489" * 3000
HTML = {"msgtype": "m.text", "format": "org.matrix.custom.html", "body": "plain"}
VOICE = {"msgtype": "m.audio", "body": "voice", "url": "mxc://localhost/none", "org.matrix.msc3245.voice": {}}
BODIES: list[dict[str, Any]] = [
    {"msgtype": "m.text", "body": f"script {SCRIPT}"},
    {**HTML, "formatted_body": f"html {SCRIPT}<b onclick='window.hacked = 4' style='inset:0'>bold</b>"},
    {
        **HTML,
        "formatted_body": "link <a href='javascript:window.hacked = 5'>press</a><a href='data:text/html,x'>d</a>",
    },
    {**HTML, "formatted_body": "to <a href='https://evil.example/steal'>https://bank.example/</a>"},
    {**HTML, "formatted_body": "deep " + "<blockquote>" * 500 + "x" + "</blockquote>" * 500},
    {**HTML, "formatted_body": "many " + "<i>x</i>" * 7000},
    {
        **HTML,
        "formatted_body": "<style>* { display: none !important }</style><form action=/x><input></form>form",
    },
    {**HTML, "formatted_body": "<iframe src='https://evil.example'></iframe><object data=x></object>frame"},
    {"msgtype": "m.text", "body": f"marks {MARKS}"},
    {"msgtype": "m.text", "body": f"turned {OVERRIDE}gnp.exe {OVERRIDE}"},
    {"msgtype": "m.text", "body": "like https://аpple.com/login or https://user:pass@bank.example/"},
    {"msgtype": "m.text", "body": "W" * 30_000},
    {"msgtype": "m.text", "body": ["no", "text"]},
    {"msgtype": "m.image", "body": "x.svg", "url": "javascript:window.hacked = 6", "info": {"w": 1, "h": 10**9}},
    {"msgtype": "m.image", "body": "bomb", "url": "mxc://localhost/../../../x", "info": {"w": "a", "h": -1}},
    {"msgtype": "m.image", "body": "far", "url": "https://evil.example/pixel.png"},
    {
        "msgtype": "m.file",
        "body": f"{OVERRIDE}../etc/passwd.html",
        "url": "mxc://localhost/none",
        "info": {"size": "x"},
    },
    {"msgtype": "m.text", "body": "answer", "m.relates_to": {"m.in_reply_to": {"event_id": {"a": 1}}}},
    {"msgtype": "m.text", "body": "answer", "m.relates_to": "nothing"},
    {"msgtype": "m.unknown", "body": {"deep": [[[]]]}},
    {"msgtype": "m.text"},
    {**VOICE, "org.matrix.msc1767.audio": {"duration": 10**15, "waveform": [10**9] * 5000}},
    {**VOICE, "org.matrix.msc1767.audio": {"duration": "long", "waveform": ["x", None, {}, -5, [1]] * 2000}},
    {**VOICE, "org.matrix.msc1767.audio": "no object", "info": {"duration": -1, "size": 10**15}},
    {"msgtype": "m.audio", "body": f"{OVERRIDE}song{SCRIPT}", "url": "javascript:window.hacked = 7"},
    {"msgtype": "m.video", "body": SCRIPT, "url": "https://evil.example/f.mp4", "info": {"w": 10**9, "h": 1}},
    {"msgtype": "m.video", "body": "f", "url": "mxc://localhost/a?b", "info": {"thumbnail_url": "data:image/png,x"}},
    {"msgtype": "m.location", "body": SCRIPT, "geo_uri": "javascript:window.hacked = 8"},
    {"msgtype": "m.location", "body": MARKS, "geo_uri": "geo:91,181"},
    {"msgtype": "m.location", "body": "there", "geo_uri": "geo:33.5,-7.6;u=35", "m.location": {"description": MARKS}},
    {"msgtype": "m.location", "body": "there", "geo_uri": ["geo:1,1"], "org.matrix.msc3488.location": {"uri": 5}},
    {**HTML, "formatted_body": "<a href='https://matrix.to/#/@_roads:localhost'>Your bank</a> mention"},
    {**HTML, "formatted_body": "<a href='https://matrix.to/#/%E0%A4%A'>broken</a><a href='matrix:u/x'>x</a>"},
    {"msgtype": "m.text", "body": "mentions", "m.mentions": {"user_ids": "@citizen:localhost", "room": "yes"}},
    {"msgtype": "m.text", "body": "thread", "m.relates_to": {"rel_type": "m.thread", "event_id": {"a": 1}}},
    {"msgtype": "m.text", "body": "thread", "m.relates_to": {"rel_type": "m.thread", "event_id": "$nowhere"}},
]
ANSWERS = [{"id": "a", "org.matrix.msc1767.text": SCRIPT}, {"id": "a"}, {"id": 5}, None, "x", {"id": "b"}]
POLLS: list[dict[str, Any]] = [
    {"question": {"org.matrix.msc1767.text": MARKS}, "answers": ANSWERS, "max_selections": 10**12, "kind": [1]},
    {"question": SCRIPT, "answers": [{"id": str(n), "org.matrix.msc1767.text": "x" * 90} for n in range(300)]},
    {"question": {"org.matrix.msc1767.text": f"{OVERRIDE}{SCRIPT}"}, "answers": "none"},
    {"answers": [{"id": "constructor"}, {"id": "__proto__"}], "max_selections": -1},
]
STICKERS: list[dict[str, Any]] = [
    {"body": SCRIPT, "url": "https://evil.example/pixel.png", "info": {}},
    {"body": f"{OVERRIDE}{MARKS[:900]}", "url": "mxc://localhost/sticker1-../../city", "info": {"w": 10**9, "h": "x"}},
    {"body": {"a": 1}, "url": 5, "info": "none"},
]
PINNED = [5, {"a": 1}, None, "x" * 300, SCRIPT, "$"] * 50
POLL = "org.matrix.msc3381.poll."
LOUD_NAME = f"<script>{OVERRIDE}Zoe{MARKS[1:30]}</script>"


def outside(page: Page) -> Any:
    """What stands round the messages, and where."""
    return page.evaluate(
        """() => [...document.querySelectorAll(
             ".chat-composer, .chat-head, .chat-find, .places, .chat-rooms, .chat-port")]
             .map((node) => { const box = node.getBoundingClientRect();
               return [node.className, Math.round(box.x), Math.round(box.width), Math.round(box.height)]; })"""
    )


def test_a_hostile_room_changes_nothing_outside_its_bubbles(city: City) -> None:
    page, name = open_chat(city, "citizen", size=(1280, 800)), new_name("Hostile")
    enemy = app_of(city, "neighbour")
    pins = [{"type": "m.room.pinned_events", "content": {"pinned": PINNED}}]
    pins.append({"type": "m.room.retention", "content": {"max_lifetime": "soon"}})
    room = enemy.make_room(name, "citizen", initial_state=pins)
    enter(page, name)
    write(page, "Peace")
    expect(message(page, "Peace")).to_be_visible()
    before = outside(page)
    enemy.call("PUT", f"profile/{enemy.user_id}/displayname", {"displayname": LOUD_NAME})
    for content in BODIES:
        enemy.send(room, content)
    for content in STICKERS:
        enemy.send(room, content, "m.sticker")
    for content in POLLS:
        poll = enemy.send(room, {f"{POLL}start": content}, f"{POLL}start")
        for chosen in ("a", ["a"] * 5000, [{"a": 1}], None, ["__proto__"], ["constructor", "a"]):
            about = {"rel_type": "m.reference", "event_id": poll}
            enemy.send(room, {"m.relates_to": about, f"{POLL}response": {"answers": chosen}}, f"{POLL}response")
        enemy.send(room, {"m.relates_to": about, f"{POLL}end": SCRIPT}, f"{POLL}end")
    target = enemy.send(room, {"msgtype": "m.text", "body": "reacted"})
    for key in (SCRIPT, MARKS[:60], "👍" * 30):
        enemy.send(room, {"m.relates_to": {"rel_type": "m.annotation", "event_id": target, "key": key}}, "m.reaction")
    enemy.call("PUT", f"rooms/{room}/state/m.room.topic/", {"topic": f"{SCRIPT}{MARKS[:2000]}"})
    enemy.send(room, {"msgtype": "m.text", "body": "the last word"})
    expect(message(page, "the last word")).to_be_visible(timeout=LIMIT)
    _look_through(page)
    assert page.evaluate("window.hacked") is None
    assert outside(page) == before
    _nothing_of_theirs_was_built(page)
    write(page, "Still here")
    expect(message(page, "Still here")).to_be_visible()
    enemy.call("PUT", f"profile/{enemy.user_id}/displayname", {"displayname": "Youssef Alami"})


def _look_through(page: Page) -> None:
    """Scroll from the first message to the last, so that every bubble is drawn once."""
    port = page.locator(".chat-port")
    for _step in range(60):
        port.evaluate("node => { node.scrollTop = Math.max(0, node.scrollTop - 400) }")
        page.wait_for_timeout(30)
        _nothing_of_theirs_was_built(page)
    port.evaluate("node => { node.scrollTop = node.scrollHeight }")
    expect(message(page, "the last word")).to_be_visible()


def _nothing_of_theirs_was_built(page: Page) -> None:
    faults = page.evaluate(
        """() => {
          const port = document.querySelector(".chat-port");
          const found = [];
          for (const tag of ["script", "style", "iframe", "object", "form", "input:not(.voice-seek)", "svg[onload]"])
            if (port.querySelector(tag)) found.push(tag);
          for (const node of port.querySelectorAll("*")) {
            for (const { name } of node.attributes) if (name.startsWith("on")) found.push(name);
            if (node.matches(".chat-text *") && node.hasAttribute("style")) found.push("style");
          }
          for (const link of port.querySelectorAll("a"))
            if (!/^(https?:|mailto:|geo:-?[\\d.]+,-?[\\d.]+$)/.test(link.href) || !link.rel.includes("noopener"))
              found.push(link.href);
          for (const link of port.querySelectorAll(".chat-text a")) {
            const says = link.textContent, host = new URL(link.href).hostname;
            if (says.includes("bank.example") && host !== "bank.example"
                && !link.parentElement.textContent.includes(host)) found.push("a lie about " + host);
          }
          const width = port.getBoundingClientRect();
          for (const bubble of port.querySelectorAll(".chat-bubble")) {
            const box = bubble.getBoundingClientRect();
            if (box.left < width.left - 1 || box.right > width.right + 1) found.push("a bubble beyond the edge");
          }
          const foreign = port.querySelectorAll(".chat-said:not(.office) .chat-official");
          if (foreign.length) found.push("a mark of the city's");
          if (/[\\u202a-\\u202e]/.test(port.textContent)) found.push("an override");
          if (/\\p{M}{4}/u.test(port.textContent)) found.push("stacked marks");
          return found;
        }"""
    )
    assert not faults, faults


def test_nobody_looks_like_the_city(city: City) -> None:
    """A room that calls itself verified: the mark is drawn for the city's own accounts alone."""
    page, name = open_chat(city, "citizen"), new_name("🏛 City office")
    room = app_of(city, "neighbour").make_room(name, "citizen", topic="✓")
    row = page.locator(f".chat-rows [data-room='{room}']")
    expect(row).to_be_visible(timeout=LIMIT)
    expect(row.locator(".chat-official")).to_have_count(0)
    expect(row.locator(".chat-face.official")).to_have_count(0)


SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='window.hacked=9'><script>window.hacked=10</script></svg>"
LETTER_BYTES = 60_000


def _dark(side: int) -> bytes:
    """A black square as a PNG (RFC 2083) of one bit for each pixel."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    packer, row = zlib.compressobj(9), bytes(1 + side // 8)
    packed = b"".join(packer.compress(row * 100) for _hundred in range(side // 100)) + packer.flush()
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def bombs() -> dict[str, tuple[bytes, str]]:
    """Small files that unfold to gigabytes, or are no pictures: their bytes, and what they say they are."""
    screen = struct.pack("<6sHHBBB", b"GIF89a", 1, 1, 0, 0, 0)
    frame = struct.pack("<BHHHHB", 0x2C, 0, 0, 65_535, 65_535, 0)
    return {
        "png": (_dark(40_000), "image/png"),
        "gif": (screen + frame + b"\x02\x02\x4c\x01\x00;", "image/gif"),
        "svg": (SVG, "image/svg+xml"),
        "svg.png": (SVG, "image/png"),
        "html.jpg": (b"\xff\xd8\xff<script>window.hacked = 11</script>", "image/jpeg"),
    }


def upload(city: City, enemy: Elsewhere, body: bytes, kind: str) -> str:
    """Put a file at the gateway; its address."""
    headers = {"authorization": f"Bearer {enemy.token}", "content-type": kind}
    answer = urllib3.request("POST", f"{city.house.gateway}/_matrix/media/v3/upload", body=body, headers=headers)
    return str(answer.json()["content_uri"])


def test_pictures_that_are_bombs_and_a_megabyte_of_marks(city: City) -> None:
    """In the clear, where the gateway makes pictures small or refuses, and encrypted, where the page must see."""
    page, name = open_chat(city, "citizen", size=(1280, 800)), new_name("Bombs")
    enemy = app_of(city, "neighbour")
    room = enemy.make_room(name, "citizen")
    enter(page, name)
    write(page, "Peace")
    expect(message(page, "Peace")).to_be_visible()
    before = outside(page)
    for number in range(1_000_000 // LETTER_BYTES + 1):
        marks = "\u0321\u0489" * (LETTER_BYTES // 4)
        enemy.send(room, {"msgtype": "m.text", "body": f"{number} {marks}"})
    info = {"w": 300, "h": 10, "mimetype": "image/png", "size": 10}
    for kind, (body, said) in bombs().items():
        address = upload(city, enemy, body, said)
        enemy.send(room, {"msgtype": "m.image", "body": f"{kind} clear", "url": address, "info": info})
        sealed, keys = encrypt_attachment(body)
        file = {**keys, "url": upload(city, enemy, sealed, "application/octet-stream")}
        enemy.send(room, {"msgtype": "m.image", "body": f"{kind} sealed", "file": file, "info": info})
    enemy.send(room, {"msgtype": "m.text", "body": "the last word"})
    expect(message(page, "the last word")).to_be_visible(timeout=LIMIT)
    refused = page.locator(".chat-picture .chat-gone")
    expect(refused).to_have_count(2 * len(bombs()), timeout=LIMIT)
    expect(page.locator(".chat-picture img")).to_have_count(0)
    refused.last.click()  # what is enlarged is looked at as well, and can be saved as it is
    expect(page.locator("dialog.chat-large")).to_contain_text("could not be loaded", timeout=LIMIT)
    page.keyboard.press("Escape")
    _look_through(page)
    assert page.evaluate("window.hacked") is None
    assert outside(page) == before
    write(page, "Still here")
    expect(message(page, "Still here")).to_be_visible()
    city.excuse("/media/thumbnail/")  # which the gateway refused


def test_the_page_runs_its_own_scripts_alone(city: City) -> None:
    """Its policy: no script in the page itself, none of another host, and no way to any but this city's."""
    page = open_chat(city, "citizen")
    policy = dict(
        part.split(" ", 1)
        for part in page.request.get("/chat/").headers["content-security-policy"].split("; ")
        if " " in part
    )
    assert "unsafe-inline" not in policy["script-src"] and "unsafe-eval" not in policy["script-src"].split(), policy
    hosts = set(re.findall(r"https?://[^\s;]+", " ".join(policy.values())))
    assert hosts == {city.house.gateway}, policy
    ran = page.evaluate(
        """() => { const script = document.createElement("script"); script.textContent = "window.ran = 1";
             document.body.append(script); return window.ran ?? null; }"""
    )
    assert ran is None
    city.excuse("Content Security Policy")  # that is what it said
