"""Papers signed with the ID: hostile files, the signature under two programs, who may, what is told, and checking."""

import hashlib
import re
import shutil
import subprocess
import time
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from asn1crypto import cms, x509
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from meydan.accounts.public import Person
from meydan.identity.actions.identities import freeze_identity, open_powers
from meydan.identity.actions.signing import give_paper, sign_paper, sweep_papers
from meydan.identity.models import Identity, IssuerKey, Signature
from meydan.identity.papers.child import work
from meydan.identity.papers.reading import look_at
from meydan.identity.papers.refusals import Refused
from meydan.identity.queries.keys import root_pem
from meydan.identity.tests.cast import CLAIMS, actor_of, browser, make_identity, make_person
from meydan.identity.tests.pdfs import HOSTILE, make_pdf
from meydan.identity.tests.test_alarms import react
from meydan.kernel.actor import SYSTEM
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, NotFound
from meydan.kernel.errors import Refused as NotAllowed
from meydan.kernel.facts import facts_of_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def holder() -> Person:
    """Somebody who was seen in person, and whose powers are open."""
    return make_open("amina")


def make_open(username: str, number: str = CLAIMS.number) -> Person:
    person = make_person(username)
    identity = make_identity(person, CLAIMS.model_copy(update={"number": number}), in_person=True)
    Identity.objects.filter(pk=identity.pk).update(opens_at=now() - timedelta(hours=1))
    open_powers(SYSTEM, identity.pk)
    return person


def make_signed(person: Person, *, shows_name: bool = True) -> Signature:
    actor = actor_of(person)
    row = give_paper(actor, data=make_pdf(), title="lease.pdf", shows_name=shows_name)
    sign_paper(actor, row.pk)
    return Signature.objects.get(pk=row.pk)


@pytest.mark.parametrize("what", HOSTILE)
def test_a_file_that_could_look_different_tomorrow_is_refused(what: str) -> None:
    word, data = HOSTILE[what]
    assert work(data, {}) == ({"refused": word}, b"")


@pytest.mark.parametrize("what", ["a bomb", "arrays without end", "XFA"])
def test_it_is_read_in_a_process_of_its_own(what: str) -> None:
    word, data = HOSTILE[what]
    with pytest.raises(Refused) as caught:
        look_at(data)
    assert caught.value.code == word


def status_of(body: bytes) -> Any:
    """What pyHanko's own validator says, with the city's root alone to trust, and no network."""
    key = IssuerKey.objects.get(use="root")
    trusted = ValidationContext(trust_roots=[x509.Certificate.load(bytes(key.certificate))], allow_fetching=False)
    return validate_pdf_signature(PdfFileReader(BytesIO(body)).embedded_signatures[0], trusted, trusted)


def test_the_signature_holds_under_pyhanko_and_covers_the_whole_file(holder: Person) -> None:
    row = make_signed(holder)
    status = status_of(row.body)
    assert status.bottom_line and status.modification_level == ModificationLevel.NONE
    assert status.signing_cert.subject.native["common_name"] == "Amina Idrissi"
    assert status.timestamp_validity.valid and status.timestamp_validity.trusted
    assert row.body.startswith(make_pdf()), "what was given is not touched"
    assert hashlib.sha256(row.body).digest() == bytes(row.after or b"")
    assert row.said_code.encode() in row.body and b"/SubFilter /ETSI.CAdES.detached" in row.body.replace(b"\n", b" ")


@pytest.mark.parametrize("what", [b"100 100 re", b"BT /F0", b"/Reason"])
def test_one_changed_byte_breaks_it(holder: Person, what: bytes) -> None:
    """In what was given, on the page with the code, and in the signature's own frame."""
    body = make_signed(holder).body
    place = body.index(what) + 1
    status = status_of(body[:place] + bytes([body[place] ^ 2]) + body[place + 1 :])
    assert not status.intact and not status.bottom_line


def test_no_name_is_shown_by_who_shows_none(holder: Person) -> None:
    body = make_signed(holder, shows_name=False).body
    subject = status_of(body).signing_cert.subject.native
    assert (
        "common_name" not in subject
        and "Amina" not in str(subject)
        and b"Idrissi" not in bytes.fromhex(_cms(body).hex())
    )


def _cms(body: bytes) -> bytes:
    found = re.search(rb"/ByteRange \[0 (\d+) (\d+) (\d+)\]", body)
    assert found
    start, end, rest = (int(one) for one in found.groups())
    assert end + rest == len(body)
    whole = bytes.fromhex(body[start + 1 : end - 1].decode())
    return bytes(cms.ContentInfo.load(whole, strict=False).dump())


def test_openssl_agrees(holder: Person, tmp_path: Path) -> None:
    """A second program, of other people: over the bytes that the file itself names."""
    body = make_signed(holder).body
    assert _openssl_holds(body, tmp_path)
    assert not _openssl_holds(body[:20] + bytes([body[20] ^ 1]) + body[21:], tmp_path)


def _openssl_holds(body: bytes, folder: Path) -> bool:
    found = re.search(rb"/ByteRange \[0 (\d+) (\d+) (\d+)\]", body)
    assert found
    start, end, _rest = (int(one) for one in found.groups())
    (folder / "signature").write_bytes(_cms(body))
    (folder / "covered").write_bytes(body[:start] + body[end:])
    (folder / "root.pem").write_bytes(root_pem())
    command = "openssl cms -verify -binary -inform DER -in signature -content covered -CAfile root.pem -purpose any"
    program = shutil.which("openssl")
    assert program, "this machine has no openssl: the second opinion is missing"
    done = subprocess.run(
        [program, *command.split()[1:], "-out", "/dev/null"], cwd=folder, capture_output=True, check=False
    )
    return done.returncode == 0


@pytest.mark.skipif(
    shutil.which("pdfsig") is None, reason="no pdfsig here (apt install poppler-utils): a third opinion"
)
def test_pdfsig_agrees(holder: Person, tmp_path: Path) -> None:
    path = tmp_path / "signed.pdf"
    path.write_bytes(make_signed(holder).body)
    said = subprocess.run(["pdfsig", "-nocert", str(path)], capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid" in said and "Total document signed" in said


def test_only_who_was_seen_in_person_signs_and_only_while_not_frozen(holder: Person) -> None:
    light = make_person("light")
    with pytest.raises(NotAllowed):
        give_paper(actor_of(light), data=make_pdf(), title="a.pdf", shows_name=True)
    actor = actor_of(holder)
    row = give_paper(actor, data=make_pdf(), title="a.pdf", shows_name=True)
    with pytest.raises(NotFound):
        sign_paper(actor_of(make_open("other", "BK999999")), row.pk)
    freeze_identity(actor, Identity.objects.get(person=holder).pk, why="holder")
    with pytest.raises(NotAllowed):
        sign_paper(actor_of(holder), row.pk)
    react()
    assert not Signature.objects.filter(pk=row.pk).exists(), "what waits is gone with the freeze"


def test_it_is_signed_once_told_everywhere_and_no_fact_holds_a_name(holder: Person) -> None:
    row = make_signed(holder)
    with pytest.raises(Conflict):
        sign_paper(actor_of(holder), row.pk)
    (fact,) = facts_of_person(holder.pk, name="identity.paper_signed")
    assert fact.fact.sha256 == bytes(row.after or b"").hex()  # type: ignore[attr-defined]  # the fact of this name
    assert "Idrissi" not in str(fact.fact) and "lease" not in str(fact.fact)


def test_the_page_asks_for_a_proof_of_its_own_for_each_paper(holder: Person) -> None:
    client = browser(holder)
    sent = client.post("/id/sign", {"paper": SimpleUploadedFile("lease.pdf", make_pdf()), "shows": "name"})
    assert sent.status_code == 302
    key = UUID(sent["Location"].rpartition("/")[2])
    page = client.get(sent["Location"]).content.decode()
    assert "lease.pdf" in page and hashlib.sha256(make_pdf()).hexdigest() in page
    early = client.post(f"/id/sign/{key}/sign")
    assert early.status_code == 302 and "reauthenticate" in early["Location"], "the proof of before does not do"
    prove(client)
    assert client.post(f"/id/sign/{key}/sign")["Location"] == f"/id/sign/{key}"
    file = client.get(f"/id/sign/{key}/file")
    assert file["Content-Type"] == "application/pdf" and "attachment" in file["Content-Disposition"]
    assert status_of(file.content).bottom_line


def prove(client: Client) -> None:
    session = client.session
    at = time.time() + 1
    session["account_authentication_methods"] = [{"method": "mfa", "type": "totp", "at": at}]
    session.save()


def test_a_bad_file_is_told_beside_the_field(holder: Person) -> None:
    sent = browser(holder).post(
        "/id/sign", {"paper": SimpleUploadedFile("a.pdf", HOSTILE["XFA"][1]), "shows": "nothing"}
    )
    assert sent.status_code == 422 and "Print it as PDF" in sent.content.decode()


def test_whoever_holds_the_paper_checks_it_by_code_and_by_file(holder: Person, client: Client) -> None:
    row = make_signed(holder)
    path, body = f"/verify/papers/{row.said_code}", row.body
    page = client.get(path.lower().replace("-", "")).content.decode()
    assert "Amina Idrissi" in page and "BK123456" not in page and "1990" not in page
    right = client.post(path, {"file": SimpleUploadedFile("a.pdf", body)}).content.decode()
    wrong = client.post(path, {"file": SimpleUploadedFile("a.pdf", body + b"\n")}).content.decode()
    assert "the very one" in right and "is not the one that was signed" in wrong
    assert client.get("/verify/papers").status_code == 200
    known = client.post("/verify/papers", {"sha256": hashlib.sha256(body).hexdigest()})
    assert "the very one" in known.content.decode()
    assert client.post("/verify/papers", {"sha256": "0" * 64}).status_code == 422
    assert client.post("/verify/papers", {"code": "AAAA-BBBB-CCCC-DDDD"}).status_code == 422
    assert client.post("/verify/papers", {"code": f"https://x/verify/papers/{row.said_code}"}).status_code == 302


def test_a_freeze_leaves_what_was_signed_and_a_disowned_signature_says_so(holder: Person, client: Client) -> None:
    row = make_signed(holder)
    freeze_identity(actor_of(holder), Identity.objects.get(person=holder).pk, why="holder")
    assert "has been frozen since" in client.get(f"/verify/papers/{row.said_code}").content.decode()
    mine = browser(holder)
    assert mine.post(f"/id/sign/{row.pk}/disown").status_code == 302
    assert "that was not me" in client.get(f"/verify/papers/{row.said_code}").content.decode()
    assert status_of(row.body).bottom_line, "the file itself verifies as before"


def test_files_are_forgotten_and_digests_stay(holder: Person) -> None:
    row = make_signed(holder)
    waits = give_paper(actor_of(holder), data=make_pdf(), title="b.pdf", shows_name=True)
    Signature.objects.update(made_at=now() - timedelta(days=8))
    sweep_papers()
    assert not Signature.objects.filter(pk=waits.pk).exists()
    row.refresh_from_db()
    assert row.locked_body is None and row.after


def test_the_printed_id_leads_to_the_same_place(client: Client) -> None:
    sent = client.get("/id/paper/abc")
    assert sent.status_code == 301 and sent["Location"] == "/verify/papers/abc"
