"""Cross-signing: a person's own three keys, and the signatures that they and their devices give (client-server API,
"Cross-signing")."""

from collections.abc import Mapping
from typing import Any

from meydan.messaging.actions.keys import note_list
from meydan.messaging.actions.messenger import Messenger, Who
from meydan.messaging.actions.writer import Statement
from meydan.messaging.models.errors import MatrixError, bad_param, not_found
from meydan.messaging.models.key_shapes import USAGES, bare, check_cross_key, key_bytes
from meydan.messaging.policies.signing import is_signed, signature_of
from meydan.messaging.queries.keys import Keys, cross_keys, device_keys, public_of
from meydan.messaging.queries.live import Note

MOST_SIGNATURES = 500
Failures = dict[str, dict[str, dict[str, str]]]


def bad_signature(message: str) -> MatrixError:
    """400 M_INVALID_SIGNATURE."""
    return MatrixError(400, "M_INVALID_SIGNATURE", message)


def read_cross_keys(user_id: str, body: Mapping[str, Any]) -> dict[str, Keys]:
    """The keys that `keys/device_signing/upload` brings, by what they are for. `M_INVALID_PARAM`."""
    found: dict[str, Keys] = {}
    for usage in USAGES:
        said = body.get(f"{usage}_key")
        if said is None:
            continue
        if not isinstance(said, dict):
            raise bad_param(f"{usage}_key is an object.")
        check_cross_key(user_id, usage, said)
        found[usage] = said
    return found


def check_signed_by_master(user_id: str, known: Mapping[str, Keys], said: Mapping[str, Keys]) -> None:
    """The two other keys must be signed by the master key, the new one or the one that is known. `M_INVALID_SIGNATURE`,
    `M_MISSING_PARAM`."""
    master = said.get("master") or known.get("master")
    if master is None:
        raise MatrixError(400, "M_MISSING_PARAM", "There is no master key yet: send master_key.")
    public = public_of(master)
    for usage, keys in said.items():
        if usage != "master" and not is_signed(keys, user_id, f"ed25519:{public}", public):
            raise bad_signature(f"{usage}_key is not signed by the master key.")


def needs_proof(known: Mapping[str, Keys], said: Mapping[str, Keys]) -> bool:
    """Whether these keys replace others: the first ones are free, and so is their repetition."""
    return "master" in known and any(bare(keys) != bare(known.get(usage, {})) for usage, keys in said.items())


async def keep_cross_keys(messenger: Messenger, who: Who, known: Mapping[str, Keys], said: Mapping[str, Keys]) -> None:
    """Keep them in the place of those that were `known` when it was asked who may. What a key that is replaced has
    signed, and what signed it, is forgotten. 409 `M_UNKNOWN` where another device was faster: that these need no proof
    was true of what it found."""
    also: list[Statement] = []
    for usage, keys in said.items():
        if usage in known and public_of(known[usage]) != public_of(keys):
            also.append((_FORGET, (who.user_id, public_of(known[usage]))))
        before = public_of(known[usage]) if usage in known else ""
        also.append((_KEEP, (who.user_id, usage, public_of(keys), key_bytes(keys), before)))
    if not also:
        return
    if needs_proof(known, said):
        also.append((_USE_UP, (who.user_id,)))
    await note_list(messenger, who.user_id, *also)
    kept = await cross_keys(messenger.pool, who.user_id)
    if any(public_of(keys) != public_of(kept[usage]) for usage, keys in said.items()):
        raise MatrixError(409, "M_UNKNOWN", "Another device has changed these keys at the same time.")


_USE_UP = "delete from messaging_identityreset where $1::bigint > 0 and person = $2"
_FORGET = """
delete from messaging_keysignature where $1::bigint > 0
   and ((target = $2 and target_key = $3) or (signer = $2 and signer_key = 'ed25519:' || $3))"""
_KEEP = """
insert into messaging_crosssigningkey (person, usage, public, body)
select $2, $3, $4, $5 where $1::bigint > 0
on conflict (person, usage) do update set public = excluded.public, body = excluded.body
 where messaging_crosssigningkey.public in ($6, excluded.public)"""


class SignatureUpload:
    """One request of `keys/signatures/upload`: each signature is looked at alone, and the good ones are kept."""

    def __init__(self, messenger: Messenger, who: Who) -> None:
        self.messenger = messenger
        self.who = who
        self.failures: Failures = {}
        self.good: dict[str, list[Statement]] = {}

    async def take(self, said: Mapping[str, Mapping[str, Any]]) -> Failures:
        """What could not be kept, and why."""
        pool, own = self.messenger.pool, self.who.user_id
        self.cross = await cross_keys(pool, own)
        self.devices = await device_keys(pool, own, [self.who.device_id, *said.get(own, {})])
        for person, keys in said.items():
            others = self.cross if person == own else await cross_keys(pool, person)
            for name, signed in keys.items():
                self._take_one(person, name, signed, others)
        await self._keep()
        return self.failures

    def _take_one(self, person: str, name: str, signed: Any, others: Mapping[str, Keys]) -> None:
        try:
            signer_key = self._check(person, name, signed, others)
        except MatrixError as error:
            said = {"errcode": error.errcode, "error": error.message}
            self.failures.setdefault(person, {})[name] = said
            return
        signature = signature_of(signed, self.who.user_id, signer_key)
        values = (person, name, self.who.user_id, signer_key, signature)
        self.good.setdefault(person, []).append((_SIGN, values))

    def _check(self, person: str, name: str, signed: Any, others: Mapping[str, Keys]) -> str:
        """The name of the key that has signed this one."""
        if not isinstance(signed, dict):
            raise bad_param("A signed key is an object.")
        master = others.get("master")
        if person == self.who.user_id and name in self.devices:
            return self._demand(signed, self.devices[name], "self_signing")
        if master is None or public_of(master) != name:
            raise not_found("There is no such key.")
        if person != self.who.user_id:
            return self._demand(signed, master, "user_signing")
        return self._demand_device(signed, master)

    def _demand(self, signed: Keys, known: Keys, usage: str) -> str:
        if usage not in self.cross:
            raise not_found("Upload your cross-signing keys first.")
        public = public_of(self.cross[usage])
        return self._demand_signed(signed, known, f"ed25519:{public}", public)

    def _demand_device(self, signed: Keys, known: Keys) -> str:
        """One's own master key is signed by the device that one holds."""
        key_name = f"ed25519:{self.who.device_id}"
        public = self.devices.get(self.who.device_id, {}).get("keys", {}).get(key_name)
        if public is None:
            raise not_found("Upload this device's keys first.")
        return self._demand_signed(signed, known, key_name, public)

    def _demand_signed(self, signed: Keys, known: Keys, key_name: str, public: str) -> str:
        if bare(signed) != bare(known):
            raise bad_param("This is not the key that was uploaded.")
        if not is_signed(signed, self.who.user_id, key_name, public):
            raise bad_signature(f"The signature of {key_name} is missing, or wrong.")
        return key_name

    async def _keep(self) -> None:
        own = self.who.user_id
        for person, statements in self.good.items():
            if person == own:
                await note_list(self.messenger, own, *statements)
            else:
                note = Note(0, "signature", own, about=person)
                await self.messenger.note(note, *statements, (_SEEN_BY_SIGNER, (own, person)))


_SIGN = """
insert into messaging_keysignature (target, target_key, signer, signer_key, signature)
select $2, $3, $4, $5, $6 where $1::bigint > 0
on conflict (target, target_key, signer, signer_key) do update set signature = excluded.signature"""
_SEEN_BY_SIGNER = """
insert into messaging_devicelistchange (pos, viewer, person) values ($1, $2, $3)
on conflict (viewer, person) do update set pos = excluded.pos"""
