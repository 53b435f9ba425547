"""Whoever got something of a person's ID can be asked to delete it, and reported; and the person reads the answer."""

from datetime import timedelta

import pytest
from django.test import Client

from meydan.identity.actions.parties import set_clerk
from meydan.identity.actions.presenting import WISHES_KEPT, sweep
from meydan.identity.models import RelyingParty, Wish
from meydan.identity.queries.wishes import own_holders
from meydan.identity.tests.holders import CANARY, OurWallet, ask_at, make_party, make_person, make_wallet
from meydan.identity.tests.relying import Program, browser_of, make_admin, say
from meydan.kernel.actor import SYSTEM, Actor
from meydan.kernel.clock import now
from meydan.kernel.models import FactRecord

pytestmark = pytest.mark.django_db
WORDS = "They wanted my address for a coffee."


@pytest.fixture
def clerk() -> Actor:
    """Somebody who asks for the hotel."""
    make_party()
    clerk = make_person("clerk")
    set_clerk(SYSTEM, "hotel", username="clerk", may=True)
    return clerk


@pytest.fixture
def wallet(amina: Actor, clerk: Actor) -> OurWallet:
    """Amina's, which has shown her name at the hotel."""
    wallet = make_wallet(amina, 3)
    show(wallet, clerk)
    return wallet


def show(wallet: OurWallet, clerk: Actor, names: tuple[str, ...] = ("family_name",)) -> None:
    asked = ask_at(RelyingParty.objects.get(code="hotel"), clerk, mode="claims", claims=list(names))
    assert wallet.show(asked, held=wallet.held.pop()).status_code == 200


def facts(name: str) -> list[dict[str, object]]:
    return list(FactRecord.objects.filter(name=f"identity.{name}").values_list("data", flat=True))


def test_asked_and_deleted(amina: Actor, clerk: Actor, wallet: OurWallet) -> None:
    browser, at_hotel = browser_of(amina), browser_of(clerk)
    assert "/id/consents/hotel/delete" in browser.get("/id/consents").content.decode()
    page = browser.get("/id/consents/hotel/delete").content.decode()
    assert all(word in page for word in ("Hotel", "Family name", "Not your name"))
    assert browser.post("/id/consents/hotel/delete")["Location"] == "/id/consents"
    assert browser.post("/id/consents/hotel/delete").status_code == 409
    assert "asked to delete it" in browser.get("/id/consents").content.decode()
    assert "/verify/wishes" in at_hotel.get("/verify/").content.decode()
    seen = at_hotel.get("/verify/wishes").content.decode()
    assert all(word in seen for word in ("Hotel", "Family name", "It is deleted"))
    assert not any(word in seen for word in ("Amina", CANARY, str(amina.person_id)))
    way = f"/verify/wishes/{Wish.objects.get().pk}"
    assert at_hotel.post(way, {"answer": "deleted"}).status_code == 302
    assert at_hotel.post(way, {"answer": "kept", "reply": "No"}).status_code == 409
    assert "they say: deleted" in browser.get("/id/consents").content.decode()
    assert [fact["party"] for fact in (*facts("deletion_asked"), *facts("wish_answered"))] == ["hotel", "hotel"]
    assert CANARY not in str(list(FactRecord.objects.values("data"))) + str(list(Wish.objects.values()))


def test_what_has_to_be_kept_needs_a_reason_that_the_person_reads(
    amina: Actor, clerk: Actor, wallet: OurWallet
) -> None:
    browser, at_hotel = browser_of(amina), browser_of(clerk)
    browser.post("/id/consents/hotel/delete")
    way = f"/verify/wishes/{Wish.objects.get().pk}"
    assert at_hotel.post(way, {"answer": "kept"}).status_code == 422
    assert at_hotel.post(way, {"answer": "heard", "reply": "So what"}).status_code == 422
    assert at_hotel.post(way, {"answer": "sold"}).status_code == 422
    assert at_hotel.post(way, {"answer": "kept", "reply": "The law on hotels, a year"}).status_code == 302
    page = browser.get("/id/consents").content.decode()
    assert "they say: it has to be kept" in page
    assert "The law on hotels, a year" in page
    assert browser.post("/id/consents/hotel/delete").status_code == 302


def test_a_report_goes_to_the_administrators_alone(amina: Actor, clerk: Actor, wallet: OurWallet) -> None:
    browser, at_hotel, admin = browser_of(amina), browser_of(clerk), browser_of(make_admin())
    assert browser.post("/id/consents/hotel/report", {"words": "Bad"}).status_code == 422
    assert browser.post("/id/consents/hotel/report", {"words": WORDS}).status_code == 302
    assert browser.post("/id/consents/hotel/report", {"words": WORDS}).status_code == 409
    assert WORDS not in at_hotel.get("/verify/wishes").content.decode()
    way = f"/verify/wishes/{Wish.objects.get().pk}"
    assert at_hotel.post(way, {"answer": "heard", "reply": "Nothing"}).status_code == 404
    assert "/verify/wishes" in admin.get("/verify/parties").content.decode()
    seen = admin.get("/verify/wishes").content.decode()
    assert (WORDS in seen, "Amina" in seen) == (True, False)
    assert admin.post(way, {"answer": "heard"}).status_code == 422
    assert admin.post(way, {"answer": "heard", "reply": "It may not ask for that any more."}).status_code == 302
    page = browser.get("/id/consents").content.decode()
    assert "the city has answered" in page
    assert "It may not ask for that any more." in page
    assert WORDS not in str(list(FactRecord.objects.values("data")))


def test_where_one_signs_in_the_number_is_told(amina: Actor, bank: Program) -> None:
    say(browser_of(amina), bank.address(scope="openid profile"))
    browser_of(amina).post("/id/consents/bank/delete")
    admin = browser_of(make_admin())
    said = admin.get("/verify/wishes").content.decode()
    assert "Their number there (sub)" in said
    assert "Address" not in said


def test_only_who_got_something_can_be_asked(amina: Actor, clerk: Actor) -> None:
    ask_at(RelyingParty.objects.get(code="hotel"), clerk)
    browser = browser_of(amina)
    for way in ("/id/consents/hotel/delete", "/id/consents/hotel/report", "/id/consents/none/delete"):
        assert browser.get(way).status_code == 404
        assert browser.post(way, {"words": WORDS}).status_code == 404
        assert Client().get(way).status_code == 302
    assert own_holders(amina) == []
    assert not Wish.objects.exists()


def test_each_has_their_own(amina: Actor, clerk: Actor, wallet: OurWallet) -> None:
    show(wallet, clerk, ("age_over_18", "family_name"))
    holder = own_holders(amina)[0]
    assert (holder.code, len(holder.times), set(holder.claims)) == ("hotel", 2, {"family_name", "age_over_18"})
    omar = make_person("omar")
    assert own_holders(omar) == []
    browser_of(amina).post("/id/consents/hotel/delete")
    way = f"/verify/wishes/{Wish.objects.get().pk}"
    assert browser_of(omar).post(way, {"answer": "deleted"}).status_code == 404
    assert browser_of(amina).post(way, {"answer": "deleted"}).status_code == 404
    assert "Hotel" not in browser_of(omar).get("/verify/wishes").content.decode()


def test_answered_wishes_are_forgotten_after_a_year(amina: Actor, clerk: Actor, wallet: OurWallet) -> None:
    browser_of(amina).post("/id/consents/hotel/delete")
    sweep()
    Wish.objects.update(answered_at=now() - WISHES_KEPT + timedelta(days=1), answer="deleted")
    sweep()
    assert Wish.objects.exists()
    Wish.objects.update(answered_at=now() - WISHES_KEPT - timedelta(days=1))
    sweep()
    assert not Wish.objects.exists()
