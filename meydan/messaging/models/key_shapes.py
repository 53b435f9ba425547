"""The shapes of keys, as clients upload them (client-server API, "Device keys", "Cross-signing")."""

from base64 import b64decode
from binascii import Error
from collections.abc import Mapping
from typing import Any

from meydan.messaging.models.errors import MatrixError, bad_param
from meydan.messaging.models.shapes import canonical_json

MOST_KEY_BYTES = 10_000
MOST_NAME = 255
MOST_ALGORITHM = 100
USAGES = ("master", "self_signing", "user_signing")


def bare(signed: Mapping[str, Any]) -> dict[str, Any]:
    """What is signed of an object (appendices, "Signing JSON")."""
    return {name: value for name, value in signed.items() if name not in ("signatures", "unsigned")}


def key_bytes(value: Any) -> bytes:
    """A key in the one way it is kept. `M_TOO_LARGE`, `M_BAD_JSON`."""
    written = canonical_json(value)
    if len(written) > MOST_KEY_BYTES:
        raise MatrixError(413, "M_TOO_LARGE", f"A key takes at most {MOST_KEY_BYTES} bytes.")
    return written


def read_public(text: str) -> bytes | None:
    """The 32 bytes of a key, of base64 without padding; None when it is no such key."""
    return read_base64(text, 32)


def read_base64(text: str, size: int) -> bytes | None:
    """So many bytes, of base64 with or without padding (appendices, "Unpadded Base64")."""
    try:
        data = b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (Error, ValueError):
        return None
    return data if len(data) == size else None


def check_device_keys(user_id: str, device_id: str, said: Mapping[str, Any]) -> bytes:
    """A device's own keys, which must name their person and device; as they are kept. `M_INVALID_PARAM`."""
    if said.get("user_id") != user_id or said.get("device_id") != device_id:
        raise bad_param("These are another device's keys: user_id and device_id must be your own.")
    if not _are_texts(said.get("algorithms")):
        raise bad_param("algorithms is a list of names.")
    keys = said.get("keys")
    if not isinstance(keys, dict) or not keys:
        raise bad_param("keys is missing.")
    for name, value in keys.items():
        if name.partition(":")[2] != device_id or not isinstance(value, str):
            raise bad_param("Each of keys is called by its algorithm and your device: ed25519:DEVICE.")
    if not isinstance(said.get("signatures", {}), dict):
        raise bad_param("signatures is an object.")
    return key_bytes({name: value for name, value in said.items() if name != "unsigned"})


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def read_named_keys(said: Mapping[str, Any], most: int) -> dict[tuple[str, str], bytes]:
    """One-time or fallback keys, `algorithm:id` to a text or a signed object, as they are kept, by (algorithm, id).
    `M_INVALID_PARAM`."""
    if len(said) > most:
        raise bad_param(f"At most {most} keys at once.")
    return {_key_name(name): key_bytes(_key_value(value)) for name, value in said.items()}


def _key_name(text: str) -> tuple[str, str]:
    algorithm, _colon, key_id = text.partition(":")
    if not 0 < len(algorithm) <= MOST_ALGORITHM or not 0 < len(key_id) <= MOST_NAME or "\0" in text:
        raise bad_param("A key is called by its algorithm and its id: signed_curve25519:AAAA.")
    return algorithm, key_id


def _key_value(value: Any) -> Any:
    if isinstance(value, str) or (isinstance(value, dict) and isinstance(value.get("key"), str)):
        return value
    raise bad_param("A key is a text, or an object with its key and signatures.")


def check_cross_key(user_id: str, usage: str, said: Mapping[str, Any]) -> str:
    """A cross-signing key (spec, "CrossSigningKey"): its public part. `M_INVALID_PARAM`."""
    keys = said.get("keys")
    if said.get("user_id") != user_id:
        raise bad_param("This key is somebody else's: user_id must be your own.")
    if not _are_texts(said.get("usage")) or usage not in said["usage"]:
        raise bad_param(f"usage must say {usage}.")
    if not isinstance(keys, dict) or len(keys) != 1:
        raise bad_param("keys holds exactly one key.")
    name, public = next(iter(keys.items()))
    if not isinstance(public, str) or read_public(public) is None or name != f"ed25519:{public}":
        raise bad_param("The key is called ed25519: and itself, in base64 without padding.")
    if not isinstance(said.get("signatures", {}), dict):
        raise bad_param("signatures is an object.")
    return public
