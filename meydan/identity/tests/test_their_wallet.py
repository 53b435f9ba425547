"""A wallet of others receives, holds and shows what the city issues, and a verifier of others reads it."""

import json
from pathlib import Path
from urllib.parse import quote

import pytest
from django.test import Client

from meydan.identity.actions.identities import establish_identity
from meydan.identity.actions.offering import offer_credential
from meydan.identity.actions.revoking import end_wallet
from meydan.identity.models import Application, Credential, Issuance, State, Wallet
from meydan.identity.queries.keys import issuer
from meydan.identity.queries.presenting import request_address, see_presentation
from meydan.identity.queries.statuslists import built_list
from meydan.identity.tests.holders import (
    CANARY,
    CLAIMS,
    ask_at,
    client_of,
    make_clerk,
    make_identity,
    make_party,
    make_person,
    person_of,
    query_of,
)
from meydan.identity.tests.letting import let_in
from meydan.identity.tests.others import TheirWallet
from meydan.identity.tests.relying import browser_of
from meydan.kernel.actor import SYSTEM, Role
from meydan.kernel.clock import now

pytestmark = [pytest.mark.django_db, pytest.mark.wallet]


@pytest.fixture
def theirs(tmp_path: Path) -> TheirWallet:
    return TheirWallet(tmp_path)


def offer_uri(reference: str, client: str) -> str:
    return f"openid4vp://?client_id={quote(client)}&request_uri={quote(request_address(reference), safe='')}"


@pytest.mark.parametrize("dpop", [False, True], ids=["bearer", "dpop"])
def test_offer_wrong_digits_batch_and_notification(theirs: TheirWallet, dpop: bool) -> None:
    amina = make_person()
    make_identity(amina)
    offered = offer_credential(amina)
    wrong = f"{(int(offered.tx_code) + 1) % 1_000_000:06}"
    got = theirs.do("receive", offer=offered.uri, txCode=offered.tx_code, wrong=[wrong, wrong], count=3, dpop=dpop)
    assert got["refused"] == ["invalid_grant", "invalid_grant"]
    assert len(got["credentials"]) == len({*got["credentials"]}) == 3
    assert got["type"] == ("DPoP" if dpop else "Bearer")
    assert Issuance.objects.get().event == "credential_accepted"


@pytest.mark.parametrize("dpop", [False, True], ids=["bearer", "dpop"])
@pytest.mark.parametrize("offered", [False, True], ids=["begun by the wallet", "begun by an offer"])
def test_by_authorization_code_with_a_pushed_request(theirs: TheirWallet, offered: bool, dpop: bool) -> None:
    amina = make_person()
    make_identity(amina)
    who = {"client": "their-wallet", "back": "org.example.wallet:/back", "dpop": dpop}
    begun = theirs.do("begin", **who, offer=offer_credential(amina).uri if offered else None)
    assert set(query_of(begun["url"])) == {"client_id", "request_uri"}
    where = let_in(browser_of(amina), begun["url"].removeprefix(issuer()))
    got = theirs.do("finish", **who, **begun | {"url": where}, count=2)
    assert got["type"] == ("DPoP" if dpop else "Bearer")
    assert len(got["credentials"]) == Credential.objects.count() == 2
    assert theirs.do("verify", credential=got["credentials"][0])["payload"]["family_name"] == CANARY
    assert (Wallet.objects.get().name, Issuance.objects.get().event) == ("org.example.wallet", "credential_accepted")


@pytest.mark.parametrize("encrypts", [False, True], ids=["plain", "encrypted"])
def test_over_18_and_no_more(theirs: TheirWallet, encrypts: bool) -> None:
    amina, admin = make_person(), make_person("boss", Role.ADMIN)
    make_identity(amina)
    offered = offer_credential(amina)
    got = theirs.do("receive", offer=offered.uri, txCode=offered.tx_code)
    party = make_party(encrypts=encrypts)
    clerk = make_clerk(party, admin)
    asked = ask_at(party, clerk)
    uri = offer_uri(asked.reference, client_of(party))
    shown = theirs.do("present", uri=uri, credential=got["credentials"][0], key=got["keys"][0])
    assert (shown["status"], shown["names"], shown["name"]) == (200, ["age_over_18"], party.name)
    assert shown["responseMode"] == ("direct_post.jwt" if encrypts else "direct_post")
    assert (CANARY in shown["shown"], bool(shown["sent"])) == (False, encrypts)
    assert dict(see_presentation(clerk, asked.row.pk).claims) == {"age_over_18": True}


def test_what_is_revoked_their_verifier_refuses(theirs: TheirWallet) -> None:
    amina = make_person()
    make_identity(amina)
    offered = offer_credential(amina)
    credential = theirs.do("receive", offer=offered.uri, txCode=offered.tx_code)["credentials"][0]
    before = theirs.do("verify", credential=credential)
    assert before["valid"], before
    assert before["payload"]["family_name"] == CANARY
    end_wallet(amina, Wallet.objects.get().pk)
    built_list.cache_clear()  # a minute later
    after = theirs.do("verify", credential=credential)
    assert (after["valid"], after["why"]) == (False, "Status is not valid")


def test_deferred_until_the_desk_has_decided(theirs: TheirWallet) -> None:
    amina = make_person()
    Application.objects.create(person_id=person_of(amina), state=State.DESK, began_at=now())
    offered = offer_credential(amina)
    got = theirs.do("receive", offer=offered.uri, txCode=offered.tx_code, count=2)
    assert got["credentials"] == []
    waiting = theirs.do("deferred", access=got["access"], transaction=got["transaction"])
    assert (waiting["credentials"], waiting["transaction"]) == ([], got["transaction"])
    establish_identity(SYSTEM, person_id=person_of(amina), claims=CLAIMS, level="light")
    given = theirs.do("deferred", access=got["access"], transaction=got["transaction"])
    assert len(given["credentials"]) == Credential.objects.count() == 2
    again = Client().post(
        "/id/deferred",
        json.dumps({"transaction_id": got["transaction"]}),
        content_type="application/json",
        headers={"Authorization": f"Bearer {got['access']}"},
    )
    assert (again.status_code, again.json()["error"]) == (400, "invalid_transaction_id")
