"""The holder in the browser looks who asks: nothing is even offered to be shown to whoever is no relying party of this
city, whatever their certificate says of them (`static/identity/chain.js`)."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from allauth.mfa.models import Authenticator
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from meydan.identity.actions.keys import keep_issuer_key
from meydan.identity.queries.keys import private_key
from meydan.identity.queries.presenting import REQUEST_TYP, dcql_query
from meydan.identity.tests.holders import person_of
from meydan.identity.tests.passkeys import give_passkeys, make_passkey
from meydan.identity.tests.test_in_browser import open_as, set_the_scene
from meydan.identity.tokens.certificates import to_der, x509_hash
from meydan.identity.tokens.jose import PrivateKey, PublicKey, Signer, new_key
from meydan.kernel.clock import now

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("committed")]
PARTY = "https://city.example/verify/parties/hotel"
YEARS = timedelta(days=365)


@dataclass(frozen=True)
class Forger:
    """Somebody who asks, and what they have got hold of."""

    root: x509.Certificate
    root_key: PrivateKey
    real: x509.Certificate
    key: PrivateKey

    def certificate(self, **changes: Any) -> bytes:
        """As the city makes them for its relying parties, but for what is said."""
        made: dict[str, Any] = {"by": self.root_key, "issuer": self.root.subject, "at": now(), "ca": False, **changes}
        return make_certificate(self.key.public_key(), **made)

    def swapped(self) -> bytes:
        """A real one of the city's, with another key put in."""
        return to_der(self.real).replace(_point(self.real.public_key()), _point(self.key.public_key()))


def make_certificate(
    key: PublicKey, *, by: PrivateKey, issuer: x509.Name, at: datetime, ca: bool, address: str = PARTY
) -> bytes:
    """In DER."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Hotel")])
    draft = x509.CertificateBuilder().subject_name(name).issuer_name(issuer).public_key(key)
    draft = draft.serial_number(x509.random_serial_number()).not_valid_before(at).not_valid_after(at + YEARS)
    draft = draft.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    if address:
        names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(address)])
        draft = draft.add_extension(names, critical=False)
    return to_der(draft.sign(by, SHA256()))


def _point(key: Any) -> bytes:
    point: bytes = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return point


def forged(forger: Forger) -> Mapping[str, bytes]:
    """Certificates that the city did not make, or not for this."""
    other, early = new_key(), now() - timedelta(hours=1)
    itself = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Hotel")])
    return {
        "signed by itself": forger.certificate(by=forger.key, issuer=itself, at=early),
        "signed by itself, in the name of the city's root": forger.certificate(by=forger.key, at=early),
        "under another root of the same name": forger.certificate(by=other, at=early),
        "a real one with another key": forger.swapped(),
        "run out": forger.certificate(at=now() - 2 * YEARS),
        "not valid yet": forger.certificate(at=now() + timedelta(days=1)),
        "an authority's": forger.certificate(at=early, ca=True),
        "of the city, but for no relying party": forger.certificate(at=early, address="https://city.example/id"),
        "that names nobody": forger.certificate(at=early, address=""),
        "no certificate": b"\x30\x03\x02\x01\x00",
    }


def ask_as(forger: Forger, certificate: bytes, *, signer: PrivateKey | None = None) -> tuple[str, str]:
    """Where a code of theirs leads, and the request that is found there."""
    who, at = x509_hash(certificate), int(now().timestamp())
    header = {"typ": REQUEST_TYP, "x5c": [base64.b64encode(certificate).decode("ascii")]}
    payload = {
        "client_id": who,
        "exp": at + 90,
        "nonce": "n",
        "state": "s",
        "response_mode": "direct_post",
        "response_uri": "/verify/answers/1",
        "dcql_query": dcql_query(["age_over_18"]),
        "client_metadata": {"client_name": "Hotel"},
    }
    where = quote("https://city.example/verify/requests/forged", safe="")
    link = f"/id/present#client_id={quote(who, safe='')}&request_uri={where}"
    return link, Signer(signer or forger.key, header).sign(payload)


def open_link(phone: Page, link: str, request: str) -> None:
    """The code is scanned, and what it leads to is this."""
    phone.unroute_all()
    phone.route("**/verify/requests/forged", lambda route: route.fulfill(body=request, content_type="text/plain"))
    phone.goto("about:blank")
    phone.goto(link)


def test_who_is_no_party_of_the_city_is_shown_nothing(browser: Browser, live_server: LiveServer) -> None:
    amina, _clerk, party = set_the_scene()
    Authenticator.objects.create(user_id=person_of(amina), type=Authenticator.Type.TOTP, data={"secret": "x"})
    phone = open_as(browser, live_server, amina)
    give_passkeys(phone, makes_keys=True)
    phone.goto("/id/wallet")
    make_passkey(phone)
    phone.get_by_role("button", name="Give it to a wallet").click()
    phone.get_by_role("button", name="Keep it in this browser").click()
    phone.get_by_text("This browser holds your ID").wait_for()
    root = keep_issuer_key("root")
    real = x509.load_der_x509_certificate(bytes(keep_issuer_key("party", party).certificate))
    city = x509.load_der_x509_certificate(bytes(root.certificate))
    forger = Forger(city, private_key(root), real, new_key())
    asks, failed = phone.locator("[data-step=ask]"), phone.locator("[data-step=failed]")
    for what, certificate in forged(forger).items():
        open_link(phone, *ask_as(forger, certificate))
        expect(failed, what).to_be_visible()
        expect(asks, what).to_be_hidden()
        expect(phone.locator("[data-name]"), what).to_have_text("")
    genuine = forger.certificate(at=now() - timedelta(hours=1))
    open_link(phone, *ask_as(forger, genuine, signer=new_key()))
    expect(failed, "signed by another key than the certificate's").to_be_visible()
    other, (_link, request) = ask_as(forger, forger.swapped())[0], ask_as(forger, genuine)
    open_link(phone, other, request)
    expect(failed, "the code names somebody else").to_be_visible()
    open_link(phone, *ask_as(forger, genuine))
    expect(asks, "what the city made for a party is taken").to_be_visible()
