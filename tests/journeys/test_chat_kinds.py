"""What people expect of a messenger beyond words: voice, mentions, threads, polls, films, places, stickers, pins."""

import asyncio
import base64
import io
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import nio
import pytest
from playwright.sync_api import Page, expect

from tests.journeys.chatting import app_of, choose, enter, message, new_name, nio_in, open_chat, room_of, write
from tests.journeys.people import LIMIT, PHONE, City
from tests.long.harness import wait_for

pytestmark = pytest.mark.browser
DESK = (1280, 800)
POLL = "org.matrix.msc3381.poll."
TEXT = "org.matrix.msc1767.text"
ADVANCED = "const real = Date.now; Date.now = () => real() + 8 * 86400000;"
HELD = """async (x) => {  // a finger that holds the microphone, speaks, and is lifted there, or slides away first
  const finger = (target, kind, clientX) =>
    target.dispatchEvent(new PointerEvent(kind, { pointerType: "touch", pointerId: 7, clientX, bubbles: true }));
  finger(document.querySelector(".chat-mic"), "pointerdown", 400);
  await new Promise((resolve) => setTimeout(resolve, 2500));
  if (x !== 400) finger(window, "pointermove", x);
  finger(window, "pointerup", x);
}"""
FILM = """async () => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [320, 180];
  const pen = canvas.getContext("2d");
  let turn = 0;
  const drawing = setInterval(() => {
    pen.fillStyle = `hsl(${(turn += 8) % 360} 70% 50%)`;
    pen.fillRect(0, 0, 320, 180);
  }, 40);
  const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: "video/webm;codecs=vp8" });
  const pieces = [];
  recorder.ondataavailable = ({ data }) => pieces.push(data);
  recorder.start(200);
  await new Promise((resolve) => setTimeout(resolve, 2000));
  await new Promise((resolve) => { recorder.onstop = resolve; recorder.stop(); });
  clearInterval(drawing);
  const bytes = new Uint8Array(await new Blob(pieces).arrayBuffer());
  return btoa(Array.from(bytes, (one) => String.fromCharCode(one)).join(""));
}"""


def two_in_a_room(city: City, *others: str, kind: str = "Kinds") -> tuple[Page, Page, str]:
    """The citizen at a desk and the neighbour on a phone look at their conversation; its id."""
    name = new_name(kind)
    room = app_of(city, "citizen").make_room(name, "neighbour", *others)
    for role in ("neighbour", *others):
        app_of(city, role).call("POST", f"join/{room}")
    pages = [open_chat(city, role, size=size) for role, size in (("citizen", DESK), ("neighbour", PHONE))]
    for page in pages:
        enter(page, name)
    return pages[0], pages[1], room


def newest(city: City, room: str, kind: str = "m.room.message") -> dict[str, Any]:
    """The content of the newest event of a kind, as an app reads it."""
    found = [event for event in app_of(city, "citizen").events(room) if event["type"] == kind]
    content: dict[str, Any] = found[-1]["content"]
    return content


def test_a_voice_message_is_recorded_heard_and_sent_also_without_a_line(city: City) -> None:
    citizen, neighbour, room = two_in_a_room(city)
    citizen.locator(".chat-mic").click()
    expect(citizen.locator(".voice-recording .live span").nth(8)).to_be_attached(timeout=LIMIT)
    citizen.get_by_role("button", name="Pause the recording").click()
    citizen.get_by_role("button", name="Go on recording").click()
    citizen.wait_for_timeout(700)
    citizen.get_by_role("button", name="Listen before sending").click()
    citizen.locator(".voice-recording .voice-play").click()
    citizen.wait_for_function("() => Number(document.querySelector('.voice-recording .voice-seek').value) > 0")
    citizen.get_by_role("button", name="Send the voice message").click()
    heard = neighbour.locator(".chat-event .voice").last
    expect(heard).to_be_visible(timeout=LIMIT)
    content = newest(city, room)
    told = content["org.matrix.msc1767.audio"]
    assert content["msgtype"] == "m.audio" and content["org.matrix.msc3245.voice"] == {}, content
    assert content["info"]["mimetype"] in ("audio/ogg", "audio/webm"), content
    assert 1_000 < told["duration"] < 20_000 and told["duration"] == content["info"]["duration"], content
    assert 30 <= len(told["waveform"]) <= 120 and max(told["waveform"]) == 1024, content
    assert all(type(one) is int for one in told["waveform"]), content

    heard.locator(".voice-speed").click()
    expect(heard.locator(".voice-speed")).to_contain_text("1.5×")
    heard.locator(".voice-play").click()
    seek = heard.locator(".voice-seek")
    neighbour.wait_for_function("node => Number(node.value) > 200", arg=seek.element_handle())
    expect(heard.locator(".voice-bars .on").first).to_be_attached()
    seek.focus()
    neighbour.keyboard.press("ArrowLeft")
    neighbour.keyboard.press("ArrowRight")
    expect(seek).to_have_attribute("aria-valuetext", re.compile(r"0:0\d.* of "))

    citizen.context.set_offline(True)
    citizen.locator(".chat-mic").click()
    expect(citizen.locator(".voice-recording .live span").nth(12)).to_be_attached(timeout=LIMIT)
    citizen.get_by_role("button", name="Send the voice message").click()
    expect(citizen.locator(".chat-event .chat-state", has_text="Waits").last).to_be_attached()
    citizen.context.set_offline(False)
    expect(neighbour.locator(".chat-event .voice")).to_have_count(2, timeout=LIMIT)


@pytest.mark.long
def test_what_was_begun_to_be_said_is_discarded_or_stays(city: City) -> None:
    citizen, neighbour, room = two_in_a_room(city)
    citizen.locator(".chat-mic").click()
    expect(citizen.locator(".voice-recording")).to_be_visible(timeout=LIMIT)
    citizen.keyboard.press("Escape")
    expect(citizen.locator(".voice-recording")).to_have_count(0)
    expect(citizen.locator(".chat-composer textarea")).to_be_visible()
    citizen.evaluate(HELD, 400)
    expect(neighbour.locator(".chat-event .voice")).to_have_count(1, timeout=LIMIT)
    expect(citizen.locator(".voice-recording")).to_have_count(0)
    citizen.evaluate(HELD, 0)
    expect(citizen.locator(".voice-recording")).to_have_count(0)
    citizen.locator(".chat-mic").click()
    expect(citizen.locator(".voice-recording .live span").nth(10)).to_be_attached(timeout=LIMIT)
    citizen.locator(".chat-row:not([aria-current])").first.click()
    expect(citizen.locator(".voice-recording")).to_have_count(0)
    citizen.locator(f".chat-rows [data-room='{room}'] a").click()
    expect(citizen.locator(".voice-recording .voice-play")).to_be_visible()
    citizen.get_by_role("button", name="Discard the recording").click()
    expect(citizen.locator(".chat-composer textarea")).to_be_visible()


def test_a_mention_is_chosen_by_keys_and_calls_whom_it_names(city: City) -> None:
    citizen, neighbour, room = two_in_a_room(city, "moderator")
    neighbour.locator(".chat-back").click()
    field = citizen.locator(".chat-composer textarea")
    field.press_sequentially("Look @nei")
    options = citizen.locator(".chat-mentions [role=option]")
    expect(options.first).to_contain_text("@neighbour:", timeout=LIMIT)
    expect(field).to_have_attribute("aria-activedescendant", re.compile("-0$"))
    field.press("Enter")
    field.press_sequentially("here")
    field.press("Enter")
    row = neighbour.locator(f".chat-rows [data-room='{room}'] a")
    expect(row.locator(".called")).to_be_visible(timeout=LIMIT)
    row.click()
    bubble = message(neighbour, "Look").locator(".calls-me")
    expect(bubble.locator(".chat-pill.me")).to_be_visible()
    content = newest(city, room)
    assert content["m.mentions"] == {"user_ids": ["@neighbour:localhost"]}, content
    assert "https://matrix.to/#/@neighbour:localhost" in content["formatted_body"], content
    field.fill("@room")
    field.press("End")
    expect(options.last).to_contain_text("Everybody")
    field.press("Escape")
    expect(options).to_have_count(0)
    field.fill("@room wake up")
    field.press("Enter")
    expect(message(neighbour, "wake up").locator(".calls-me")).to_be_visible(timeout=LIMIT)
    neighbour.locator(".chat-composer textarea").press_sequentially("@roo")
    neighbour.wait_for_timeout(500)
    expect(neighbour.locator(".chat-mentions [role=option]")).to_have_count(0)
    write(neighbour, "@room nobody wakes up")
    expect(message(citizen, "nobody wakes up")).to_be_visible()
    expect(message(citizen, "nobody wakes up").locator(".calls-me")).to_have_count(0)


def test_a_thread_is_spoken_in_apart_from_the_conversation(city: City) -> None:
    citizen, neighbour, room = two_in_a_room(city)
    write(citizen, "Who waters the trees?")
    choose(neighbour, message(neighbour, "Who waters"), "Answer in a thread")
    side = neighbour.locator(".chat-side")
    side.locator("textarea").fill("I do, on Mondays")
    side.locator(".chat-send").click()
    talk = citizen.locator(".chat-talk > .chat-middle")
    line = talk.locator(".chat-event", has_text="Who waters").locator(".chat-thread")
    expect(line).to_contain_text("I do, on Mondays", timeout=LIMIT)
    expect(line.locator(".chat-count")).to_contain_text("1")
    expect(talk.locator(".chat-bubble", has_text="I do, on Mondays")).to_have_count(0)
    relation = newest(city, room)["m.relates_to"]
    assert relation["rel_type"] == "m.thread" and relation["is_falling_back"] is True, relation
    assert relation["m.in_reply_to"]["event_id"] == relation["event_id"], relation

    line.click()
    there = citizen.locator(".chat-side")
    expect(there.locator(".chat-event", has_text="I do, on Mondays")).to_be_visible()
    expect(there.locator(".chat-event .chat-quote")).to_have_count(0)
    expect(line.locator(".chat-count")).to_have_count(0, timeout=LIMIT)
    choose_in = there.locator(".chat-event", has_text="I do, on Mondays").locator(".chat-bubble")
    choose_in.click(button="right")
    citizen.locator(".chat-items").get_by_role("button", name="Answer", exact=True).click()
    there.locator("textarea").fill("Then I take Thursdays")
    there.locator("textarea").press("Enter")
    expect(side.locator(".chat-event", has_text="Then I take Thursdays")).to_be_visible(timeout=LIMIT)
    expect(side.locator(".chat-quote")).to_contain_text("I do, on Mondays")
    relation = newest(city, room)["m.relates_to"]
    assert relation["is_falling_back"] is False, relation
    expect(line).to_contain_text(re.compile("Answers: .?2"))
    citizen.keyboard.press("Escape")
    expect(there).to_have_count(0)
    neighbour.get_by_role("button", name="Close the thread").click()
    expect(neighbour.locator(".chat-side")).to_have_count(0)
    neighbour.get_by_role("button", name="Threads").click()
    expect(neighbour.locator(".chat-begin .chat-pick")).to_contain_text("Who waters the trees?")
    neighbour.locator(".chat-begin .chat-pick").click()
    expect(neighbour.locator(".chat-side .chat-event")).to_have_count(3)
    reads = [event for event in app_of(city, "citizen").events(room) if event["type"] == "m.room.message"]
    assert len(reads) == 3


def begin_poll(page: Page, question: str, *answers: str, hidden: bool = False) -> None:
    """Begin a poll by the form."""
    page.get_by_role("button", name="Attach something").click()
    page.locator(".chat-items").get_by_role("button", name="New poll").click()
    page.locator("#poll-question").fill(question)
    for place, words in enumerate(answers):
        fields = page.locator(".poll-new input")
        if fields.count() <= place:
            page.get_by_role("button", name="One more answer").click()
        fields.nth(place).fill(words)
    if hidden:
        page.locator("#poll-hidden").check()
    page.get_by_role("button", name="Start the poll").click()
    expect(page.locator("#poll-question")).to_have_count(0)


def test_a_poll_is_begun_voted_in_and_ended(city: City) -> None:
    citizen, neighbour, room = two_in_a_room(city, "moderator")
    begin_poll(citizen, "Which day?", "Monday", "Friday", "Sunday")
    poll = message(neighbour, "Which day?")
    monday, friday = (poll.locator(".poll-answer", has_text=day) for day in ("Monday", "Friday"))
    monday.click(timeout=LIMIT)
    expect(monday).to_have_attribute("aria-pressed", "true")
    friday.click()
    expect(friday).to_have_attribute("aria-pressed", "true")
    expect(monday).to_have_attribute("aria-pressed", "false")
    mine = message(citizen, "Which day?")
    expect(mine.locator(".poll-answer", has_text="Friday").locator(".poll-count")).to_have_text("1", timeout=LIMIT)
    start = [event for event in app_of(city, "citizen").events(room) if event["type"] == f"{POLL}start"][-1]
    about = {"rel_type": "m.reference", "event_id": start["event_id"]}
    moderator, ids = app_of(city, "moderator"), [one["id"] for one in start["content"][f"{POLL}start"]["answers"]]
    moderator.send(room, {"m.relates_to": about, f"{POLL}response": {"answers": [ids[1], ids[0]]}}, f"{POLL}response")
    expect(mine.locator(".poll-foot")).to_contain_text(re.compile("Voted: .?2"), timeout=LIMIT)
    expect(mine.locator(".poll-answer", has_text="Friday").locator(".poll-count")).to_have_text("2")
    moderator.send(room, {"m.relates_to": about, "m.selections": ["no such answer"]}, "m.poll.response")
    expect(mine.locator(".poll-foot")).to_contain_text(re.compile("Voted: .?1"), timeout=LIMIT)
    moderator.send(room, {"m.relates_to": about, f"{POLL}end": {}}, f"{POLL}end")  # not theirs to end
    choose(citizen, mine, "End the poll")
    citizen.locator(".chat-ask .button:not(.quiet)").click()
    expect(message(neighbour, "Which day?").locator(".poll-foot")).to_contain_text("The poll has ended", timeout=LIMIT)
    expect(friday).to_be_disabled()
    expect(poll.locator(".poll-bar.wins")).to_have_count(1)
    moderator.send(room, {"m.relates_to": about, f"{POLL}response": {"answers": [ids[0]]}}, f"{POLL}response")
    write(neighbour, "Friday then")
    expect(message(citizen, "Friday then")).to_be_visible()
    expect(mine.locator(".poll-answer", has_text="Monday").locator(".poll-count")).to_have_text("0")


@pytest.mark.long
def test_a_poll_that_hides_its_result_and_one_by_the_stable_names(city: City) -> None:
    citizen, neighbour, room = two_in_a_room(city)
    begin_poll(citizen, "Who pays?", "You", "I", hidden=True)
    poll = message(neighbour, "Who pays?")
    poll.locator(".poll-answer").first.click(timeout=LIMIT)
    expect(poll.locator(".poll-foot")).to_contain_text("shown when the poll has ended")
    expect(poll.locator(".poll-count")).to_have_count(0)
    answers = [{"m.id": name, "m.text": [{"body": f"Say {name}"}]} for name in ("yes", "no")]
    stable = {
        "m.text": [{"body": "Stable? 1. yes 2. no"}],
        "m.poll": {
            "kind": "m.disclosed",
            "max_selections": 1,
            "question": {"m.text": [{"body": "Stable?"}]},
            "answers": answers,
        },
    }
    start = app_of(city, "citizen").send(room, stable, "m.poll.start")
    about = {"rel_type": "m.reference", "event_id": start}
    app_of(city, "citizen").send(room, {"m.relates_to": about, "m.selections": ["no"]}, "m.poll.response")
    drawn = message(neighbour, "Stable?")
    expect(drawn.locator(".poll-answer", has_text="Say no").locator(".poll-count")).to_have_text("1", timeout=LIMIT)


@pytest.mark.long
def test_a_message_is_forwarded_without_a_word_of_where_it_came_from(city: City) -> None:
    citizen, neighbour, room = two_in_a_room(city)
    other = new_name("Elsewhere")
    there = app_of(city, "citizen").make_room(other, "neighbour")
    write(neighbour, "The *first* word")
    expect(message(citizen, "The first word")).to_be_visible(timeout=LIMIT)
    choose(citizen, message(citizen, "The first word"), "Answer")
    write(citizen, "An answer that is worth it")
    expect(citizen.locator(".chat-event[data-event^='$']", has_text="worth it")).to_be_visible(timeout=LIMIT)
    choose(citizen, message(citizen, "worth it"), "Forward")
    citizen.locator(".chat-begin > input").fill(other)
    citizen.locator(".chat-begin .chat-pick").click()
    expect(citizen.locator("#chat-name")).to_have_text(other)
    expect(citizen.locator(".chat-event[data-event^='$']", has_text="worth it")).to_be_visible(timeout=LIMIT)
    content = newest(city, there)
    assert content == {"m.mentions": {}, "msgtype": "m.text", "body": "An answer that is worth it"}, content
    assert room not in str(app_of(city, "citizen").events(there))


@pytest.mark.long
def test_a_film_is_sent_with_its_picture_and_played_piece_by_piece(city: City, tmp_path: Path) -> None:
    citizen, neighbour, room = two_in_a_room(city)
    film = tmp_path / "walk.webm"
    film.write_bytes(base64.b64decode(citizen.evaluate(FILM)))
    citizen.locator(".chat-composer input[type=file]").set_input_files(film)
    shown = neighbour.locator(".chat-film").last
    expect(shown.locator("img")).to_be_visible(timeout=LIMIT)
    neighbour.wait_for_function("node => node.naturalWidth > 0", arg=shown.locator("img").element_handle())
    info = newest(city, room)["info"]
    assert (info["w"], info["h"]) == (320, 180) and info["thumbnail_url"].startswith("mxc://"), info
    neighbour.wait_for_function("() => navigator.serviceWorker.controller", timeout=LIMIT)
    shown.click()
    video = neighbour.locator(".chat-video")
    expect(video).to_have_attribute("src", re.compile("/chat/film/localhost/"), timeout=LIMIT)
    neighbour.wait_for_function("node => node.currentTime > 0.2", arg=video.element_handle(), timeout=LIMIT)


@pytest.mark.long
def test_a_place_and_a_sticker(city: City) -> None:
    citizen, neighbour, room = two_in_a_room(city)
    citizen.get_by_role("button", name="Attach something").click()
    citizen.locator(".chat-items").get_by_role("button", name="Send a place").click()
    citizen.locator("#place-point").fill("here")
    citizen.locator(".chat-begin .button:not(.quiet)").click()
    expect(citizen.locator(".chat-begin .fault")).to_contain_text("Choose a point")
    citizen.locator("#place-point").fill("٣٣٫٥٨٩٩، -7.6039")
    citizen.locator("#place-name").fill("The old gate")
    citizen.locator(".chat-begin .button:not(.quiet)").click()
    card = neighbour.locator(".place").last
    expect(card).to_contain_text("The old gate", timeout=LIMIT)
    expect(card.locator("a").first).to_have_attribute("href", re.compile(r"/reports/map\?bbox=-7\.60990,33\.58390,"))
    content = newest(city, room)
    assert content["geo_uri"] == "geo:33.589900,-7.603900" and "The old gate" in content["body"], content

    citizen.locator(".chat-composer").get_by_role("button", name="Stickers").click()
    citizen.locator(".sticker-list").get_by_role("button", name="A glass of tea").click()
    sticker = neighbour.locator(".chat-event .sticker").last
    expect(sticker).to_have_attribute("alt", "A glass of tea", timeout=LIMIT)
    neighbour.wait_for_function("node => node.naturalWidth === 256", arg=sticker.element_handle())
    assert newest(city, room, "m.sticker")["url"] == "mxc://localhost/sticker1-tea"


@pytest.mark.long
def test_messages_disappear_where_that_is_wished(city: City) -> None:
    citizen, neighbour, room = two_in_a_room(city)
    write(citizen, "Only for this week")
    expect(message(neighbour, "Only for this week")).to_be_visible(timeout=LIMIT)
    neighbour.locator(".chat-about").click()
    expect(neighbour.locator("#chat-lifetime")).to_have_count(0)
    neighbour.keyboard.press("Escape")
    citizen.locator(".chat-about").click()
    citizen.locator("#chat-lifetime").select_option("7")
    expect(citizen.locator(".chat-note", has_text="After one week")).to_be_attached()
    expect(neighbour.locator(".chat-note", has_text="After one week")).to_be_visible(timeout=LIMIT)
    state = app_of(city, "citizen").call("GET", f"rooms/{quote(room)}/state/m.room.retention/")
    assert state == {"max_lifetime": 7 * 86_400_000}, state
    expect(neighbour.locator(".chat-event", has_text="Only for this week")).to_have_count(1)
    neighbour.add_init_script(ADVANCED)
    neighbour.reload()
    expect(neighbour.locator(".chat-note", has_text="After one week")).to_be_visible(timeout=LIMIT)
    expect(neighbour.locator(".chat-event", has_text="Only for this week")).to_have_count(0)


@pytest.mark.long
def test_a_message_is_pinned_by_who_may(city: City) -> None:
    citizen, neighbour, _room = two_in_a_room(city)
    for words in ("The rules of the house", *(f"Word {n}" for n in range(3))):
        write(citizen, words)
    expect(message(neighbour, "Word 2")).to_be_visible(timeout=LIMIT)
    message(neighbour, "The rules").locator(".chat-bubble").click(button="right")
    menu = neighbour.locator("dialog.chat-menu")
    expect(menu).to_be_visible(timeout=LIMIT)  # or Escape comes before it, and it stays
    expect(menu.locator("button", has_text="Pin")).to_have_count(0)
    neighbour.keyboard.press("Escape")
    expect(menu).to_have_count(0)
    for words in ("Word 1", "The rules of the house"):
        expect(citizen.locator(".chat-event[data-event^='$']", has_text=words)).to_be_visible(timeout=LIMIT)
        choose(citizen, message(citizen, words), "Pin the message")
        expect(neighbour.locator(".chat-pin")).to_contain_text(words, timeout=LIMIT)
    neighbour.locator(".chat-pin").click()
    expect(neighbour.locator(".chat-event.found")).to_contain_text("The rules of the house")
    expect(neighbour.locator(".chat-pin")).to_contain_text("Word 1")
    choose(citizen, message(citizen, "The rules"), "Unpin the message")
    expect(neighbour.locator(".chat-pin")).to_contain_text("Pinned message", timeout=LIMIT)
    citizen.get_by_role("button", name="All pinned messages").click()
    citizen.locator(".chat-begin").get_by_role("button", name="Unpin the message").click()
    expect(neighbour.locator(".chat-pins")).to_be_hidden(timeout=LIMIT)


async def _speak_by_nio(url: str, room: str, sound: bytes) -> list[str]:
    """Every kind, as another client sends it; what it makes of ours."""
    async with nio_in(url, room) as client:
        sent, _keys = await client.upload(io.BytesIO(sound), content_type="audio/ogg", filesize=len(sound))
        assert isinstance(sent, nio.UploadResponse), sent
        said = await client.room_messages(room, limit=50)
        assert isinstance(said, nio.RoomMessagesResponse), said
        first = next(one for one in said.chunk if getattr(one, "body", "") == "The root of it")
        voice = {
            "msgtype": "m.audio",
            "body": "Voice",
            "url": sent.content_uri,
            "info": {"duration": 4000, "mimetype": "audio/ogg", "size": len(sound)},
            "org.matrix.msc1767.audio": {"duration": 4000, "waveform": [0, 512, 1024]},
            "org.matrix.msc3245.voice": {},
        }
        await client.room_send(room, "m.room.message", voice)
        place = {"msgtype": "m.location", "body": "A bench of nio's", "geo_uri": "geo:33.5,-7.5;u=35"}
        await client.room_send(room, "m.room.message", place)
        poll = {
            "question": {TEXT: "Asked by nio?"},
            "kind": f"{POLL}disclosed",
            "max_selections": 1,
            "answers": [{"id": "1", TEXT: "It is"}, {"id": "2", TEXT: "It is not"}],
        }
        await client.room_send(room, f"{POLL}start", {f"{POLL}start": poll, TEXT: "Asked by nio?"})
        thread = {"rel_type": "m.thread", "event_id": first.event_id}
        await client.room_send(room, "m.room.message", {"msgtype": "m.text", "body": "Spun on", "m.relates_to": thread})
        return [f"{type(one).__name__} {one.source['type']} {getattr(one, 'body', '')}" for one in said.chunk]


def test_matrix_nio_understands_and_is_understood(city: City) -> None:
    page, name = open_chat(city, "citizen"), new_name("Kinds of nio")
    app_of(city, "citizen").make_room(name, "auditor")
    enter(page, name)
    write(page, "The root of it")
    page.locator(".chat-mic").click()
    expect(page.locator(".voice-recording .live span").nth(10)).to_be_attached(timeout=LIMIT)
    page.get_by_role("button", name="Send the voice message").click()
    expect(page.locator(".chat-event .voice")).to_be_visible()
    page.locator(".chat-composer").get_by_role("button", name="Stickers").click()
    page.locator(".sticker-list").get_by_role("button", name="A rose").click()
    begin_poll(page, "Asked by us?", "Yes", "No")
    wait_for(lambda: page.locator(".chat-state", has_text="Waits").count() == 0, 20, "all is sent")
    with ThreadPoolExecutor(1) as aside:  # Playwright's own loop runs in this thread
        read = aside.submit(asyncio.run, _speak_by_nio(city.house.gateway, room_of(page), b"OggS" * 300)).result(60)
    assert "RoomMessageAudio m.room.message Voice message" in read, read
    assert any("m.sticker" in one for one in read) and any(f"{POLL}start" in one for one in read), read
    expect(page.locator(".chat-event .voice")).to_have_count(2, timeout=LIMIT)
    expect(page.locator(".chat-event .voice .voice-time").last).to_have_text("0:04")
    expect(page.locator(".chat-event .place")).to_contain_text("A bench of nio's")
    expect(message(page, "Asked by nio?").locator(".poll-answer")).to_have_count(2)
    expect(message(page, "The root of it").locator(".chat-thread")).to_contain_text("Spun on")
