"""Keys that can sign, for the tests."""

from base64 import b64encode
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from meydan.messaging.models.shapes import canonical_json


def base64(data: bytes) -> str:
    """Without padding, as the protocol writes it."""
    return b64encode(data).decode().rstrip("=")


class Signer:
    """An ed25519 key of somebody; `name` is the device, or for a cross-signing key the public key itself."""

    def __init__(self, user_id: str, name: str = "") -> None:
        self.private = Ed25519PrivateKey.generate()
        self.public = base64(self.private.public_key().public_bytes_raw())
        self.user_id = user_id
        self.key_name = f"ed25519:{name or self.public}"

    def sign(self, value: dict[str, Any]) -> dict[str, Any]:
        """The same object with one signature more."""
        bare = {name: one for name, one in value.items() if name not in ("signatures", "unsigned")}
        signature = base64(self.private.sign(canonical_json(bare)))
        known = value.get("signatures", {})
        mine = {**known.get(self.user_id, {}), self.key_name: signature}
        return {**value, "signatures": {**known, self.user_id: mine}}

    def cross_key(self, usage: str) -> dict[str, Any]:
        """This key as a cross-signing key."""
        return {"user_id": self.user_id, "usage": [usage], "keys": {self.key_name: self.public}}


def device_keys(signer: Signer, device_id: str, **more: Any) -> dict[str, Any]:
    """A device's identity keys, signed by the device."""
    return signer.sign(
        {
            "user_id": signer.user_id,
            "device_id": device_id,
            "algorithms": ["m.olm.v1.curve25519-aes-sha2", "m.megolm.v1.aes-sha2"],
            "keys": {f"ed25519:{device_id}": signer.public, f"curve25519:{device_id}": base64(b"c" * 32)},
            **more,
        }
    )


def one_time_keys(numbers: range, **more: Any) -> dict[str, Any]:
    """Keys as a device uploads them; what they are is nothing to the server."""
    return {f"signed_curve25519:K{number}": {"key": f"key {number}", "signatures": {}, **more} for number in numbers}
