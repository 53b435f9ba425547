"""Reading people's keys (client-server API, `keys/query`)."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

from meydan.messaging.queries.reading import Pool

decode = msgspec.json.Decoder().decode
Keys = dict[str, Any]
_DEVICES = """
select device.person, device.device_id, device.name, keys.body
  from messaging_device device join messaging_devicekeys keys on keys.device_id = device.id
 where device.person = any($1::text[])"""
_CROSS = "select person, usage, body from messaging_crosssigningkey where person = any($1::text[])"
_SIGNATURES = """
select target, target_key, signer, signer_key, signature from messaging_keysignature
 where target = any($1::text[]) and (signer = target or signer = $2)"""


async def query_keys(pool: Pool, asker: str, wanted: Mapping[str, Collection[str]]) -> dict[str, Any]:
    """The keys of these people, of the named devices or (where none are named) of all; with the signatures that the
    asker may see: a person's own, and the asker's."""
    names = list(wanted)
    devices = await pool.fetch(_DEVICES, names)
    crosses = await pool.fetch(_CROSS, names)
    signatures = _by_key(await pool.fetch(_SIGNATURES, names, asker))
    said: dict[str, Any] = {"device_keys": {name: {} for name in names}, "failures": {}}
    for person, device_id, name, body in devices:
        if not wanted[person] or device_id in wanted[person]:
            keys = _signed(decode(body), signatures.get((person, device_id), ()))
            keys["unsigned"] = {"device_display_name": name} if name else {}
            said["device_keys"][person][device_id] = keys
    said |= {f"{usage}_keys": {} for usage in ("master", "self_signing", "user_signing")}
    for person, usage, body in crosses:
        if usage != "user_signing" or person == asker:
            keys = decode(body)
            said[f"{usage}_keys"][person] = _signed(keys, signatures.get((person, public_of(keys)), ()))
    return said


def public_of(keys: Keys) -> str:
    """The public part of a cross-signing key."""
    return str(next(iter(keys["keys"].values())))


def _by_key(rows: Sequence[Any]) -> dict[tuple[str, str], list[tuple[str, str, str]]]:
    found: dict[tuple[str, str], list[tuple[str, str, str]]] = {}
    for target, target_key, *signature in rows:
        found.setdefault((target, target_key), []).append((signature[0], signature[1], signature[2]))
    return found


def _signed(keys: Keys, signatures: Sequence[tuple[str, str, str]]) -> Keys:
    """The key with signatures that came later."""
    for signer, signer_key, signature in signatures:
        keys.setdefault("signatures", {}).setdefault(signer, {})[signer_key] = signature
    return keys


async def cross_keys(pool: Pool, person: str) -> dict[str, Keys]:
    """A person's cross-signing keys, by what they are for."""
    rows = await pool.fetch(_CROSS, [person])
    return {usage: decode(body) for _person, usage, body in rows}


async def may_be_replaced(pool: Pool, person: str) -> bool:
    """Whether they have said a moment ago, on Meydan's pages, that their cross-signing keys may be replaced."""
    found = await pool.fetchval("select 1 from messaging_identityreset where person = $1 and until > now()", person)
    return found is not None


async def is_let_in(pool: Pool, device: int) -> bool:
    """Whether a device was signed in by OAuth 2.0: its program has never seen a password."""
    found = await pool.fetchval("select 1 from messaging_refreshtoken where device_id = $1 and client <> ''", device)
    return found is not None


async def device_keys(pool: Pool, person: str, device_ids: Sequence[str]) -> dict[str, Keys]:
    """The identity keys of some of a person's devices, by device."""
    rows = await pool.fetch(_DEVICES + " and device.device_id = any($2::text[])", [person], list(device_ids))
    return {device_id: decode(body) for _person, device_id, _name, body in rows}
