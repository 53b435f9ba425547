"""A passkey in the tests' browser: Chromium's virtual authenticator (WebAuthn, 11.2), over its debugger."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import CDPSession, Page

DEVICE = {
    "protocol": "ctap2",
    "ctap2Version": "ctap2_0",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@dataclass
class Passkeys:
    """What opens a device and keeps its owner's passkeys."""

    line: CDPSession
    device: str

    def sees_owner(self, sees: bool) -> None:
        """Whether the finger, face or code is its owner's from now on."""
        self.line.send("WebAuthn.setUserVerified", {"authenticatorId": self.device, "isUserVerified": sees})

    def take(self, credential: dict[str, Any]) -> None:
        """Keep a passkey that was made elsewhere, as synchronised ones are."""
        self.line.send("WebAuthn.addCredential", {"authenticatorId": self.device, "credential": credential})

    def all(self) -> list[dict[str, Any]]:
        """What it keeps."""
        found: list[dict[str, Any]] = self.line.send("WebAuthn.getCredentials", {"authenticatorId": self.device})[
            "credentials"
        ]
        return found


def give_passkeys(page: Page, *, makes_keys: bool) -> Passkeys:
    """A device of its own for this page; `makes_keys`: whether it knows the extension prf."""
    line = page.context.new_cdp_session(page)
    line.send("WebAuthn.enable", {"enableUI": False})
    added = line.send("WebAuthn.addVirtualAuthenticator", {"options": {**DEVICE, "hasPrf": makes_keys}})
    return Passkeys(line, added["authenticatorId"])


MAKE = """async () => {
  const bytes = (count) => crypto.getRandomValues(new Uint8Array(count));
  await navigator.credentials.create({ publicKey: {
    challenge: bytes(32), rp: { name: "city" }, user: { id: bytes(8), name: "x", displayName: "x" },
    pubKeyCredParams: [{ type: "public-key", alg: -7 }],
    authenticatorSelection: { residentKey: "required", userVerification: "required" }, extensions: { prf: {} },
  } });
}"""


def make_passkey(page: Page) -> None:
    """One that no account knows of."""
    page.evaluate(MAKE)
