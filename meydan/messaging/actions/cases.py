"""Cases: rooms between a person and a department, which other domains open and write in (docs/decisions/0030).

All of it is Django's side: what is to be in the room is left as an errand for the gateways, in the transaction of
whoever wants it. The department's account is no account: nobody signs in as it, and no person's name begins with "_".
"""

import io
import zlib
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import override

from meydan.accounts.public import Department, Person
from meydan.kernel.action import action, action_on
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.config import config
from meydan.kernel.errors import Conflict, NotFound
from meydan.kernel.facts import record
from meydan.messaging.actions.media import Upload
from meydan.messaging.actions.posting import is_posted, post_events
from meydan.messaging.facts import (
    CaseForgotten,
    CaseHandedOver,
    CaseMessageWritten,
    CaseOpened,
    CaseSet,
    CasesSwitched,
    CaseWritten,
)
from meydan.messaging.models import CASE_TYPE, ROOM_SHARDS, Case, CaseSilence, CaseWord, Media, Profile, Room, RoomEvent
from meydan.messaging.models.departments import OFFICIAL_AVATAR, face_of, user_id_of
from meydan.messaging.models.drafts import Draft
from meydan.messaging.models.events import Content
from meydan.messaging.models.shapes import make_room_id
from meydan.messaging.policies.cases import may_keep_case, may_open_cases, may_switch
from meydan.messaging.queries.cases import find_case, lock_case

VERSION = "11"
MOST_TEXT = 20_000
OFFICIAL_PICTURE = Path(__file__).parents[2] / "ui" / "static" / "ui" / "icon-192.png"
ALL_POWER = 100
POWERS: Content = {
    **dict.fromkeys(("ban", "invite", "kick", "redact", "state_default"), ALL_POWER),
    **dict.fromkeys(("events_default", "users_default"), 0),
    "events": {"m.room.encryption": ALL_POWER, "m.room.power_levels": ALL_POWER},
    "notifications": {"room": ALL_POWER},
}


def open_case(
    actor: Actor, *, key: str, person: Person, department: Department, title: str, link: str, language: str
) -> Case:
    """The case with this key; opened when there is none yet. The person is in its room at once, and the department
    says there what it is about and who reads it, in `language`. `link` is the address of the case's own page."""
    return find_case(actor, key) or _open(
        actor, key=key, person=person, department=department, title=title, link=link, language=language
    )


@action(policy=may_open_cases)
def _open(
    actor: Actor, *, key: str, person: Person, department: Department, title: str, link: str, language: str
) -> Case:
    server = config().server_name
    room_id, user_id = make_room_id(server), f"@{person.username}:{server}"
    room = Room.objects.create(
        room_id=room_id,
        shard=1 + zlib.crc32(room_id.encode()) % ROOM_SHARDS,
        version=VERSION,
        creator=user_id_of(department.code, server),
        created_at=now(),
    )
    case = Case.objects.create(
        key=key,
        person=person,
        user_id=user_id,
        department=department,
        room=room.pk,
        title=title[:200],
        link=link[:300],
        language=language,
    )
    _keep_official_picture()
    post_events(f"{key}/open", room, _first_events(case, department, person))
    record(CaseOpened(subject=f"room:{room.pk}", persons=(person.pk,), case=key, department=department.code))
    return case


def _first_events(case: Case, department: Department, person: Person) -> list[Draft]:
    by = user_id_of(department.code, config().server_name)
    state: dict[str, Content] = {
        "m.room.create": {"room_version": VERSION, "type": CASE_TYPE},
        "m.room.member": {},
        "m.room.power_levels": {**POWERS, "users": {by: ALL_POWER}},
        "m.room.join_rules": {"join_rule": "invite"},
        "m.room.history_visibility": {"history_visibility": "shared"},
        "m.room.guest_access": {"guest_access": "forbidden"},
        "m.room.name": {"name": case.title},
        CASE_TYPE: _said_of(case, department.code),
    }
    drafts = [Draft(kind, content, "", by=by) for kind, content in state.items()]
    drafts[1] = _department_joins(department, case.language)
    with override(case.language):
        notice = _(
            "This conversation is about: %(title)s. Write here, and the department reads it; its answers come here too."
            " It is not encrypted from end to end, so that whoever works on your case can read it, also after a change"
            " of staff. Everything is on the page of the case as well: %(link)s"
        ) % {"title": case.title, "link": case.link}
    return [*drafts, *_person_joins(case, by, person), _message(by, notice, "m.notice")]


def _said_of(case: Case, department: str) -> Content:
    return {"case": case.key, "department": department, "link": case.link, "closed": case.closed}


def _department_joins(department: Department, language: str) -> Draft:
    server = config().server_name
    by, face = user_id_of(department.code, server), face_of(department.code, department.name, language, server)
    return Draft("m.room.member", {"membership": "join", **face}, by, by=by)


def _person_joins(case: Case, by: str, person: Person) -> list[Draft]:
    """They are let in and enter, without being asked: the room is about what they have sent themselves."""
    avatar = Profile.objects.filter(pk=case.user_id).values_list("avatar_url", flat=True).first()
    face = {"displayname": person.name or person.username, **({"avatar_url": avatar} if avatar else {})}
    return [
        Draft("m.room.member", {"membership": "invite", **face}, case.user_id, by=by),
        Draft("m.room.member", {"membership": "join", **face}, case.user_id, by=case.user_id),
    ]


def _message(by: str, text: str, kind: str = "m.text") -> Draft:
    return Draft("m.room.message", {"msgtype": kind, "body": text[:MOST_TEXT]}, by=by)


def _keep_official_picture() -> None:
    """The picture that departments show has its address, and its file. Whoever comes while another transaction makes
    it leaves it to that one, and does not wait."""
    if Media.objects.filter(pk=OFFICIAL_AVATAR).exists():
        return
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(hashtextextended('messaging.city_picture', 0))")
        if not cursor.fetchone()[0]:
            return
    upload = Upload(io.BytesIO())
    upload.write(OFFICIAL_PICTURE.read_bytes())
    file = upload.keep("image/png")
    Media.objects.get_or_create(
        media_id=OFFICIAL_AVATAR,
        defaults={
            "owner": "",
            "content_type": "image/png",
            "filename": "city.png",
            "file_id": file,
            "size": upload.size,
            "made_at": now(),
        },
    )


def write_in_case(actor: Actor, key: str, *, text: str, once: str, for_person: bool = False) -> None:
    """Have the department, or (`for_person`) the person, who has written it elsewhere, say something in the case's
    room: once for each `once`, in the order of the calls. `NotFound` when there is no such case."""
    if not is_posted(f"{key}/{once}"):
        _write(actor, key, text=text, once=once, for_person=for_person)


@action_on(lock_case, policy=may_keep_case)
def _write(actor: Actor, case: Case, *, text: str, once: str, for_person: bool) -> None:
    by = case.user_id if for_person else _speaker(case)
    post_events(f"{case.key}/{once}", _room(case), [_message(by, text)])
    record(CaseWritten(**_about(case), once=once, for_person=for_person))


def hand_case_over(actor: Actor, key: str, *, department: Department) -> None:
    """Have another department take the case on, in the same room. `NotFound` when there is no such case."""
    case = lock_case(actor, key)
    if case.department_id != department.code:
        _hand_over(actor, key, department=department)


@action_on(lock_case, policy=may_keep_case)
def _hand_over(actor: Actor, case: Case, *, department: Department) -> None:
    former, new = _speaker(case), user_id_of(department.code, config().server_name)
    joins = _department_joins(department, case.language)
    case.department = department
    case.save(update_fields=["department"])
    drafts = [
        Draft("m.room.member", {**joins.content, "membership": "invite"}, new, by=former),
        joins,
        Draft("m.room.power_levels", {**POWERS, "users": {new: ALL_POWER}}, "", by=former),
        Draft("m.room.member", {"membership": "leave"}, former, by=former),
        Draft(CASE_TYPE, _said_of(case, department.code), "", by=new),
    ]
    post_events(f"{case.key}/to-{department.code}/{now().timestamp()}", _room(case), drafts)
    record(CaseHandedOver(**_about(case), department=department.code))


def set_case(actor: Actor, key: str, *, closed: bool) -> None:
    """Show the case as closed, or as open again; who is in its room can go on writing. `NotFound`."""
    case = lock_case(actor, key)
    if case.closed != closed:
        _set(actor, key, closed=closed)


@action_on(lock_case, policy=may_keep_case)
def _set(actor: Actor, case: Case, *, closed: bool) -> None:
    case.closed = closed
    case.save(update_fields=["closed"])
    shown = Draft(CASE_TYPE, _said_of(case, case.department_id), "", by=_speaker(case))
    post_events(f"{case.key}/closed-{closed}/{now().timestamp()}", _room(case), [shown])
    record(CaseSet(**_about(case), closed=closed))


@action_on(lock_case, policy=may_keep_case)
def forget_case(actor: Actor, case: Case) -> None:
    """Have nothing lead from the case to the person any more: its room loses its name and, within the hour, all that
    was said in it; both sides leave it. `NotFound` when there is no such case."""
    by, room = _speaker(case), _room(case)
    drafts = [
        Draft("m.room.name", {"name": ""}, "", by=by),
        Draft(CASE_TYPE, {}, "", by=by),
        Draft("m.room.retention", {"max_lifetime": 0}, "", by=by),
        Draft("m.room.member", {"membership": "leave"}, case.user_id, by=case.user_id, official=True),
        Draft("m.room.member", {"membership": "leave"}, by, by=by, official=True),
    ]
    post_events(f"{case.key}/forget", room, drafts)
    about = _about(case)
    case.delete()
    record(CaseForgotten(**about))


@action(policy=may_open_cases)
def take_message(actor: Actor, *, event_id: str) -> None:
    """Tell the domain of a case that its person has written there. `Conflict` when it was told, or cannot be."""
    row = RoomEvent.objects.filter(event_id=event_id).first()
    case = Case.objects.filter(room=row.room, user_id=row.sender).first() if row is not None else None
    if case is None:
        raise Conflict
    _word, is_new = CaseWord.objects.get_or_create(event_id=event_id, defaults={"case": case})
    if not is_new:
        raise Conflict
    record(CaseMessageWritten(**_about(case), persons=(case.person_id,), event=event_id))


@action(policy=may_switch)
def switch_cases(actor: Actor, *, wanted: bool) -> None:
    """Have rooms for one's own cases from now on, or none; those that are there stay."""
    if actor.person_id is None:
        raise NotFound
    if wanted:
        CaseSilence.objects.filter(pk=actor.person_id).delete()
    else:
        CaseSilence.objects.get_or_create(pk=actor.person_id)
    record(CasesSwitched(subject=f"person:{actor.person_id}", persons=(actor.person_id,), wanted=wanted))


def _about(case: Case) -> dict[str, Any]:
    return {"subject": f"room:{case.room}", "case": case.key}


def _room(case: Case) -> Room:
    return Room.objects.get(pk=case.room)


def _speaker(case: Case) -> str:
    return user_id_of(case.department_id, config().server_name)
