"""People whose clients sleep are told by their push gateways: once, in order, whatever mood those are in."""

import asyncio
import ipaddress
import json
import time
from collections.abc import Coroutine, Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from meydan.accounts.public import Person
from meydan.kernel import fetch
from meydan.messaging.actions import couriers
from meydan.messaging.actions.announcing import Announcer
from meydan.messaging.actions.couriers import Courier
from meydan.messaging.gateway.doors import pushers
from meydan.messaging.models import Pusher
from meydan.messaging.plugins import push_gateway as plugin
from meydan.messaging.plugins import web_push
from meydan.messaging.tests.served.conftest import Cast, Client, Served, wait_for
from meydan.messaging.tests.served.push_gateway import PushGateway, push_gateway

LOOPBACK = ipaddress.ip_network("127.0.0.0/8")


@pytest.fixture
def phone(monkeypatch: pytest.MonkeyPatch) -> Iterator[PushGateway]:
    """A push gateway that the city's fetcher may ask; what takes seconds elsewhere is quick here."""
    for module in (fetch, pushers):
        monkeypatch.setattr(module, "config", lambda: SimpleNamespace(fetch_private=(LOOPBACK,)))
    monkeypatch.setattr(couriers, "PAUSES", (0.1,))
    monkeypatch.setattr(couriers, "QUIET", (0.1,))
    monkeypatch.setattr(couriers, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(plugin, "SECONDS", 1.0)
    with push_gateway() as running:
        yield running


def pusher(url: str, pushkey: str, **data: Any) -> dict[str, Any]:
    """What a client says of one."""
    shown = {"app_display_name": "Square", "device_display_name": "phone", "lang": "fa"}
    return {**shown, "app_id": "city.app", "pushkey": pushkey, "kind": "http", "data": {"url": url, **data}}


def subscribe(client: Client, phone: PushGateway, pushkey: str = "", **data: Any) -> str:
    """Have the client told by the gateway; its pushkey."""
    pushkey = pushkey or f"key of {client.user_id}"
    client.post("pushers/set", pusher(phone.url, pushkey, **data))
    return pushkey


def scene(sign_in: Cast, phone: PushGateway, **data: Any) -> tuple[Client, Client, str]:
    """Alice, who has a phone, Bob, and their room."""
    alice, bob = sign_in("alice"), sign_in("bob")
    room = alice.make_room(preset="public_chat", name="Square")
    bob.join(room)
    subscribe(alice, phone, **data)
    return alice, bob, room


def test_a_message_is_pushed_once_with_what_it_says(sign_in: Cast, phone: PushGateway) -> None:
    alice, bob, room = scene(sign_in, phone, brand="x")
    sent = bob.send(room, f"hello {alice.user_id[1:].partition(':')[0]}")
    assert wait_for(phone.events) == [sent]
    said = phone.taken[0]
    assert (said["room_id"], said["room_name"], said["sender"]) == (room, "Square", bob.user_id)
    assert (said["type"], said["content"]["msgtype"], said["counts"]) == ("m.room.message", "m.text", {"unread": 1})
    device = said["devices"][0]
    assert (device["app_id"], device["data"], said["prio"]) == ("city.app", {"brand": "x"}, "high")
    assert device["tweaks"]["highlight"] is True
    alice.send(room, "one's own is no news")
    sent_next = bob.send(room, "more")
    assert wait_for(lambda: len(phone.events()) > 1)
    assert phone.events() == [sent, sent_next]
    assert phone.taken[1]["counts"] == {"unread": 2}


def test_with_event_id_only_nothing_is_said(sign_in: Cast, phone: PushGateway) -> None:
    _alice, bob, room = scene(sign_in, phone, format="event_id_only")
    sent = bob.send(room, "a secret")
    assert wait_for(phone.events) == [sent]
    assert set(phone.taken[0]) == {"event_id", "room_id", "prio", "counts", "devices"}
    assert b"secret" not in phone.got[0].body


def test_reading_takes_the_badge_down_and_spares_what_waits(sign_in: Cast, phone: PushGateway) -> None:
    alice, bob, room = scene(sign_in, phone)
    phone.moods.always = "503"
    sent = bob.send(room, "while it is down")
    assert wait_for(lambda: phone.got)
    alice.post(f"rooms/{quote(room)}/receipt/m.read/{quote(sent)}")
    phone.moods.always = "200"
    assert wait_for(lambda: phone.taken)
    assert [one["counts"] for one in phone.taken] == [{"unread": 0}]
    assert phone.events() == []
    bob.send(room, "again")
    assert wait_for(phone.events)
    assert phone.taken[-1]["counts"] == {"unread": 1}


def test_what_is_unread_in_all_rooms_is_told_at_once(sign_in: Cast) -> None:
    """For a page that holds the newest rooms only: what is read, muted or in the archive does not count."""
    alice, bob = sign_in("alice"), sign_in("bob")
    plain, muted, archived, read = (bob.make_room(preset="public_chat") for _number in range(4))
    for room in (plain, muted, archived, read):
        alice.join(room)
    alice.put(f"pushrules/global/room/{quote(muted)}", {"actions": []})
    alice.put(f"user/{quote(alice.user_id)}/rooms/{quote(archived)}/tags/u.archive", {})
    sent = [bob.send(room, "news") for room in (plain, muted, archived, read, plain)]
    alice.post(f"rooms/{quote(read)}/receipt/m.read/{quote(sent[3])}")
    invited = bob.make_room(invite=[alice.user_id])
    said = alice.get("/_matrix/client/unstable/org.meydan.unread")["rooms"]
    counts = {room: (one["notification_count"], one["highlight_count"]) for room, one in said.items()}
    assert counts == {plain: (2, 0), invited: (1, 0)}
    assert bob.get("/_matrix/client/unstable/org.meydan.unread") == {"rooms": {}}


@pytest.mark.parametrize("mood", ["500", "307", "429", "404", "slow", "drops", "noise"])
def test_bad_moods_lose_nothing_and_double_nothing(sign_in: Cast, phone: PushGateway, mood: str) -> None:
    _alice, bob, room = scene(sign_in, phone)
    phone.moods.next = [mood, mood]
    sent = [bob.send(room, f"{number}") for number in range(4)]
    assert wait_for(lambda: len(phone.events()) >= 4, 20)
    assert phone.events() == sent
    assert all(one.path == "/_matrix/push/v1/notify" for one in phone.got)


def run(served: Served, work: Coroutine[Any, Any, None]) -> None:
    """Have the gateway's loop do something."""
    assert served.loop is not None
    asyncio.run_coroutine_threadsafe(work, served.loop).result(30)


def test_what_was_not_made_when_a_gateway_died_is_made_by_the_next_once(
    sign_in: Cast, phone: PushGateway, served: Served
) -> None:
    _alice, bob, room = scene(sign_in, phone)
    first = bob.send(room, "before")
    assert wait_for(phone.events) == [first]
    assert served.gateway is not None
    run(served, served.gateway.announcer.stop())
    sent = [bob.send(room, f"unheard {number}") for number in range(3)]
    served.gateway.announcer = Announcer(served.gateway.messenger)
    served.gateway.courier.news = served.gateway.announcer.made
    run(served, served.gateway.announcer.start())
    assert wait_for(lambda: len(phone.events()) >= 4)
    assert phone.events() == [first, *sent]


def test_two_who_believe_that_they_write_a_stream_push_once(sign_in: Cast, phone: PushGateway, served: Served) -> None:
    _alice, bob, room = scene(sign_in, phone)
    assert served.gateway is not None
    own = served.gateway.announcer
    other = Announcer(served.gateway.messenger)
    run(served, other.start())  # it follows in place of the first, which goes on with what the database says
    own.gathered.clear()
    sent = [bob.send(room, f"{number}") for number in range(3)]
    assert wait_for(lambda: len(phone.events()) >= 3)
    run(served, other.stop())
    served.gateway.messenger.live.watcher = own
    own.forget(1)
    own.gathered.clear()
    last = bob.send(room, "last")
    assert wait_for(lambda: last in phone.events())
    assert phone.events() == [*sent, last]


def test_two_couriers_carry_each_notification_once(sign_in: Cast, phone: PushGateway, served: Served) -> None:
    _alice, bob, room = scene(sign_in, phone)
    carols = [sign_in("carol") for _number in range(3)]
    for carol in carols:
        carol.join(room)
        subscribe(carol, phone)
    assert served.gateway is not None
    gateway = served.gateway
    other = Courier(gateway.messenger, gateway.syncer.counter, gateway.announcer)
    run(served, other.start())
    sent = [bob.send(room, f"{number}") for number in range(10)]
    assert wait_for(lambda: len(phone.events()) >= 40)
    run(served, other.stop())
    by_key: dict[str, list[str]] = {}
    for one in phone.taken:
        by_key.setdefault(one["devices"][0]["pushkey"], []).append(one["event_id"])
    assert list(by_key.values()) == [sent] * 4


def test_a_gateway_that_is_down_is_left_alone_for_all(
    sign_in: Cast, phone: PushGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(couriers, "QUIET", (2.0,))
    _alice, bob, room = scene(sign_in, phone)
    phone.moods.always = "503"
    for _number in range(4):
        carol = sign_in("carol")
        carol.join(room)
        subscribe(carol, phone)
    sent = bob.send(room, "hello")
    assert wait_for(lambda: phone.got)
    assert not wait_for(lambda: len(phone.got) > couriers.MOST_AT_ONE_GATEWAY, 1)
    phone.moods.always = "200"
    assert wait_for(lambda: len(phone.events()) >= 5)
    assert phone.events() == [sent] * 5


def test_a_rejected_pushkey_is_nobodys(sign_in: Cast, phone: PushGateway, served: Served) -> None:
    alice, bob, room = scene(sign_in, phone)
    phone.moods.always = "rejects"
    bob.send(room, "gone")
    assert wait_for(lambda: alice.get("pushers") == {"pushers": []})
    assert served.gateway is not None
    pushed = served.gateway.messenger.live.pushed
    assert wait_for(lambda: alice.user_id not in pushed)
    bob.send(room, "nobody is told")
    assert len(phone.got) == 1


def test_a_message_that_is_never_taken_lets_the_next_one_through(sign_in: Cast, phone: PushGateway) -> None:
    _alice, bob, room = scene(sign_in, phone)
    phone.moods.next = ["413"]
    bob.send(room, "too much")
    sent = bob.send(room, "fine")
    assert wait_for(phone.events) == [sent]


def test_invitations_are_pushed_and_ignored_people_are_not(sign_in: Cast, phone: PushGateway) -> None:
    alice, bob, room = scene(sign_in, phone)
    carol = sign_in("carol")
    carol.join(room)
    ignored: dict[str, Any] = {"ignored_users": {carol.user_id: {}}}
    alice.put(f"user/{quote(alice.user_id)}/account_data/m.ignored_user_list", ignored)
    carol.send(room, "unheard")
    carol.make_room(invite=[alice.user_id])
    bob.make_room(invite=[alice.user_id])
    assert wait_for(phone.events)
    assert [(one["type"], one["sender"], one["user_is_target"]) for one in phone.taken] == [
        ("m.room.member", bob.user_id, True)
    ]


def test_pushers_are_listed_changed_moved_and_taken_away(sign_in: Cast, phone: PushGateway) -> None:
    alice, bob = sign_in("alice"), sign_in("bob")
    subscribe(alice, phone, "shared phone")
    subscribe(alice, phone, "shared phone", brand="y")
    assert alice.get("pushers")["pushers"] == [
        {**pusher(phone.url, "shared phone", brand="y"), "profile_tag": ""},
    ]
    bob.post("pushers/set", {**pusher(phone.url, "shared phone"), "append": True})
    assert len(alice.get("pushers")["pushers"]) == 1
    subscribe(bob, phone, "shared phone")
    assert alice.get("pushers") == {"pushers": []}
    bob.post("pushers/set", {"app_id": "city.app", "pushkey": "shared phone", "kind": None})
    assert bob.get("pushers") == {"pushers": []}


def test_who_signs_out_is_told_nothing(sign_in: Cast, phone: PushGateway) -> None:
    alice, bob, room = scene(sign_in, phone)
    alice.post("logout")
    bob.send(room, "unheard")
    subscribe(bob, phone)
    carol = sign_in("carol")
    carol.join(room)
    sent = carol.send(room, "heard")
    assert wait_for(phone.events) == [sent]
    assert phone.taken[0]["devices"][0]["pushkey"] == f"key of {bob.user_id}"


def test_whose_account_is_closed_is_told_nothing(sign_in: Cast, phone: PushGateway, served: Served) -> None:
    alice, bob, room = scene(sign_in, phone)
    name = alice.user_id[1:].partition(":")[0]
    served.run(lambda: Person.objects.filter(username=name).update(is_active=False))
    bob.send(room, "unheard")
    assert wait_for(lambda: not served.run(Pusher.objects.filter(person=alice.user_id).exists))
    assert phone.got == []


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"kind": "email"}, "M_INVALID_PARAM"),
        ({"app_id": "x" * 65}, "M_INVALID_PARAM"),
        ({"pushkey": ""}, "M_INVALID_PARAM"),
        ({"pushkey": None}, "M_MISSING_PARAM"),
        ({"data": {}}, "M_MISSING_PARAM"),
        ({"data": {"url": "https://push.test/elsewhere"}}, "M_INVALID_PARAM"),
        ({"data": {"url": "https://user:password@push.test/_matrix/push/v1/notify"}}, "M_INVALID_PARAM"),
        ({"data": {"url": "ftp://push.test/_matrix/push/v1/notify"}}, "M_INVALID_PARAM"),
        ({"data": {"url": "https://push.test/_matrix/push/v1/notify", "format": "all"}}, "M_INVALID_PARAM"),
        ({"append": "yes"}, "M_BAD_JSON"),
    ],
)
def test_pushers_that_are_refused(sign_in: Cast, change: dict[str, Any], errcode: str) -> None:
    body = pusher("https://push.test/_matrix/push/v1/notify", "key") | change
    assert sign_in("alice").ask("POST", "pushers/set", body).errcode == errcode


def test_without_leave_nobody_is_asked_in_our_own_network(sign_in: Cast, phone: PushGateway) -> None:
    alice, bob, room = scene(sign_in, phone)
    with pytest.MonkeyPatch.context() as closed:
        closed.setattr(fetch, "config", lambda: SimpleNamespace(fetch_private=()))
        bob.send(room, "hello")
        assert not wait_for(lambda: phone.got, 1)
    assert wait_for(phone.events)
    with pytest.MonkeyPatch.context() as closed:
        closed.setattr(pushers, "config", lambda: SimpleNamespace(fetch_private=()))
        assert alice.ask("POST", "pushers/set", pusher(phone.url, "key")).errcode == "M_INVALID_PARAM"


def test_past_notifications(sign_in: Cast) -> None:
    alice, bob = sign_in("alice"), sign_in("bob")
    rooms = [alice.make_room(preset="public_chat") for _number in range(2)]
    for room in rooms:
        bob.join(room)
    name = alice.user_id[1:].partition(":")[0]
    sent = []
    for number in range(5):
        sent.append(bob.send(rooms[number % 2], name if number == 1 else f"{number}"))
        time.sleep(0.002)  # two rooms' messages of one millisecond have no order
    alice.post(f"rooms/{quote(rooms[0])}/receipt/m.read/{quote(sent[2])}")
    said = alice.get("notifications", limit=3)
    found = [(one["event"]["event_id"], one["read"], one["room_id"]) for one in said["notifications"]]
    assert found == [(sent[4], False, rooms[0]), (sent[3], False, rooms[1]), (sent[2], True, rooms[0])]
    rest = alice.get("notifications", limit=3, **{"from": said["next_token"]})
    assert [one["event"]["event_id"] for one in rest["notifications"]] == [sent[1], sent[0]]
    loud = alice.get("notifications", only="highlight")["notifications"]
    assert [one["event"]["event_id"] for one in loud] == [sent[1]]
    assert alice.ask("GET", "notifications?from=nonsense").errcode == "M_INVALID_PARAM"


# A browser


def test_encryption_is_that_of_the_standard() -> None:
    """RFC 8291, appendix A."""
    own = ec.derive_private_key(
        int.from_bytes(web_push.unb64("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")), ec.SECP256R1()
    )
    pushkey = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
    text, salt = b"When I grow up, I want to be a watermelon", web_push.unb64("DGv6ra1nlYgDCS1FRnbzlw")
    said = web_push.encrypt(text, pushkey, "BTBZMqHH6r4Tts7J_aSIgg", own=own, salt=salt)
    assert web_push.b64(said) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6"
        "cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


class Browser:
    """A subscription: it reads what only it can read."""

    def __init__(self, service: PushGateway) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.pushkey = web_push.b64(web_push.point_of(self.key.public_key()))
        self.auth = web_push.b64(b"a" * 16)
        self.data = {"endpoint": f"{service.root}/browser/1", "auth": self.auth, "format": "event_id_only"}

    def read(self, body: bytes) -> dict[str, Any]:
        salt, sender, text = body[:16], body[21:86], body[86:]
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        info = b"WebPush: info\0" + web_push.point_of(self.key.public_key()) + sender
        secret = web_push._derive(web_push.unb64(self.auth), self.key.exchange(ec.ECDH(), public), info, 32)
        key = web_push._derive(salt, secret, b"Content-Encoding: aes128gcm\0", 16)
        nonce = web_push._derive(salt, secret, b"Content-Encoding: nonce\0", 12)
        found: dict[str, Any] = json.loads(AESGCM(key).decrypt(nonce, text, None).removesuffix(b"\x02"))
        return found


def test_a_browser_is_told_in_words_that_only_it_can_read(sign_in: Cast, phone: PushGateway) -> None:
    alice, bob = sign_in("alice"), sign_in("bob")
    room = alice.make_room(preset="public_chat")
    bob.join(room)
    browser = Browser(phone)
    own = couriers.own_gateway()
    assert alice.ask("POST", "pushers/set", pusher(own, "no key")).errcode == "M_INVALID_PARAM"
    alice.post("pushers/set", pusher(own, browser.pushkey, **browser.data))
    sent = bob.send(room, "hello")
    got = wait_for(lambda: list(phone.got))[0]
    assert (got.path, got.headers["content-encoding"]) == ("/browser/1", "aes128gcm")
    assert browser.read(got.body) == {"event_id": sent, "room_id": room, "prio": "high", "unread": 1}
    token, key = got.headers["authorization"].removeprefix("vapid t=").split(", k=")
    claims = jwt.decode(token, web_push.city_key().public_key(), algorithms=["ES256"], audience=phone.root)
    assert (
        key == web_push.public_key() == alice.get("capabilities")["capabilities"]["org.matrix.msc4174.webpush"]["vapid"]
    )
    assert claims["sub"].startswith("http")
    phone.moods.always = "410"
    bob.send(room, "gone")
    assert wait_for(lambda: alice.get("pushers") == {"pushers": []})


def test_a_browser_rings_and_is_told_nothing_else_of_it(sign_in: Cast, phone: PushGateway) -> None:
    alice, bob = sign_in("alice"), sign_in("bob")
    room = alice.make_room(preset="public_chat")
    bob.join(room)
    browser = Browser(phone)
    alice.post("pushers/set", pusher(couriers.own_gateway(), browser.pushkey, **browser.data))
    offer = {"type": "offer", "sdp": "v=0"}
    sent = bob.send(room, {"call_id": "c", "version": "1", "lifetime": 60000, "offer": offer}, "m.call.invite")
    got = wait_for(lambda: list(phone.got))[0]
    told = {"event_id": sent, "room_id": room, "prio": "high", "unread": 1, "type": "m.call.invite"}
    assert browser.read(got.body) == told
    assert (got.headers["ttl"], got.headers["urgency"]) == ("60", "high")


def test_our_own_push_gateway_knows_our_own_pushers_alone(sign_in: Cast, phone: PushGateway) -> None:
    alice = sign_in("alice")
    browser = Browser(phone)
    alice.post("pushers/set", pusher(couriers.own_gateway(), browser.pushkey, **browser.data))
    known, strange = ({"app_id": "city.app", "pushkey": key} for key in (browser.pushkey, "a stranger's"))
    notification = {"event_id": "$x", "room_id": "!y", "counts": {"unread": 3}, "devices": [known, strange]}
    anybody = Client(alice.url)
    reply = anybody.ask("POST", "/_matrix/push/v1/notify", {"notification": notification})
    assert reply.json == {"rejected": ["a stranger's"]}
    assert browser.read(phone.got[0].body) == {"event_id": "$x", "room_id": "!y", "unread": 3}
    for wrong in ({}, {"notification": {"devices": [known] * 21}}, {"notification": {"devices": [1]}}):
        assert anybody.ask("POST", "/_matrix/push/v1/notify", wrong).status == 400


def test_a_browser_that_must_show_something_is_not_told_of_the_number_alone(
    sign_in: Cast, phone: PushGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Safari takes the leave away from who shows nothing; its icon is right with the next message."""
    monkeypatch.setattr(web_push, "ALWAYS_SHOW", ("127.0.0.1",))
    alice, bob = sign_in("alice"), sign_in("bob")
    room = alice.make_room(preset="public_chat")
    bob.join(room)
    browser = Browser(phone)
    alice.post("pushers/set", pusher(couriers.own_gateway(), browser.pushkey, **browser.data))
    sent = bob.send(room, "one")
    assert wait_for(lambda: len(phone.got) == 1)
    alice.post(f"rooms/{quote(room)}/receipt/m.read/{quote(sent)}")
    last = bob.send(room, "two")
    assert wait_for(lambda: len(phone.got) > 1)
    assert browser.read(phone.got[1].body) == {"event_id": last, "room_id": room, "prio": "high", "unread": 1}
