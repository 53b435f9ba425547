"""A badge's credential, held against an independent verifier (openbadgeslib) that fetches what it needs here."""

import base64
import json
from urllib.parse import urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from django.test import Client
from openbadgeslib.ob3 import OB3VerificationError, OB3Verifier
from openbadgeslib.ob3.credential import IdentityObject

from meydan.accounts.public import Person
from meydan.club.actions import keys, make_signing_key
from meydan.club.models import Award, SigningKey
from meydan.club.queries.badges import own_awards
from meydan.club.queries.carriers import find_token
from meydan.club.queries.credentials import Outcome, check_credential, credential, identity_hash, sign
from meydan.club.queries.keys import issuer_did
from meydan.club.tests.cast import contribute, email_of, look, make_badge, make_officer, person_of
from meydan.kernel.actor import SYSTEM, Actor, Role
from meydan.reports.actions import hide_report
from meydan.reports.models import Report
from meydan.reports.tests.cast import make_actor, make_city

pytestmark = pytest.mark.django_db
_PAIRS: list[RSAPrivateKey] = []


@pytest.fixture(autouse=True)
def _same_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pair of RSA keys takes a second to find: one does for all tests here, but for that of two keys."""
    if not _PAIRS:
        _PAIRS.append(keys.new_pair())
    monkeypatch.setattr(keys, "new_pair", lambda: _PAIRS[0])


def download(url: str) -> bytes:
    """What the verifier would fetch, out of our own house."""
    answer = Client().get(urlsplit(url).path)
    assert answer.status_code == 200, url
    return bytes(answer.content)


def earn(name: str = "nadia") -> tuple[Actor, Report, str]:
    """Somebody with a badge: they, the report that it stands on, and its credential."""
    make_city()
    make_badge()
    citizen = make_actor(name)
    (report,) = contribute(citizen, make_officer())
    return citizen, report, sign(credential(own_awards(citizen).get()))


def verify(token: str) -> None:
    """The independent verifier, from the issuer's DID alone."""
    OB3Verifier.for_issuer_did(issuer_did(), download=download).verify(token, check_status=True, download=download)


def test_an_independent_verifier_takes_the_credential_and_refuses_it_after_revocation() -> None:
    _citizen, report, token = earn()
    verify(token)
    hide_report(make_actor("moderator", Role.MODERATOR), report.number, text="A face")
    look(report.reference)
    assert Award.objects.get().revoked_at is not None
    with pytest.raises(OB3VerificationError, match="Credential status 'revocation' is set"):
        verify(token)


def test_a_changed_byte_is_refused() -> None:
    _citizen, _report, token = earn()
    head, body, signature = token.split(".")
    said = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    said["credentialSubject"]["achievement"]["name"] = "Mayor"
    forged = base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")
    with pytest.raises(OB3VerificationError, match="Invalid signature"):
        verify(f"{head}.{forged}.{signature}")
    assert check_credential(f"{head}.{forged}.{signature}").outcome is Outcome.BROKEN


def test_the_holder_is_named_by_a_hash_that_only_their_address_fits() -> None:
    citizen, _report, token = earn()
    said = jwt.decode(token, options={"verify_signature": False})
    identity = said["credentialSubject"]["identifier"][0]
    mine = IdentityObject.create(email_of(citizen), salt=identity["salt"])
    assert identity["identityHash"] == mine.identity_hash
    assert email_of(citizen) not in json.dumps(said) and str(citizen.person_id) not in json.dumps(said)
    assert check_credential(token, email=email_of(citizen).upper()).is_theirs is True
    assert check_credential(token, email="somebody@else.example").is_theirs is False
    assert identity_hash("A@b.example ", "x") == identity_hash("a@b.example", "x")


def test_a_holder_without_an_address_has_a_credential_that_names_nobody() -> None:
    citizen, _report, _token = earn()
    Person.objects.filter(pk=person_of(citizen).pk).update(email=None)
    token = sign(credential(own_awards(citizen).get()))
    verify(token)
    assert check_credential(token, email="").is_theirs is None
    assert check_credential(token, email="somebody@else.example").is_theirs is False


def test_a_new_key_signs_and_the_old_one_still_verifies(monkeypatch: pytest.MonkeyPatch) -> None:
    citizen, _report, old = earn()
    second = generate_private_key(public_exponent=65537, key_size=2048)
    monkeypatch.setattr(keys, "new_pair", lambda: second)
    make_signing_key(SYSTEM)
    new = sign(credential(own_awards(citizen).get()))
    assert jwt.get_unverified_header(new)["kid"] != jwt.get_unverified_header(old)["kid"]
    verify(new)
    OB3Verifier.for_issuer_did(issuer_did(), download=download).verify(old)
    assert SigningKey.objects.count() == 2


def test_a_private_key_lies_in_the_database_locked_away() -> None:
    earn()
    key = SigningKey.objects.get()
    assert "PRIVATE" not in key.private and set(key.public) == {"kty", "n", "e", "alg", "use", "kid"}


@pytest.mark.parametrize("form", ["svg", "png", "jwt"])
def test_a_downloaded_badge_carries_the_credential(client: Client, form: str) -> None:
    citizen, _report, token = earn()
    client.force_login(person_of(citizen))
    answer = client.get(f"/me/badges/{own_awards(citizen).get().pk}.{form}")
    content = bytes(answer.content)
    assert answer.status_code == 200 and find_token(content) == token
    extract = {"svg": OB3Verifier.extract_token_from_svg, "png": OB3Verifier.extract_token_from_png}.get(form)
    assert extract is None or extract(content) == token


def test_nobody_downloads_somebody_elses_or_what_was_revoked(client: Client) -> None:
    citizen, report, _token = earn()
    award, person = own_awards(citizen).get(), person_of(citizen)
    assert client.get(f"/me/badges/{award.pk}.jwt").status_code == 302
    client.force_login(person_of(make_actor("eve")))
    assert client.get(f"/me/badges/{award.pk}.jwt").status_code == 404
    hide_report(make_actor("moderator", Role.MODERATOR), report.number, text="A face")
    look(report.reference)
    client.force_login(person)
    assert client.get(f"/me/badges/{award.pk}.jwt").status_code == 404
