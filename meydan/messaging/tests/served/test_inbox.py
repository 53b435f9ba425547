"""One inbox: what the department does on its pages arrives in the citizen's Matrix client, once; what the citizen
writes there arrives in the report's timeline and the worklist. Through the real doors: browsers, gateway, worker."""

import json
from typing import Any
from urllib.parse import quote
from zipfile import ZipFile

import pytest
from django.test import Client as Browser

from meydan.accounts.actions import delete_account
from meydan.accounts.public import Department, actor_for
from meydan.accounts.queries.export import write_export
from meydan.kernel.actor import SYSTEM, Actor, Role
from meydan.kernel.errors import Refused
from meydan.kernel.facts import facts_about
from meydan.kernel.tests.pictures import make_picture
from meydan.messaging.actions import writer as writing
from meydan.messaging.models import AccountData, Case, Errand, Media, Member
from meydan.messaging.public import write_in_case
from meydan.messaging.tests.served.conftest import Cast, Client, Served, wait_for
from meydan.messaging.tests.served.inbox import Town, case_room, hears, make_town, person_of, rooms_of, said_in
from meydan.messaging.tests.served.test_media import upload
from meydan.moderation.actions import block_sender
from meydan.moderation.models import Whom
from meydan.reports.actions import anonymise_report
from meydan.reports.models import Entry, Photo, Report, Told

ROADS = "@_roads:localhost"


@pytest.fixture
def town(served: Served) -> Town:
    return make_town(served)


@pytest.fixture
def amina(sign_in: Cast) -> Client:
    return sign_in("amina")


@pytest.fixture
def officer(town: Town, sign_in: Cast) -> Browser:
    client = sign_in("omar")
    town.grant(client.user_id, Role.OFFICER, "roads")
    return town.browser(client.user_id)


@pytest.fixture
def case(town: Town, amina: Client, officer: Browser) -> tuple[int, str]:
    """A report of Amina's, and its room."""
    number = town.file(town.browser(amina.user_id))
    town.work()
    return number, case_room(amina, number)


def entries(town: Town, number: int) -> list[tuple[str, str, str]]:
    """The report's timeline."""
    rows = Entry.objects.filter(report=number).order_by("id").values_list("kind", "side", "text")
    return town.served.run(lambda: list(rows))


def state_of(client: Client, room: str, kind: str) -> Any:
    return client.get(f"rooms/{quote(room)}/state/{kind}")


def test_there_and_back(town: Town, amina: Client, officer: Browser, case: tuple[int, str]) -> None:
    number, room = case
    town.do(officer, number, "ask", text="How deep is it?")
    hears(amina, room, "How deep is it?")
    amina.send(room, "About twenty centimetres.")
    town.work()
    assert entries(town, number)[-1] == ("answered", "reporter", "About twenty centimetres.")
    assert town.served.run(lambda: Report.objects.get(pk=number).state) == "accepted"
    assert "About twenty centimetres." in town.get(officer, f"/reports/{number}")
    amina.send(room, "And growing.")
    town.work()
    assert entries(town, number)[-1] == ("message", "reporter", "And growing.")
    mail = town.served.run(lambda: [one.channel for one in facts_about(f"report:{number}")])
    assert mail[-2:] == ["messenger", "messenger"]
    town.do(officer, number, "solve", text="Filled today.")
    hears(amina, room, "Filled today.")
    spoken = [words for _who, words in said_in(amina, room)]
    assert [sum(words in said for said in spoken) for words in ("How deep", "twenty", "And growing", "Filled")] == [
        1
    ] * 4
    assert state_of(amina, room, "org.meydan.case")["closed"] is False
    browser = town.browser(amina.user_id)
    town.do(browser, number, "confirm", text="Thank you!")
    hears(amina, room, "Thank you!")
    assert said_in(amina, room)[-1] == (amina.user_id, "Thank you!")
    assert wait_for(lambda: state_of(amina, room, "org.meydan.case")["closed"])
    assert [kind for kind, _side, _text in entries(town, number)].count("confirmed") == 1


def card(town: Town, browser: Browser, number: int, **sent: Any) -> Any:
    """The case's card, as the page of the messenger asks for it or does something there; the status, where refused."""
    path, kind = f"/reports/{number}/card", "application/json"

    def ask() -> Any:
        answer = browser.post(path, json.dumps(sent), content_type=kind) if sent else browser.get(path)
        return answer.json() if answer.status_code == 200 else answer.status_code

    return town.served.run(ask)


def test_the_case_has_a_card_that_acts(
    town: Town, amina: Client, officer: Browser, case: tuple[int, str], sign_in: Cast
) -> None:
    number, room = case
    browser, stranger = town.browser(amina.user_id), town.browser(sign_in("sami").user_id)
    assert card(town, stranger, number) == card(town, Browser(), number) == 404
    assert (card(town, browser, number)["state"], card(town, browser, number)["term"][:3]) == ("Sent", "in ")
    assert [deed["verb"] for deed in card(town, browser, number)["deeds"]] == ["photo"]
    assert card(town, officer, number)["deeds"] == []
    town.do(officer, number, "ask", text="How deep is it?")
    shown = card(town, browser, number)
    assert (shown["deeds"][0]["verb"], shown["deeds"][0]["waits"]) == ("answer", True)
    assert "your answer" in shown["term"]
    assert card(town, browser, number, verb="answer", text="") == 422
    assert card(town, stranger, number, verb="answer", text="Not mine") == 404
    assert card(town, officer, number, verb="answer", text="Not mine either") == 403
    token = "0190f0c0-0000-7000-8000-00000000c0de"
    for _press in range(2):
        said = card(town, browser, number, verb="answer", text="Twenty centimetres.", form_token=token)
    assert said["state"] == "In progress"
    assert [kind for kind, _side, _text in entries(town, number)].count("answered") == 1
    town.work()
    hears(amina, room, "Twenty centimetres.")
    town.do(officer, number, "solve", text="Filled today.")
    assert [deed["verb"] for deed in card(town, browser, number)["deeds"]] == ["confirm", "reopen"]
    assert card(town, browser, number, verb="reopen", text="It is still there.")["state"] == "Reopened"
    town.do(officer, number, "solve", text="Filled again.")
    assert card(town, browser, number, verb="confirm")["state"] == "Confirmed as solved"
    assert card(town, browser, number, verb="confirm") == 409
    assert card(town, browser, number)["deeds"] == []


def test_who_speaks_is_the_city_and_the_room_is_a_case(amina: Client, case: tuple[int, str]) -> None:
    number, room = case
    created = state_of(amina, room, "m.room.create")
    assert created["type"] == "org.meydan.case"
    said = state_of(amina, room, "org.meydan.case")
    assert (said["case"], said["department"]) == (f"report:{number}", "roads")
    member = state_of(amina, room, f"m.room.member/{ROADS}")
    assert (member["displayname"].startswith("Roads · "), member["displayname"][-1]) == (True, "✓")
    profile = amina.get(f"profile/{ROADS}")
    assert (profile["org.meydan.department"], profile["displayname"][-1]) == ("roads", "✓")  # in the city's language
    picture = profile["avatar_url"].removeprefix("mxc://")
    assert amina.ask("GET", f"/_matrix/client/v1/media/download/{picture}").headers["content-type"] == "image/png"
    first = said_in(amina, room)[0]
    assert (first[0], "not encrypted" in first[1]) == (ROADS, True)
    encryption = f"rooms/{quote(room)}/state/m.room.encryption"
    assert amina.ask("PUT", encryption, {"algorithm": "m.megolm.v1.aes-sha2"}).errcode == "M_FORBIDDEN"
    assert amina.ask("GET", "profile/@_nothing:localhost").errcode == "M_NOT_FOUND"


NAMES = ("Roads", "ROADS", "Rоads", "Light", "roads ✓", "Amina ✔", "Casablanca Roads")  # the third with a Cyrillic o


@pytest.mark.parametrize("name", NAMES)
def test_nobody_else_is_called_so(amina: Client, town: Town, name: str) -> None:
    assert amina.ask("PUT", f"profile/{amina.user_id}/displayname", {"displayname": name}).errcode == "M_INVALID_PARAM"
    browser = town.browser(amina.user_id)
    assert town.post(browser, "/me/profile", name=name, language="en") == 422
    room = amina.make_room()
    wait_for(lambda: _names_are_known(town))
    forged = {"membership": "join", "displayname": name, "org.meydan.department": "roads"}
    amina.put(
        f"rooms/{quote(room)}/state/m.room.member/{amina.user_id}", {**forged, "avatar_url": "mxc://localhost/city"}
    )
    assert state_of(amina, room, f"m.room.member/{amina.user_id}") == {"membership": "join"}
    assert amina.ask("PUT", f"rooms/{quote(room)}/state/m.room.name", {"name": name}).errcode == "M_FORBIDDEN"
    assert amina.ask("PUT", f"profile/{amina.user_id}/avatar_url", {"avatar_url": "mxc://localhost/city"}).status == 403
    field = amina.ask("PUT", f"profile/{amina.user_id}/org.meydan.department", {"org.meydan.department": "roads"})
    assert field.errcode == "M_INVALID_PARAM"


def _names_are_known(town: Town) -> bool:
    gateway = town.served.gateway
    assert gateway is not None
    gateway.runner.named_at = 0.0
    return "Roads" in gateway.messenger.officials


def test_nobody_signs_up_as_a_department(served: Served, town: Town) -> None:
    for name in ("_roads", "roads", "light"):
        body = {"username": name, "password": "correct horse battery", "auth": {"type": "m.login.dummy"}}
        assert Client(served.url).ask("POST", "register", body).errcode == "M_INVALID_USERNAME"


def test_pictures_become_photos_and_files_are_named(town: Town, amina: Client, case: tuple[int, str]) -> None:
    number, room = case
    address = upload(amina, make_picture(), "image/jpeg", filename="hole.jpg")
    amina.send(room, {"msgtype": "m.image", "body": "hole.jpg", "url": f"mxc://{address}"})
    paper = upload(amina, b"%PDF-1.4", "application/pdf", filename="plan.pdf")
    amina.send(room, {"msgtype": "m.file", "body": "plan.pdf", "url": f"mxc://{paper}"})
    town.work()
    assert town.served.run(lambda: Photo.objects.filter(report=number).count()) == 1
    said = [text for kind, _side, text in entries(town, number) if kind == "message"]
    assert said == ["In the conversation: plan.pdf", "See the photos."]


def test_what_the_page_will_not_take_is_said_in_the_room(town: Town, amina: Client, case: tuple[int, str]) -> None:
    number, room = case
    town.served.run(lambda: Report.objects.filter(pk=number).update(anonymous_at="2026-01-01T00:00Z"))
    amina.send(room, "Are you there?")
    town.work()
    hears(amina, room, "This did not reach the department.")


def test_who_has_switched_it_off_gets_none(town: Town, amina: Client, officer: Browser) -> None:
    browser = town.browser(amina.user_id)
    assert town.post(browser, "/me/messenger", wanted="false") == 302
    number = town.file(browser)
    town.work()
    town.do(officer, number, "accept", text="We go there.")
    assert town.served.run(lambda: Case.objects.filter(key=f"report:{number}").exists()) is False
    assert town.post(browser, "/me/messenger", wanted="true") == 302
    town.do(officer, number, "message", text="It is done on Monday.")
    room = case_room(amina, number)
    hears(amina, room, "on Monday")
    assert not any("We go there" in said for _who, said in said_in(amina, room))


def test_another_department_takes_over(town: Town, amina: Client, officer: Browser, case: tuple[int, str]) -> None:
    number, room = case
    town.do(officer, number, "move", category="lamp", text="It is the lamp.")
    hears(amina, room, "It is the lamp.")
    assert said_in(amina, room)[-1][0] == "@_light:localhost"
    assert state_of(amina, room, f"m.room.member/{ROADS}")["membership"] == "leave"
    assert state_of(amina, room, "m.room.power_levels")["users"] == {"@_light:localhost": 100}


def test_a_gateway_that_is_down_delivers_later_once(
    served: Served, town: Town, amina: Client, officer: Browser, case: tuple[int, str]
) -> None:
    number, room = case
    served.stop()
    for words in ("one", "two", "three"):
        town_offline(town, officer, number, words)
    served.restart()
    amina.url = served.url
    hears(amina, room, "three")
    told = [said for who, said in said_in(amina, room) if who == ROADS]
    assert told[-3:] == ["one", "two", "three"]


def town_offline(town: Town, officer: Browser, number: int, words: str) -> None:
    """A message while no gateway runs."""
    town.do(officer, number, "message", text=words)


@pytest.mark.parametrize("after", [False, True], ids=["before the commit", "after the commit"])
def test_a_line_that_breaks_changes_nothing(
    town: Town, amina: Client, officer: Browser, case: tuple[int, str], after: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, room = case
    broken = break_once(monkeypatch, "deep water", after=after)
    town.do(officer, number, "message", text="deep water")
    hears(amina, room, "deep water")
    amina.send(room, "Thanks")
    assert broken == [True]
    assert [said for _who, said in said_in(amina, room)].count("deep water") == 1
    waits = town.served.run(lambda: Errand.objects.filter(done_at=None).exists())
    assert waits is False


def break_once(monkeypatch: pytest.MonkeyPatch, words: str, *, after: bool) -> list[bool]:
    """The database's line breaks at the commit of these words."""
    commit, broken = writing.Writer._commit, list[bool]()

    async def breaks(self: Any, line: Any, last: int, entries: Any, also: Any) -> None:
        hit = not broken and any(words in str(entry.event.content.get("body")) for entry in entries)
        if hit:
            broken.append(True)
        if not hit or after:
            await commit(self, line, last, entries, also)
        if hit:
            raise OSError("the line broke")

    monkeypatch.setattr(writing.Writer, "_commit", breaks)
    return broken


def test_a_name_changed_on_the_web_shows_in_rooms(town: Town, amina: Client) -> None:
    room = amina.make_room()
    assert town.post(town.browser(amina.user_id), "/me/profile", name="Amina B.", language="en") == 302
    town.work()
    member = f"m.room.member/{amina.user_id}"
    assert wait_for(lambda: state_of(amina, room, member).get("displayname") == "Amina B.")


def test_a_moderator_deletes_a_message_for_good(town: Town, amina: Client, sign_in: Cast) -> None:
    bad, mina = sign_in("bad"), sign_in("mina")
    town.grant(mina.user_id, Role.MODERATOR)
    room = bad.make_room(preset="public_chat")
    amina.join(room)
    event = bad.send(room, "An insult")
    amina.post(f"rooms/{quote(room)}/report/{quote(event)}", {"reason": "Look"})
    desk = town.browser(mina.user_id)
    page = town.get(desk, "/moderation")
    assert ("An insult" in page, "Delete it for good" in page) == (True, True)
    decision = {"about": f"message:{event}", "do": "take_off", "text": "It insults."}
    assert town.post(desk, "/moderation/decide", **decision) == 422
    assert town.post(desk, "/moderation/decide", **decision, sure="true") == 302
    town.work()
    path = f"rooms/{quote(room)}/event/{quote(event)}"
    assert wait_for(lambda: amina.get(path)["content"] == {})
    why = amina.get(path)["unsigned"]["redacted_because"]
    assert (why["sender"], why["content"]["reason"]) == ("@_moderators:localhost", "It insults.")
    kinds = town.served.run(lambda: [one.name for one in facts_about(f"message:{event}")])
    ours = [kind for kind in kinds if kind.startswith(("moderation.", "messaging."))]  # the club counts who was right
    assert ours == ["moderation.thing_flagged", "moderation.thing_taken_off", "messaging.message_taken_off"]


def test_what_a_client_reports_is_decided_and_both_sides_are_told(town: Town, amina: Client, sign_in: Cast) -> None:
    """By the doors alone: reported in two Matrix clients, seen and decided at the desk, answered in both inboxes."""
    bad, ben, mina = sign_in("bad"), sign_in("ben"), sign_in("mina")
    town.grant(mina.user_id, Role.MODERATOR)
    town.served.run(lambda: Department.objects.get_or_create(pk="citizens", defaults={"name": {"en": "Citizens"}}))
    room = bad.make_room(preset="public_chat")
    events = [bad.send(room, words) for words in ("Buy my watches", "Good morning")]
    for client in (amina, ben):
        client.join(room)
        for event in events:
            client.post(f"rooms/{quote(room)}/report/{quote(event)}", {"reason": "Advertising"})
    desk, tab = town.browser(mina.user_id), town.browser(amina.user_id)
    assert town.get(desk, "/moderation?kind=flags").count("Advertising") == len(events) * 2
    assert town.get(tab, "/moderation/mine").count("<bdi>A message</bdi>") == len(events)
    watches, morning = ({"about": f"message:{event}"} for event in events)
    assert town.post(desk, "/moderation/decide", **watches, do="take_off", text="It sells.", sure="true") == 302
    assert town.post(desk, "/moderation/decide", **morning, do="keep", text="A greeting.") == 302
    town.work()
    for client in (amina, ben):
        told = decided(client, 2)
        assert [words.splitlines()[:3] for words in told] == [
            ["A moderator has looked at what you told us: it was taken off.", "A message", "It sells."],
            ["A moderator has looked at what you told us, and has left it as it is.", "A message", "A greeting."],
        ]
    key = told[0].rpartition("?key=")[2]
    assert "It sells." in town.get(town.browser(ben.user_id), f"/moderation/told?key={key}")
    (author,) = decided(bad, 1)
    assert ("It sells." in author, "/moderation/mine" in author, "key=" in author) == (True, True, False)
    page = town.get(town.browser(bad.user_id), "/moderation/mine")
    assert ("It sells." in page, "Ask another moderator" in page, "Buy my watches" in page) == (True, True, False)


def decided(client: Client, count: int) -> list[str]:
    """What somebody's conversation with the moderators says, once it says so much."""

    def said() -> list[str]:
        room = rooms_of(client).get("What moderators decided")
        words = [said for who, said in said_in(client, room["id"]) if who == "@_citizens:localhost"] if room else []
        return words[1:]  # the first one says what the conversation is for

    assert wait_for(lambda: len(said()) == count), said()
    return said()


def test_who_is_blocked_is_told_so_in_the_room(town: Town, amina: Client, case: tuple[int, str]) -> None:
    number, room = case
    moderator = Actor(roles=frozenset({Role.MODERATOR}))
    block = {"reference": f"report:{number}", "whom": Whom.PERSON, "days": 7, "reason": "Insults."}
    town.served.run(lambda: block_sender(moderator, **block))  # type: ignore[arg-type]  # as the page gives them
    before = entries(town, number)
    amina.send(room, "One more insult")
    town.work()
    hears(amina, room, "Insults.")
    assert entries(town, number) == before


def test_a_deleted_account_leaves_nameless(town: Town, amina: Client, sign_in: Cast, case: tuple[int, str]) -> None:
    assert case
    ben = sign_in("ben")
    other = amina.make_room(preset="public_chat")
    ben.join(other)
    event = amina.send(other, "Farewell")
    amina.put(f"user/{amina.user_id}/account_data/org.example", {"mine": True})
    picture = upload(amina, b"never sent")
    town.served.run(lambda: delete_account(actor_for(person_of(amina.user_id))))
    town.work()
    member = f"m.room.member/{amina.user_id}"
    assert wait_for(lambda: state_of(ben, other, member) == {"membership": "leave"})
    assert ben.get(f"rooms/{quote(other)}/event/{quote(event)}")["content"]["body"] == "Farewell"
    assert wait_for(lambda: town.served.run(lambda: left_all(amina.user_id)))
    assert wait_for(lambda: not town.served.run(lambda: AccountData.objects.filter(person=amina.user_id).exists()))
    assert town.served.run(lambda: Media.objects.get(pk=picture.partition("/")[2]).unused_at) is not None


def left_all(user_id: str) -> bool:
    """Whether somebody is in no room any more."""
    return not Member.objects.filter(person=user_id).exclude(membership="leave").exists()


@pytest.mark.parametrize("role", [Role.ADMIN, Role.OFFICER, Role.MODERATOR])
def test_only_the_city_writes_as_a_department(town: Town, case: tuple[int, str], role: Role) -> None:
    actor, key = Actor(roles=frozenset({role})), f"report:{case[0]}"
    with pytest.raises(Refused):
        town.served.run(lambda: write_in_case(actor, key, text="x", once="x"))


def test_an_anonymous_report_leaves_its_room(town: Town, amina: Client, case: tuple[int, str]) -> None:
    number, room = case
    amina.send(room, "My street is Rue 4")
    town.work()
    town.served.run(lambda: Report.objects.filter(pk=number).update(state="withdrawn", closed_at="2020-01-01T00:00Z"))
    town.served.run(lambda: anonymise_report(SYSTEM, number))
    town.work()
    assert wait_for(lambda: f"Report no. {number}: Pothole" not in rooms_of(amina))
    assert town.served.run(lambda: Case.objects.filter(key=f"report:{number}").exists()) is False
    assert town.served.run(lambda: Told.objects.filter(report=number).exists()) is False


def test_ones_own_messages_are_in_the_export(
    town: Town, amina: Client, officer: Browser, case: tuple[int, str]
) -> None:
    number, room = case
    amina.send(room, "My words")
    address = upload(amina, b"my file", "text/plain", filename="a.txt")
    amina.put(f"profile/{amina.user_id}/m.tz", {"m.tz": "Africa/Tunis"})
    names = town.served.run(lambda: export_of(amina.user_id))
    assert "My words" in names["messenger/messages.csv"].decode("utf-8-sig")
    assert any(one["content"].get("body") == "My words" for one in json.loads(names["messenger/messages.json"]))
    assert json.loads(names["messenger/profile.json"])["fields"] == {"m.tz": "Africa/Tunis"}
    whole = json.loads(names[f"messenger/cases/report-{number}.json"])
    assert whole[0]["type"] == "m.room.create"
    assert names[f"messenger/files/{address.partition('/')[2]}-a.txt"] == b"my file"


def export_of(user_id: str) -> dict[str, bytes]:
    """The person's ZIP, by paths."""
    with write_export(actor_for(person_of(user_id))) as file, ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
