"""What a right request to each address holds; `wrongs.py` spoils it. Whoever adds an address adds its body here."""

from collections.abc import Mapping
from typing import Any

Json = Any
FILTER = (
    '{"presence":{"types":["m.*"],"not_senders":["@x:localhost"]},'
    '"room":{"timeline":{"limit":3,"types":["m.*"]},"rooms":["!x:localhost"],"state":{"lazy_load_members":true}}}'
)
SIGNED = {
    "user_id": "@a:localhost",
    "device_id": "D",
    "algorithms": ["m.olm"],
    "keys": {"ed25519:D": "k"},
    "signatures": {},
}
CROSS = {"user_id": "@a:localhost", "usage": ["master"], "keys": {"ed25519:k": "k"}, "signatures": {"@a:localhost": {}}}
BACKUP = {"algorithm": "m.megolm_backup.v1", "auth_data": {"public_key": "k", "signatures": {}}, "version": "1"}
SESSION = {"first_message_index": 1, "forwarded_count": 0, "is_verified": False, "session_data": {"ciphertext": "c"}}
TARGET = {"user_id": "@ben:localhost", "reason": "because"}
EVENT = {"msgtype": "m.text", "body": "x", "m.relates_to": {"rel_type": "m.thread", "event_id": "$e", "key": "k"}}
SLIDING = {
    "conn_id": "c",
    "txn_id": "t",
    "lists": {
        "all": {
            "ranges": [[0, 9]],
            "timeline_limit": 2,
            "required_state": [["m.room.member", "$LAZY"], ["*", "*"]],
            "filters": {"is_dm": False, "spaces": ["!x:localhost"], "tags": ["m.favourite"], "room_types": [None]},
        }
    },
    "room_subscriptions": {"!x:localhost": {"timeline_limit": 1, "required_state": [["m.room.name", ""]]}},
    "extensions": {
        "to_device": {"enabled": True, "since": "1", "limit": 10},
        "e2ee": {"enabled": True},
        "account_data": {"enabled": True, "lists": ["*"], "rooms": ["*"]},
        "receipts": {"enabled": True, "rooms": ["*"]},
        "typing": {"enabled": True},
    },
}
SEARCH = {
    "search_categories": {
        "room_events": {
            "search_term": "x",
            "keys": ["content.body"],
            "order_by": "recent",
            "filter": {"limit": 3, "rooms": ["!x:localhost"]},
            "event_context": {"before_limit": 1, "after_limit": 1, "include_profile": True},
            "groupings": {"group_by": [{"key": "room_id"}]},
        }
    }
}
ROOM = {
    "preset": "public_chat",
    "visibility": "private",
    "room_version": "11",
    "name": "n",
    "topic": "t",
    "room_alias_name": "somewhere",
    "invite": ["@ben:localhost"],
    "is_direct": True,
    "creation_content": {"type": "m.space"},
    "power_level_content_override": {
        "users": {"@ben:localhost": 50},
        "events": {"a": 1},
        "ban": 50,
        "notifications": {},
    },
    "initial_state": [{"type": "m.room.topic", "state_key": "", "content": {"topic": "t"}}],
}
RULE = {
    "actions": ["notify", {"set_tweak": "sound", "value": "default"}],
    "conditions": [
        {"kind": "event_match", "key": "content.body", "pattern": "a*"},
        {"kind": "room_member_count", "is": "2"},
    ],
    "pattern": "a*",
}
LOGIN = {
    "type": "m.login.password",
    "identifier": {"type": "m.id.user", "user": "nobody"},
    "password": "p",
    "device_id": "D",
    "initial_device_display_name": "d",
}
AUTH = {
    "type": "m.login.password",
    "identifier": {"type": "m.id.user", "user": "nobody"},
    "password": "p",
    "session": "s",
}

PUSHER = {
    "app_id": "org.example.app",
    "pushkey": "k",
    "kind": "http",
    "app_display_name": "a",
    "device_display_name": "d",
    "lang": "en",
    "data": {"url": "https://push.example.org/_matrix/push/v1/notify", "format": "event_id_only"},
    "append": False,
}
NOTICE = {"notification": {"event_id": "$e", "room_id": "!x:localhost", "devices": [{"app_id": "a", "pushkey": "k"}]}}

BODIES: Mapping[str, Json] = {
    "account/deactivate": {"auth": AUTH, "erase": False},
    "account/password": {"new_password": "a longer password", "logout_devices": False, "auth": AUTH},
    "login/get_token": {"auth": AUTH},
    "notify": NOTICE,
    "org.matrix.msc4140/delayed_events/{delay}": {"action": "restart"},
    "org.matrix.msc4140/delayed_events/{delay}/{action}": {},
    "org.meydan.links/rooms/{room}/links": {"days": 7},
    "org.meydan.links/link/{token}/join": {},
    "org.meydan.send": {"room_id": "!x:localhost", "type": "m.room.message", "txn_id": "t", "content": EVENT},
    "org.meydan.upload": {"size": 5, "from": 0, "type": "text/plain", "filename": "a.txt", "content_uri": ""},
    "presence/{user}/status": {"presence": "unavailable", "status_msg": "back at noon"},
    "profile/{user}/{field}": {"m.tz": "Africa/Casablanca"},
    "pushers/set": PUSHER,
    "refresh": {"refresh_token": "mar_x"},
    "uk.tcpip.msc4133/profile/{user}/{field}": {"m.tz": "Africa/Casablanca"},
    "createRoom": ROOM,
    "delete_devices": {"devices": ["D"], "auth": AUTH},
    "join/{room}": {"reason": "r", "third_party_signed": {}},
    "rooms/{room}/join": {"reason": "r"},
    "knock/{room}": {"reason": "r"},
    "keys/claim": {"one_time_keys": {"@ben:localhost": {"D": "signed_curve25519"}}, "timeout": 1},
    "keys/device_signing/upload": {
        "master_key": CROSS,
        "self_signing_key": CROSS,
        "user_signing_key": CROSS,
        "auth": AUTH,
    },
    "keys/query": {"device_keys": {"@ben:localhost": ["D"]}, "timeout": 1},
    "keys/signatures/upload": {"@ben:localhost": {"D": SIGNED}},
    "keys/upload": {
        "device_keys": SIGNED,
        "one_time_keys": {"curve25519:A": "k"},
        "fallback_keys": {"curve25519:A": "k"},
    },
    "login": LOGIN,
    "logout": {},
    "logout/all": {},
    "org.matrix.simplified_msc3575/sync": SLIDING,
    "publicRooms": {
        "filter": {"generic_search_term": "x", "room_types": [None], "org.meydan.interest": "sport"},
        "limit": 3,
        "since": "o1",
    },
    "register": {
        "username": "name",
        "password": "a long password",
        "auth": {"type": "m.login.dummy"},
        "inhibit_login": True,
    },
    "room_keys/version": BACKUP,
    "room_keys/version/{version}": BACKUP,
    "room_keys/keys": {"rooms": {"!x:localhost": {"sessions": {"s": SESSION}}}},
    "room_keys/keys/{room}": {"sessions": {"s": SESSION}},
    "room_keys/keys/{room}/{session}": SESSION,
    "rooms/{room}/ban": TARGET,
    "rooms/{room}/unban": TARGET,
    "rooms/{room}/kick": TARGET,
    "rooms/{room}/invite": TARGET,
    "rooms/{room}/forget": {},
    "rooms/{room}/leave": {"reason": "r"},
    "rooms/{room}/read_markers": {"m.fully_read": "$e", "m.read": "$e", "m.read.private": "$e"},
    "rooms/{room}/receipt/{type}/{event}": {"thread_id": "main"},
    "rooms/{room}/report": {"reason": "r"},
    "rooms/{room}/report/{event}": {"reason": "r", "score": -100},
    "users/{user}/report": {"reason": "r"},
    "rooms/{room}/upgrade": {"new_version": "11"},
    "rooms/{room}/redact/{event}/{txn}": {"reason": "r"},
    "rooms/{room}/send/{type}/{txn}": EVENT,
    "rooms/{room}/state/{type}": {"topic": "t"},
    "rooms/{room}/state/{type}/{key}": {"membership": "join", "users": {"@a:localhost": 1}, "allow": [{"type": "x"}]},
    "rooms/{room}/typing/{user}": {"typing": True, "timeout": 1},
    "search": SEARCH,
    "user/{user}/filter": {"room": {"timeline": {"limit": 3}}},
    "user_directory/search": {"search_term": "a", "limit": 3},
    "devices/{device}": {"display_name": "d", "auth": AUTH},
    "directory/list/room/{room}": {"visibility": "public"},
    "directory/room/{alias}": {"room_id": "!x:localhost"},
    "profile/{user}/displayname": {"displayname": "d"},
    "profile/{user}/avatar_url": {"avatar_url": "mxc://localhost/abc"},
    "pushrules/global/{kind}/{rule}": RULE,
    "pushrules/global/{kind}/{rule}/enabled": {"enabled": True},
    "pushrules/global/{kind}/{rule}/actions": {"actions": ["notify"]},
    "sendToDevice/{type}/{txn}": {"messages": {"@ben:localhost": {"*": {"a": 1}}}},
    "user/{user}/account_data/{type}": {"a": 1},
    "user/{user}/rooms/{room}/account_data/{type}": {"a": 1},
    "user/{user}/rooms/{room}/tags/{tag}": {"order": 0.5},
    "user/{user}/openid/request_token": {},
    "upload": {},
    "upload/{server}/{id}": {},
    "create": {},
}
"""By the address, from behind its version on."""

QUERIES: Mapping[str, str] = {
    "since": "s0_0_0_0_0",
    "filter": FILTER,
    "full_state": "true",
    "set_presence": "offline",
    "use_state_after": "true",
    "from": "s0_0_0_0_0",
    "to": "t5",
    "dir": "b",
    "limit": "3",
    "at": "t5",
    "membership": "join",
    "not_membership": "leave",
    "pos": "1",
    "ts": "1700000000000",
    "max_depth": "1",
    "suggested_only": "true",
    "recurse": "true",
    "include": "participated",
    "version": "1",
    "before": "m.rule",
    "after": "m.rule",
    "next_batch": "o1",
    "kind": "user",
    "username": "name",
    "format": "event",
    "width": "32",
    "height": "32",
    "method": "crop",
    "filename": "a.txt",
    "access_token": "",
    "only": "highlight",
    "timeout_ms": "0",
    "org.matrix.msc4140.delay": "86400000",
    "status": "scheduled",
    "delay_id": "0",
}
"""Any of them is asked of any address."""
