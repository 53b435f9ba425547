"""Whatever a few people do in their rooms, through two gateways: everybody's client comes to know what the model says,
and no answer to anybody holds a word that they may not read."""

import json
import re
import time
from dataclasses import dataclass
from itertools import count
from random import Random
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from meydan.messaging.tests.clients import Api, Gateway
from meydan.messaging.tests.conformance.follower import Event, Follower, View
from meydan.messaging.tests.conformance.model import (
    MEMBER,
    MESSAGE,
    OPEN,
    REDACTION,
    RULE,
    TOPIC,
    VISIBILITY,
    Happening,
    Model,
    Room,
)
from meydan.messaging.tests.sliding import Slider, room_list

NAMES = ("alice", "bob", "carol")
PRESET = ("m.room.create", MEMBER, "m.room.power_levels", RULE, VISIBILITY, "m.room.guest_access")
QUIET = json.dumps({"room": {"rooms": []}, "presence": {"types": []}})
AROUND = 50  # events before and after one, that are asked for
SECRET = re.compile(r"w\d+z")
SETTLE_SECONDS = 10
SAYINGS = {"sets_visibility": ("shared", "invited", "joined", OPEN), "sets_rule": ("public", "invite", "knock")}
_numbers = count(1)
person = st.sampled_from(NAMES)
door = st.integers(0, 1)
pick = st.integers(0, 1000)


@dataclass
class Checked(Api):
    """Looks through every answer for what must not be in it."""

    town: Any = None

    def call(self, method: str, path: str, body: Any = None, /, **query: Any) -> tuple[int, Any]:
        status, said = super().call(method, path, body, **query)
        self.town.look_through(self.user_id, f"{method} {path} {query}", said)
        return status, said


class Town(RuleBasedStateMachine):
    """The model, and the city beside it."""

    gateways: tuple[Gateway, Gateway]

    @initialize(presets=st.lists(st.sampled_from(["public", "invite"]), min_size=1, max_size=2))
    def begin(self, presets: list[str]) -> None:
        self.model = Model()
        self.apis: dict[str, list[Api]] = {}
        for name in NAMES:
            api = self.gateways[0].register(name)
            self.apis[name] = [
                Checked(one.url, api.token, api.user_id, api.device_id, town=self) for one in self.gateways
            ]
        self.ids = {name: apis[0].user_id for name, apis in self.apis.items()}
        self.followers = {name: Follower(self.apis[name]) for name in NAMES}
        self.sliders: dict[str, Slider] = {}
        self.older: dict[str, list[Follower]] = {name: [] for name in NAMES}
        for join_rule in presets:
            self.make(join_rule)

    def make(self, join_rule: str) -> None:
        """Alice has all power, and everybody may set what a test wants to set."""
        alice = self.apis["alice"][0]
        levels = {"users": {alice.user_id: 100}, "state_default": 0, "events": {VISIBILITY: 0}}
        state = [{"type": RULE, "state_key": "", "content": {"join_rule": join_rule}}]
        room_id = alice.post("createRoom", {"power_level_content_override": levels, "initial_state": state})["room_id"]
        kinds = [*PRESET[:3], VISIBILITY, "m.room.guest_access", RULE]
        contents: dict[str, Any] = {
            MEMBER: {"membership": "join"},
            RULE: {"join_rule": join_rule},
            VISIBILITY: {"history_visibility": "shared"},
        }
        events = [
            Happening(f"{kind}", kind, alice.user_id, contents.get(kind, {}), alice.user_id if kind == MEMBER else "")
            for kind in kinds
        ]
        self.model.rooms[room_id] = Room(room_id, events)
        self.settle(0)

    # What is done

    def room(self, number: int) -> Room:
        rooms = list(self.model.rooms.values())
        return rooms[number % len(rooms)]

    def settle(self, by: int) -> None:
        """Wait until the other gateway has heard it too."""
        api = self.apis["alice"]
        want = positions(api[by].sync(filter=QUIET)["next_batch"])
        ends = time.monotonic() + SETTLE_SECONDS
        while any(a < b for a, b in zip(positions(api[1 - by].sync(filter=QUIET)["next_batch"]), want, strict=True)):
            assert time.monotonic() < ends, "the other gateway does not hear of it"
            time.sleep(0.002)

    def deed(self, allowed: bool, by: int, answer: tuple[int, Any]) -> bool:
        """Whether it was done; it must be as the model says."""
        status, said = answer
        assert (status == 200) == allowed, (status, said)
        if allowed:
            self.settle(by)
        return allowed

    def put(self, room: Room, kind: str, who: str, key: str | None, content: Any, by: int, secret: str = "") -> None:
        """A message or a state event."""
        address = f"send/{kind}/{next(_numbers)}" if key is None else f"state/{kind}/{key}"
        sender = self.ids[who]
        known = None if key is None else room.state().get((kind, key))
        answer = self.apis[who][by].call("PUT", f"rooms/{quote(room.room_id)}/{address}", content)
        done = self.deed(room.membership(sender) == "join", by, answer)
        if done and (known is None or (known.sender, known.content) != (sender, content)):
            room.events.append(Happening(answer[1]["event_id"], kind, sender, content, key, secret))

    def member(self, room: Room, verb: str, who: str, whom: str, allowed: bool, becomes: str, by: int) -> None:
        """A membership; its reason says which it is."""
        reason = f"r{next(_numbers)}"
        body = {"reason": reason} | ({"user_id": self.ids[whom]} if verb in ("invite", "kick", "ban", "unban") else {})
        path = f"{verb}/{quote(room.room_id)}" if verb == "knock" else f"rooms/{quote(room.room_id)}/{verb}"
        same = room.membership(self.ids[whom]) == becomes and verb in ("join", "leave")
        if self.deed(allowed, by, self.apis[who][by].call("POST", path, body)) and not same:
            content = {"membership": becomes}
            room.events.append(Happening(reason, MEMBER, self.ids[who], content, self.ids[whom]))

    @rule(who=person, number=pick, by=door)
    def says(self, who: str, number: int, by: int) -> None:
        secret = f"w{next(_numbers)}z"
        self.put(self.room(number), MESSAGE, who, None, {"msgtype": "m.text", "body": secret}, by, secret)

    @rule(who=person, number=pick, by=door, many=st.integers(3, 12))
    def talks(self, who: str, number: int, by: int, many: int) -> None:
        for _one in range(many):
            self.says(who, number, by)

    @rule(who=person, number=pick, by=door)
    def sets_topic(self, who: str, number: int, by: int) -> None:
        secret = f"w{next(_numbers)}z"
        self.put(self.room(number), TOPIC, who, "", {"topic": secret}, by, secret)

    @rule(who=person, number=pick, by=door, said=st.sampled_from(SAYINGS["sets_visibility"]))
    def sets_visibility(self, who: str, number: int, by: int, said: str) -> None:
        self.put(self.room(number), VISIBILITY, who, "", {"history_visibility": said}, by)

    @rule(who=person, number=pick, by=door, said=st.sampled_from(SAYINGS["sets_rule"]))
    def sets_rule(self, who: str, number: int, by: int, said: str) -> None:
        self.put(self.room(number), RULE, who, "", {"join_rule": said}, by)

    @rule(who=person, number=pick, by=door)
    def joins(self, who: str, number: int, by: int) -> None:
        room = self.room(number)
        now = room.membership(self.ids[who])
        allowed = now in ("join", "invite") or (now != "ban" and room.rule() == "public")
        self.member(room, "join", who, who, allowed, "join", by)

    @rule(who=person, number=pick, by=door)
    def leaves(self, who: str, number: int, by: int) -> None:
        room = self.room(number)
        has_been = (MEMBER, self.ids[who]) in room.state()
        allowed = has_been and room.membership(self.ids[who]) != "ban"
        self.member(room, "leave", who, who, allowed, "leave", by)

    @rule(who=person, whom=person, number=pick, by=door)
    def invites(self, who: str, whom: str, number: int, by: int) -> None:
        room = self.room(number)
        now = room.membership(self.ids[whom])
        allowed = room.membership(self.ids[who]) == "join" and now not in ("join", "ban")
        self.member(room, "invite", who, whom, allowed, "invite", by)

    @rule(who=person, number=pick, by=door)
    def knocks(self, who: str, number: int, by: int) -> None:
        room = self.room(number)
        allowed = room.rule() == "knock" and room.membership(self.ids[who]) in ("leave", "knock")
        self.member(room, "knock", who, who, allowed, "knock", by)

    @rule(whom=st.sampled_from(NAMES[1:]), number=pick, by=door, verb=st.sampled_from(["kick", "ban", "unban"]))
    def alice_decides(self, whom: str, number: int, by: int, verb: str) -> None:
        room = self.room(number)
        now = room.membership(self.ids[whom])
        needed = {"kick": now in ("join", "invite", "knock"), "ban": True, "unban": now == "ban"}[verb]
        allowed = needed and room.membership(self.ids["alice"]) == "join"
        self.member(room, verb, "alice", whom, allowed, "ban" if verb == "ban" else "leave", by)

    @rule(who=person, number=pick, by=door)
    def forgets(self, who: str, number: int, by: int) -> None:
        room, own = self.room(number), self.ids[who]
        allowed = room.membership(own) not in ("join", "invite", "knock")
        if self.deed(
            allowed, by, self.apis[who][by].call("POST", f"rooms/{quote(room.room_id)}/forget")
        ) and room.was_in(own):
            room.forgotten[own] = max(room.own(own))

    @rule(who=person, number=pick, by=door, which=pick)
    def redacts(self, who: str, number: int, by: int, which: int) -> None:
        room = self.room(number)
        targets = [one for one in room.events if one.type in (MESSAGE, TOPIC)]
        if not targets:
            return
        target = targets[which % len(targets)]
        allowed = room.membership(self.ids[who]) == "join" and (who == "alice" or target.sender == self.ids[who])
        path = f"rooms/{quote(room.room_id)}/redact/{quote(target.name)}/{next(_numbers)}"
        answer = self.apis[who][by].call("PUT", path, {})
        if self.deed(allowed, by, answer):
            target.is_redacted = True
            content = {"redacts": target.name}
            room.events.append(Happening(answer[1]["event_id"], REDACTION, self.ids[who], content))

    @rule(seed=st.integers(0, 2**40), deeds=st.integers(3, 8))
    def mingle(self, seed: int, deeds: int) -> None:
        """Some of all this, as dice fall: hypothesis alone likes to do the same again and again."""
        dice = Random(seed)
        for _deed in range(deeds):
            self.do(dice.choice(DEEDS), dice)

    def do(self, verb: str, dice: Random) -> None:
        """One deed or look, with whatever it needs to know."""
        people = NAMES if verb != "alice_decides" else NAMES[1:]
        chances: dict[str, Any] = {
            "who": dice.choice(people),
            "whom": dice.choice(people),
            "number": dice.randrange(100),
            "by": dice.randrange(2),
            "which": dice.randrange(100),
            "many": dice.randint(3, 12),
            "limit": dice.randint(1, 30),
            "keep": dice.random() < 0.5,
            "forwards": dice.random() < 0.5,
            "size": dice.randint(1, 12),
            "verb": dice.choice(["kick", "ban", "unban"]),
            "said": dice.choice(SAYINGS.get(verb, ("",))),
        }
        wanted = {name: chances[name] for name in WANTED[verb]}
        note(f"{verb} {wanted}")
        getattr(self, verb)(**wanted)

    # What is looked at

    def look_through(self, user_id: str, what: str, said: Any) -> None:
        """No answer holds the words of what was redacted, or of what its reader may not see."""
        text = repr(said)
        for secret in set(SECRET.findall(text)):
            assert secret not in self.model.secrets(redacted=True), (what, "redacted", secret)
            found = self.model.secrets(redacted=False).get(secret)
            if found is not None:  # else it is on its way
                room, event = found
                assert event in room.seen(user_id) or self.is_state_for(user_id, room, event), (what, secret, said)

    def is_state_for(self, user_id: str, room: Room, event: Happening) -> bool:
        """Whether it is a state event that is shown as such: today's to who is in, invited or asks to enter; that of
        then to who was in."""
        if event.key is None:
            return False
        if room.membership(user_id) in ("invite", "knock") and event in room.state().values():
            return True
        if any(room.before(one) is event for one in room.seen(user_id)):
            return True  # as `prev_content`
        return room.may_read(user_id) and self.was_state_while_in(user_id, room, event)

    def was_state_while_in(self, user_id: str, room: Room, event: Happening) -> bool:
        about = (event.type, event.key or "")
        stays = (at for at in range(len(room.events)) if room.membership(user_id, at) == "join")
        places = {*stays, room.reads_upto(user_id)}
        return any(room.state(at).get(about) is event or room.state(at - 1).get(about) is event for at in places)

    def name_of(self, event: Event) -> str:
        """As the model names it."""
        if event["type"] == MEMBER:
            return str(event["content"].get("reason") or MEMBER)
        if event["type"] in PRESET and "unsigned" not in event and event["sender"] == self.ids["alice"]:
            known = {one.name for room in self.model.rooms.values() for one in room.events}
            return event["event_id"] if event["event_id"] in known else str(event["type"])
        return str(event["event_id"])

    def same(self, room: Room, events: list[Event], wanted: list[Happening]) -> None:
        """These events, in this order."""
        assert [self.name_of(one) for one in events] == [one.name for one in wanted]
        for event, want in zip(events, wanted, strict=True):
            self.is_like(event, want)

    def is_like(self, event: Event, want: Happening) -> None:
        assert (event["type"], event["sender"], event.get("state_key")) == (want.type, want.sender, want.key)
        if want.type in (MESSAGE, TOPIC):
            assert event["content"] == ({} if want.is_redacted else want.content)
        elif want.content:
            assert {key: event["content"].get(key) for key in want.content} == want.content

    def same_state(self, events: list[Event], wanted: dict[tuple[str, str], Happening]) -> None:
        told = {(one["type"], one["state_key"]): one for one in events}
        assert set(told) == set(wanted)
        for key, want in wanted.items():
            assert self.name_of(told[key]) == want.name
            self.is_like(told[key], want)

    @rule(who=person, by=door, keep=st.booleans())
    def syncs(self, who: str, by: int, keep: bool) -> None:
        follower = self.followers[who]
        if keep:
            self.older[who].append(follower.copied())
        follower.sync(by)
        self.knows_all(who, follower)

    @rule(who=person, by=door, which=pick, limit=st.integers(1, 30))
    def syncs_from_an_older_token(self, who: str, by: int, which: int, limit: int) -> None:
        if older := self.older[who]:
            follower = older[which % len(older)].copied()
            follower.limit = limit
            follower.sync(by)
            self.knows_all(who, follower)

    @rule(who=person, by=door, limit=st.integers(1, 30))
    def syncs_anew(self, who: str, by: int, limit: int) -> None:
        follower = Follower(self.apis[who], limit)
        follower.sync(by)
        self.knows_all(who, follower)

    def knows_all(self, who: str, follower: Follower) -> None:
        """What a client that has just asked must know."""
        for room in self.model.rooms.values():
            view = follower.rooms.get(room.room_id, View())
            now = room.membership(self.ids[who])
            if room.has_forgotten(self.ids[who]):
                if not view.section:
                    follower.untold[room.room_id] = len(room.events)
                continue
            names = [self.name_of(one) for one in view.timeline.values()]
            assert set(names) <= {one.name for one in room.seen(self.ids[who])}
            if now == "join":
                assert view.section == "join"
                self.same(room, list(view.timeline.values()), room.seen(self.ids[who]))
                self.same_state(list(view.state.values()), room.state())
            elif now in ("invite", "knock"):
                assert view.section == now
                if not self.knows_the_stay(who, room, names):  # who is only invited is told nothing of it
                    follower.untold[room.room_id] = len(room.events)
            elif not view.section:
                follower.untold[room.room_id] = len(room.events)
            else:
                assert view.section == "leave"
                begins = follower.untold.get(room.room_id)
                if begins is None or room.was_in(self.ids[who], begins):
                    self.knows_what_was(who, room, view)
                else:
                    self.knows_what_was_told(who, room, view, begins)

    def knows_the_stay(self, who: str, room: Room, names: list[str]) -> bool:
        """Whether a client has heard of all that somebody saw until they left, by the names of what it heard of."""
        if not room.was_in(self.ids[who]):
            return True
        own = set(room.own(self.ids[who]))
        stay = {one.name for at, one in enumerate(room.events[: room.left_at(self.ids[who])]) if at not in own}
        return {one.name for one in room.seen(self.ids[who]) if one.name in stay} <= set(names)

    def knows_what_was_told(self, who: str, room: Room, view: View, begins: int) -> None:
        """A token counts from where it was given: what was before it, and was not told by then, /messages tells."""
        own = MEMBER, self.ids[who]
        names = {self.name_of(one) for one in view.timeline.values()}
        told = [one for one in room.events[begins:] if one.name in names]
        wanted = {(one.type, one.key): one for one in told if one.key is not None} | {own: room.state()[own]}
        was_told_before = any(one.name in names for one in room.events[:begins])
        self.same_state([one for key, one in view.state.items() if key in wanted or not was_told_before], wanted)

    def knows_what_was(self, who: str, room: Room, view: View) -> None:
        """Somebody who is out knows all until then, and nothing else."""
        own = {room.events[at].name for at in room.own(self.ids[who])}
        names = [self.name_of(one) for one in view.timeline.values()]
        assert room.state()[MEMBER, self.ids[who]].name in names
        if not room.was_in(self.ids[who]):
            assert {key for key in view.state if key != (MEMBER, self.ids[who])} == set()
            return
        place = room.left_at(self.ids[who])
        until = room.events[: place + 1]  # what comes later is told by /messages alone, where everybody may read it
        seen = [one.name for one in room.seen(self.ids[who]) if one in until and one.name not in own]
        assert [name for name in names if name not in own] == seen
        wanted = room.state(place) | {(MEMBER, self.ids[who]): room.state()[MEMBER, self.ids[who]]}
        assert set(view.state) == set(wanted)
        assert {self.name_of(one) for one in view.state.values()} == {one.name for one in wanted.values()}

    @rule(who=person, number=pick, by=door, size=st.integers(1, 12), forwards=st.booleans())
    def pages(self, who: str, number: int, by: int, size: int, forwards: bool) -> None:
        room, api = self.room(number), self.apis[who][by]
        path = f"rooms/{quote(room.room_id)}/messages"
        if not room.may_read(self.ids[who]):
            assert api.refused("GET", path, None, dir="b") == (403, "M_FORBIDDEN")
            return
        found: list[Event] = []
        query: dict[str, Any] = {}
        while True:
            said = api.get(path, dir="f" if forwards else "b", limit=size, **query)
            found += said["chunk"]
            if "end" not in said:
                break
            query = {"from": said["end"]}
        wanted = room.readable(self.ids[who])
        self.same(room, found, wanted[::-1] if forwards else wanted)

    @rule(who=person, number=pick, by=door)
    def reads_state(self, who: str, number: int, by: int) -> None:
        room, api = self.room(number), self.apis[who][by]
        path = f"rooms/{quote(room.room_id)}"
        if not room.may_read(self.ids[who]):
            for one in ("state", "members", "joined_members", "state/m.room.create", "context/$x", "event/$x"):
                assert api.refused("GET", f"{path}/{one}")[0] == 403
            return
        wanted = room.readable_state(self.ids[who])
        self.same_state(api.get(f"{path}/state"), wanted)
        members = {key: one for key, one in wanted.items() if key[0] == MEMBER}
        self.same_state(api.get(f"{path}/members")["chunk"], members)
        later = self.apis["alice"][by].sync(filter=QUIET)["next_batch"]
        self.same_state(api.get(f"{path}/members", at=later)["chunk"], members)
        if room.membership(self.ids[who]) == "join":
            joined = {key[1] for key, one in members.items() if one.content["membership"] == "join"}
            assert set(api.get(f"{path}/joined_members")["joined"]) == joined
        else:
            assert api.refused("GET", f"{path}/joined_members")[0] == 403

    @rule(who=person, number=pick, by=door, which=pick)
    def reads_one(self, who: str, number: int, by: int, which: int) -> None:
        room, api = self.room(number), self.apis[who][by]
        at = which % len(room.events)
        event = room.events[at]
        if not event.name.startswith("$") or not room.may_read(self.ids[who]):
            return
        path = f"rooms/{quote(room.room_id)}"
        if event not in room.seen(self.ids[who]):
            assert api.refused("GET", f"{path}/event/{quote(event.name)}") == (404, "M_NOT_FOUND")
            assert api.refused("GET", f"{path}/context/{quote(event.name)}") == (404, "M_NOT_FOUND")
            return
        self.is_like(api.get(f"{path}/event/{quote(event.name)}"), event)
        said = api.get(f"{path}/context/{quote(event.name)}", limit=2 * AROUND)
        around = [*said["events_before"][::-1], said["event"], *said["events_after"]]
        near = room.events[max(0, at - AROUND) : at + AROUND + 1]
        self.same(room, around, [one for one in room.readable(self.ids[who])[::-1] if one in near])

    @rule(who=person, by=door, number=pick, which=pick)
    def searches(self, who: str, by: int, number: int, which: int) -> None:
        room = self.room(number)
        events = [one for one in room.events if one.secret]
        if not events:
            return
        event = events[which % len(events)]
        body = {"search_categories": {"room_events": {"search_term": event.secret}}}
        results = self.apis[who][by].post("search", body)["search_categories"]["room_events"]["results"]
        is_found = room.membership(self.ids[who]) == "join" and event in room.seen(self.ids[who])
        assert [one["result"]["event_id"] for one in results] == [event.name] * (is_found and not event.is_redacted)

    @rule(who=person, by=door, limit=st.integers(1, 20))
    def slides(self, who: str, by: int, limit: int) -> None:
        """Sliding sync, from nothing."""
        api = self.apis[who][by]
        slider = Slider(api, room_list(20, limit, conn_id=f"c{next(_numbers)}"))
        slider.ask()
        self.look_through(self.ids[who], "sliding", list(slider.rooms.values()))
        self.slid(who, slider)

    @rule(who=person)
    def slides_on(self, who: str) -> None:
        """Sliding sync, on a connection that is kept; it lives in one gateway."""
        slider = self.sliders.setdefault(who, Slider(self.apis[who][0], room_list(20, 4)))
        self.look_through(self.ids[who], "sliding on", slider.ask())
        for room in self.model.rooms.values():
            if room.membership(self.ids[who]) == "join":
                told = [self.name_of(one) for one in slider.rooms[room.room_id]["timeline"]]
                assert told == [one.name for one in room.seen(self.ids[who])][-len(told) :]

    def slid(self, who: str, slider: Slider) -> None:
        for room in self.model.rooms.values():
            if room.membership(self.ids[who]) == "join":
                timeline = slider.rooms[room.room_id]["timeline"]
                self.same(room, timeline, room.seen(self.ids[who])[-len(timeline) :] if timeline else [])


WANTED = {
    "says": ("who", "number", "by"),
    "talks": ("who", "number", "by", "many"),
    "sets_topic": ("who", "number", "by"),
    **dict.fromkeys(("sets_visibility", "sets_rule"), ("who", "number", "by", "said")),
    **dict.fromkeys(("joins", "leaves", "knocks", "forgets", "reads_state"), ("who", "number", "by")),
    "invites": ("who", "whom", "number", "by"),
    "alice_decides": ("whom", "number", "by", "verb"),
    **dict.fromkeys(("redacts", "reads_one", "searches"), ("who", "number", "by", "which")),
    "syncs": ("who", "by", "keep"),
    "syncs_from_an_older_token": ("who", "by", "which", "limit"),
    **dict.fromkeys(("syncs_anew", "slides"), ("who", "by", "limit")),
    "slides_on": ("who",),
    "pages": ("who", "number", "by", "size", "forwards"),
}
"""What each deed must know."""
OFTEN = (
    "says",
    "joins",
    "joins",
    "invites",
    "sets_topic",
    "sets_visibility",
    "leaves",
    "syncs",
    "syncs",
    "redacts",
    "pages",
)
DEEDS = (*WANTED, *OFTEN)


def positions(token: str) -> list[int]:
    """Where a token stands."""
    return [int(one) for one in token.removeprefix("s").partition("~")[0].split("_")]


def run(gateway: Gateway, second: Gateway, examples: int, steps: int) -> None:
    Town.gateways = (gateway, second)
    run_state_machine_as_test(
        Town,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
        ),
    )


def test_everybody_knows_what_they_may(gateway: Gateway, second: Gateway) -> None:
    run(gateway, second, 8, 15)


@pytest.mark.long
def test_everybody_knows_what_they_may_after_much_more(gateway: Gateway, second: Gateway) -> None:
    run(gateway, second, 300, 60)
