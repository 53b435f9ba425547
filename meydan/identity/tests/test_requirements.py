"""The twenty requirements of a digital ID that are the credentials' own, by their numbers; the mutation table
(`test_mutations.py`) is the rest of number 1."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from psycopg.sql import SQL, Identifier
from sd_jwt.verifier import SDJWTVerifier

from meydan.identity.actions.identities import change_claims, end_identity, freeze_identity
from meydan.identity.actions.offering import offer_credential
from meydan.identity.actions.parties import change_party
from meydan.identity.actions.presenting import sweep
from meydan.identity.actions.revoking import end_wallet
from meydan.identity.models import Credential, Identity, Offer, Presentation, Wallet, WalletToken
from meydan.identity.models.credentials import LIST_SIZE, MOST_TRIES
from meydan.identity.models.presenting import RESULT_LIVES
from meydan.identity.queries.consents import exported_consents, own_consents
from meydan.identity.queries.keys import issuer_keys
from meydan.identity.queries.metadata import PRE_AUTHORIZED
from meydan.identity.queries.presenting import request_address, see_presentation
from meydan.identity.queries.statuslists import TTL, built_list, list_address
from meydan.identity.tests.holders import (
    CANARY,
    CLAIMS,
    OurWallet,
    ask_at,
    encrypt_answer,
    make_clerk,
    make_identity,
    make_party,
    make_person,
    make_presentation,
    make_wallet,
    payload_of,
    react,
)
from meydan.identity.tokens.jose import Jwk, from_b64url, new_key
from meydan.identity.tokens.sdjwt import keep
from meydan.identity.tokens.statuslist import is_revoked
from meydan.kernel.actor import SYSTEM, Actor, Role
from meydan.kernel.clock import now
from meydan.kernel.errors import Invalid, NotFound, TooMany

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Actor:
    return make_person("boss", Role.ADMIN)


def redeem(form: dict[str, str]) -> int:
    return int(OurWallet().post("/id/token", form).status_code)


def form_of(actor: Actor) -> dict[str, str]:
    offered = offer_credential(actor)
    code = OurWallet().code_of(offered)
    return {"grant_type": PRE_AUTHORIZED, "pre-authorized_code": code, "tx_code": offered.tx_code}


def test_requirement_01_wrong_digits_are_counted_and_told(amina: Actor) -> None:
    form = form_of(amina)
    for left in range(MOST_TRIES):
        assert OurWallet().post("/id/token", {**form, "tx_code": str(left)}).json()["error"] == "invalid_grant"
    assert redeem(form) == 400
    assert not Wallet.objects.exists()


def at_once(work: Callable[[], int], times: int = 4) -> Counter[int]:
    """The same from several threads, at the same moment."""
    gate = threading.Barrier(times)

    def run() -> int:
        gate.wait()
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return Counter(one.result() for one in [pool.submit(run) for _number in range(times)])


@pytest.mark.usefixtures("committed")
def test_requirement_02_codes_nonces_and_requests_are_used_once_by_many_at_once() -> None:
    amina = make_person()
    make_identity(amina)
    form = form_of(amina)
    assert at_once(lambda: redeem(form)) == {200: 1, 400: 3}
    wallet = make_wallet(amina, 0)
    nonce, keys = wallet.nonce(), [new_key() for _number in range(4)]

    def request() -> int:
        mine = OurWallet(access=wallet.access)
        return int(mine.request([keys.pop()], nonce=nonce).status_code)

    assert at_once(request) == {200: 1, 400: 3}
    refresh = {"grant_type": "refresh_token", "refresh_token": wallet.refresh}
    assert at_once(lambda: redeem(refresh)) == {200: 1, 400: 3}
    party = make_party()
    asked = ask_at(party, make_clerk(party, make_person("boss", Role.ADMIN)))
    path = urlsplit(request_address(asked.reference)).path
    assert at_once(lambda: int(Client().get(path).status_code)) == {200: 1, 404: 3}
    entries = list(Credential.objects.values_list("status_list", "index"))
    assert len(entries) == len({*entries}) == 1


def test_requirement_02_a_refresh_token_that_comes_twice_ends_its_wallet(amina: Actor) -> None:
    wallet = make_wallet(amina)
    form = {"grant_type": "refresh_token", "refresh_token": wallet.refresh}
    assert (redeem(form), redeem(form)) == (200, 400)
    react()
    assert Credential.objects.get().revoked_why == "wallet"
    assert wallet.request([new_key()]).status_code == 401


def test_requirement_03_only_what_was_asked_for_leaves(amina: Actor, admin: Actor) -> None:
    party = make_party()
    clerk, wallet = make_clerk(party, admin), make_wallet(amina, 2)
    said = wallet.fetch(ask_at(party, clerk))
    shown = make_presentation(wallet.held[0], said, ["age_over_18"])
    assert len(shown.split("~")) == 3
    assert wallet.answer(said, shown).status_code == 200
    assert wallet.show(ask_at(party, clerk), ["age_over_18", "family_name"]).status_code == 400
    party.claims = ["age_over_18"]
    party.save()
    with pytest.raises(Invalid):
        ask_at(party, clerk, mode="claims", claims=["family_name"])


def test_requirement_04_the_request_names_who_asks_and_what_for(amina: Actor, admin: Actor) -> None:
    party = make_party()
    said = make_wallet(amina, 0).fetch(ask_at(party, make_clerk(party, admin), mode="claims", claims=["sex"]))
    [about] = said["verifier_info"]
    assert (about["data"]["name"], about["data"]["purpose"]) == (party.name, party.purpose)
    assert said["client_metadata"]["client_name"] == party.name
    assert [one["path"] for one in said["dcql_query"]["credentials"][0]["claims"]] == [["sex"]]


def test_requirement_05_answers_are_encrypted_to_a_key_of_this_request(amina: Actor, admin: Actor) -> None:
    party = make_party(encrypts=True)
    clerk, wallet = make_clerk(party, admin), make_wallet(amina)
    said = [wallet.fetch(ask_at(party, clerk)) for _number in range(2)]
    assert {one["response_mode"] for one in said} == {"direct_post.jwt"}
    assert len({one["client_metadata"]["jwks"]["keys"][0]["x"] for one in said}) == 2
    plain = wallet.answer(said[0], make_presentation(wallet.held[0], said[0], ["age_over_18"]))
    assert plain.json()["error_description"] == "The answer must be encrypted (direct_post.jwt)."
    asked = ask_at(party, clerk, mode="claims", claims=["family_name"])
    said = [wallet.fetch(asked), *said]
    shown = make_presentation(wallet.held[0], said[0], ["family_name"])
    sent = [encrypt_answer(one, shown, state=said[0]["state"]) for one in (said[1], said[0])]
    plain_text = {*shown.split("~"), *shown.split("."), CANARY}
    assert not [one for part in sent for one in plain_text if one and one in str(part)], "who listens reads nothing"
    assert [wallet.send(said[0], form).status_code for form in sent] == [400, 200], "for the key of this request alone"
    assert dict(see_presentation(clerk, asked.row.pk).claims) == {"family_name": CANARY}


def fetch_list(number: int = 1) -> dict[str, Any]:
    built_list.cache_clear()  # as after a minute
    answer = Client().get(f"/statuslists/{number}")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/statuslist+jwt")
    return payload_of(answer.content.decode())


def entry_of(token: str) -> int:
    return int(payload_of(token)["status"]["status_list"]["idx"])


def test_requirement_06_lists_are_public_and_their_entries_random(amina: Actor) -> None:
    wallet = make_wallet(amina, 0)
    for _batch in range(10):
        wallet.receive(20)
    entries = list(Credential.objects.values_list("index", flat=True))
    bins = Counter(index * 10 // LIST_SIZE for index in entries)
    chi_square = sum((bins[number] - 20) ** 2 / 20 for number in range(10))
    assert chi_square < 40  # nine degrees of freedom: once in 100,000 runs
    end_wallet(amina, Wallet.objects.get().pk)
    said = fetch_list()
    assert (said["sub"], said["ttl"], LIST_SIZE >= 100_000) == (list_address(1), TTL, True)
    assert all(is_revoked(said, index) for index in entries)
    revoked = sum(is_revoked(said, index) for index in range(0, LIST_SIZE, 4096))
    assert revoked <= len(entries)
    assert Client().get("/statuslists/2").status_code == 404


def by_its_holder(identity: Identity, amina: Actor) -> None:
    end_wallet(amina, Wallet.objects.get().pk)


def by_a_freeze(identity: Identity, amina: Actor) -> None:
    freeze_identity(amina, identity.pk, why="holder")


def by_other_data(identity: Identity, _amina: Actor) -> None:
    change_claims(SYSTEM, identity.pk, claims=CLAIMS.model_copy(update={"address": "Elsewhere"}))


def by_death(identity: Identity, _amina: Actor) -> None:
    end_identity(SYSTEM, identity.pk, why="death")


@pytest.mark.parametrize("revoke", [by_its_holder, by_a_freeze, by_other_data, by_death], ids=lambda one: one.__name__)
def test_requirement_07_revoked_at_once(amina: Actor, admin: Actor, revoke: Callable[[Identity, Actor], None]) -> None:
    party = make_party()
    clerk, wallet = make_clerk(party, admin), make_wallet(amina, 2)
    revoke(Identity.objects.get(), amina)
    react()
    assert not Credential.objects.filter(revoked_at=None).exists()
    answer = wallet.show(ask_at(party, clerk))
    assert (answer.status_code, Presentation.objects.get().fault) == (400, "revoked")
    assert all(is_revoked(fetch_list(), entry_of(held.token)) for held in wallet.held)
    stays = revoke is by_other_data
    assert Wallet.objects.filter(ended_at=None).exists() is stays
    assert wallet.request([new_key()]).status_code == (200 if stays else 401)


def test_requirement_07_a_list_is_built_once_a_minute(amina: Actor) -> None:
    make_wallet(amina)
    built_list.cache_clear()
    first = Client().get("/statuslists/1")
    assert "max-age=60" in first["Cache-Control"]
    again = Client().get("/statuslists/1", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, built_list.cache_info().misses <= 2) == (304, True)


def test_requirement_08_a_list_says_how_old_it_is(amina: Actor) -> None:
    make_wallet(amina)
    said = fetch_list()
    assert 0 <= now().timestamp() - said["iat"] < 120
    assert said["exp"] - said["iat"] == timedelta(days=1).total_seconds()


def test_requirement_09_credentials_of_a_batch_share_nothing(amina: Actor) -> None:
    wallet, other = make_wallet(amina, 20), make_person("ben")
    make_identity(other, number="CD 7", given_name="Ben")
    told = [payload_of(held.token) for held in wallet.held]
    disclosures = [part for held in wallet.held for part in held.token.split("~")[1:-1]]
    hidden = [one for said in told for one in said["_sd"]]
    assert len({*disclosures}) == len(disclosures)
    assert len({*hidden}) == len(hidden)
    assert len({json.dumps(said["cnf"]) for said in told}) == 20
    assert len({said["status"]["status_list"]["idx"] for said in told}) == 20
    [theirs] = make_wallet(other).held
    common = ("iss", "vct", "iat", "nbf", "exp", "acr", "_sd_alg")
    assert all(said[name] == payload_of(theirs.token)[name] for said in told for name in common)
    assert {len(said["_sd"]) for said in [*told, payload_of(theirs.token)]} == {8}


def test_requirement_09_another_library_reads_the_same(amina: Actor) -> None:
    wallet = make_wallet(amina)
    said = {"client_id": "https://bank.example", "nonce": "n-1"}
    shown = make_presentation(wallet.held[0], said, ["age_over_18", "given_name"])
    reader = SDJWTVerifier(shown, lambda _issuer, _header: their_key(), said["client_id"], said["nonce"])
    payload = reader.get_verified_payload()
    assert (payload["age_over_18"], payload["given_name"], "family_name" in payload) == (True, "Amina", False)
    with pytest.raises(Exception, match=r"(?i)verification failed|signature"):
        SDJWTVerifier(shown.replace("~", "x~", 1), lambda _issuer, _header: their_key())


def their_key() -> Any:
    """The city's key as jwcrypto has it."""
    jwk = pytest.importorskip("jwcrypto.jwk", reason="comes with sd-jwt")
    return jwk.JWK(
        **{name: value for name, value in issuer_keys()["keys"][0].items() if name in ("kty", "crv", "x", "y")}
    )


def values_in(said: Any) -> Iterator[str]:
    """All words and numbers of a JSON value."""
    if isinstance(said, dict):
        yield from (value for one in said.values() for value in values_in(one))
    elif isinstance(said, list):
        yield from (value for one in said for value in values_in(one))
    else:
        yield str(said)


def all_values(presented: str) -> set[str]:
    """Of a presentation: what stands in its parts, and the parts themselves."""
    parts = presented.split("~")
    jwts = [part.split(".") for part in (parts[0], parts[-1])]
    said = [json.loads(from_b64url(one)) for jwt in jwts for one in jwt[:2]]
    disclosed = [json.loads(from_b64url(one)) for one in parts[1:-1]]
    return {*parts, *(value for one in [*said, *disclosed] for value in values_in(one))}


def test_requirement_10_two_parties_cannot_join_what_they_were_shown(amina: Actor, admin: Actor) -> None:
    """Nothing that one person shows at two counters is the same beyond what is the same for everybody of this city."""
    wallet = make_wallet(amina, 2)
    ben = make_person("ben")
    make_identity(ben, number="CD 7", given_name="Ben")
    other = make_wallet(ben)
    shown, begun = [], int(now().timestamp())  # each in another second, which its proof says: that alone differs anyhow
    for code, held, ago in zip(("hotel", "bank", "shop"), (*wallet.held, *other.held), (2, 1, 0), strict=True):
        party = make_party(code)
        asked = ask_at(party, make_clerk(party, admin, f"clerk-{code}"))
        said = wallet.fetch(asked)
        token = make_presentation(held, said, ["age_over_18"], at=begun - ago)
        assert wallet.answer(said, token).status_code == 200
        shown.append(all_values(token))
    mine, again, bens = shown
    assert (mine & again) - bens == set()


def test_requirement_11_a_party_that_wants_it_in_person_takes_nothing_less(amina: Actor, admin: Actor) -> None:
    party = make_party(level="in-person")
    clerk, wallet = make_clerk(party, admin), make_wallet(amina)
    assert payload_of(wallet.held[0].token)["acr"] == "light"
    assert wallet.show(ask_at(party, clerk)).status_code == 400
    assert Presentation.objects.get().fault == "level"


def test_requirement_11_in_person_only_when_its_powers_are_open(monkeypatch: pytest.MonkeyPatch) -> None:
    ben = make_person("ben")
    make_identity(ben, level="in-person")
    assert payload_of(make_wallet(ben).held[0].token)["acr"] == "light"
    Identity.objects.update(opens_at=now())
    assert payload_of(make_wallet(ben).held[0].token)["acr"] == "in-person"


def every_word() -> Iterator[str]:
    """All that lies in the database, table by table."""
    with connection.cursor() as cursor:
        cursor.execute("select tablename from pg_tables where schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(SQL("select to_jsonb(t)::text from {} t").format(Identifier(table)))
            yield from (row for (row,) in cursor.fetchall())


def test_requirement_12_the_log_says_who_and_what_and_never_a_value(amina: Actor, admin: Actor) -> None:
    party = make_party()
    clerk, wallet = make_clerk(party, admin), make_wallet(amina, 2)
    asked = ask_at(party, clerk, mode="claims", claims=["family_name", "sex"])
    assert wallet.show(asked).status_code == 200
    assert dict(see_presentation(clerk, asked.row.pk).claims) == {"family_name": CANARY, "sex": "F"}
    matched = ask_at(party, clerk, mode="match", expected={"family_name": f" {CANARY.upper()} "})
    assert wallet.show(matched, held=wallet.held[1]).status_code == 200
    assert see_presentation(clerk, matched.row.pk).row.outcome == "match"
    log = own_consents(amina)
    assert [(one.name, one.claims, one.outcome) for one in log] == [
        (party.name, ["family_name"], "match"),
        (party.name, ["family_name", "sex"], "shown"),
    ]
    assert "family_name" in str(exported_consents(amina)[0].content)
    assert not [row for row in every_word() if CANARY.lower() in row.lower()]


def test_requirement_12_what_was_shown_is_forgotten(amina: Actor, admin: Actor) -> None:
    party = make_party()
    clerk = make_clerk(party, admin)
    asked = ask_at(party, clerk, mode="claims", claims=["family_name"])
    make_wallet(amina).show(asked)
    Presentation.objects.update(made_at=now() - 2 * RESULT_LIVES)
    sweep()
    assert Presentation.objects.get().result == ""
    assert dict(see_presentation(clerk, asked.row.pk).claims) == {}


def test_requirement_12_codes_and_tokens_lie_here_as_digests_alone(amina: Actor) -> None:
    form = form_of(amina)
    wallet = OurWallet()
    wallet.take_tokens(wallet.post("/id/token", form))
    secrets = [form["pre-authorized_code"], wallet.access, wallet.refresh]
    assert (Offer.objects.count(), WalletToken.objects.count()) == (1, 2)
    assert not [row for row in every_word() if any(secret in row for secret in secrets)]


def test_requirement_20_a_party_has_limits_and_can_be_closed(amina: Actor, admin: Actor) -> None:
    party = make_party(per_day=1)
    clerk, wallet = make_clerk(party, admin), make_wallet(amina)
    said = wallet.fetch(ask_at(party, clerk))
    with pytest.raises(TooMany):
        ask_at(party, clerk)
    change_party(admin, party.code, values={"active": False, "per_day": 10})
    party.refresh_from_db()
    with pytest.raises(NotFound):
        ask_at(party, clerk)
    assert wallet.answer(said, make_presentation(wallet.held[0], said, ["age_over_18"])).status_code == 403
    assert Presentation.objects.get().outcome == "", "not even what was asked before it was closed"


def test_a_credential_that_is_kept_whole_is_only_of_its_key(amina: Actor) -> None:
    [held] = make_wallet(amina).held
    assert payload_of(held.token)["cnf"]["jwk"] == Jwk.of(held.key.public_key()).json
    assert keep(held.token, set()).count("~") == 1
