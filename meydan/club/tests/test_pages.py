"""The club's pages: who sees what, the rules and their try-out, and looking at a credential that somebody shows."""

import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from meydan.accounts.public import marks_of
from meydan.club.actions import keys, show_badges
from meydan.club.models import Award, Badge, Contribution, Member, Rule
from meydan.club.pages.drawing import draw_svg
from meydan.club.public import export_mine
from meydan.club.queries.badges import own_awards
from meydan.club.queries.carriers import bake_svg, find_token
from meydan.club.queries.credentials import credential, sign
from meydan.club.tests.cast import contribute, email_of, look, make_badge, make_officer, person_of
from meydan.kernel.actor import VISITOR, Actor, Role
from meydan.kernel.facts import PersonalDataShown, facts_of_person
from meydan.kernel.tests.pictures import make_picture
from meydan.reports.actions import hide_report
from meydan.reports.tests.cast import make_actor, make_city

pytestmark = pytest.mark.django_db
PAIR = keys.new_pair()


@pytest.fixture
def nadia(monkeypatch: pytest.MonkeyPatch) -> Actor:
    """Somebody with the first level of a badge."""
    monkeypatch.setattr(keys, "new_pair", lambda: PAIR)
    make_city()
    make_badge(levels=(1, 3))
    citizen = make_actor("nadia")
    contribute(citizen, make_officer())
    return citizen


def signed_in(actor: Actor) -> Client:
    client = Client()
    client.force_login(person_of(actor))
    return client


def admin_client() -> Client:
    admin = make_actor("boss", Role.ADMIN)
    person_of(admin).grants.create(role=Role.ADMIN)
    return signed_in(admin)


def page(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, path
    return answer.content.decode()


def test_others_see_a_badge_only_when_its_holder_wants_it(nadia: Actor) -> None:
    visitor, mine = Client(), signed_in(nadia)
    award = own_awards(nadia).get()
    for path in ("/club/", "/club/badges/helper", f"/club/awards/{award.pk}"):
        assert "Nadia" not in page(visitor, path)
    assert marks_of(VISITOR, [nadia.person_id]) == {}
    assert [mark.label for mark in marks_of(nadia, [nadia.person_id])[nadia.person_id or award.pk]] == ["Helper"]
    assert mine.post("/club/shown", {"shown": "true"}).status_code == 302
    for path in ("/club/", "/club/badges/helper", f"/club/awards/{award.pk}"):
        assert "Nadia" in page(visitor, path)
    assert [mark.level for one in marks_of(VISITOR, [nadia.person_id]).values() for mark in one] == [1]
    mine.post("/club/shown", {})
    assert "Nadia" not in page(visitor, "/club/")


def test_who_holds_most_stands_first(nadia: Actor) -> None:
    karim = make_actor("karim")
    contribute(karim, make_actor("third", Role.OFFICER, departments=("roads",)), 3)
    for one in (nadia, karim):
        show_badges(one, shown=True)
    shown = page(Client(), "/club/")
    assert 0 < shown.index("Karim") < shown.index("Nadia")


def test_my_badges_say_how_far_i_am_and_what_counted(nadia: Actor) -> None:
    shown = page(signed_in(nadia), "/me/badges")
    assert "1 of 3 for level 2" in shown and "A report of yours whose repair you have confirmed" in shown
    assert "Helper" in page(signed_in(nadia), "/me")
    assert Client().get("/me/badges").status_code == 302


@pytest.mark.parametrize("way", ["text", "svg"])
def test_a_credential_is_looked_at(nadia: Actor, way: str) -> None:
    token = sign(credential(own_awards(nadia).get()))
    svg = bake_svg(draw_svg("hammer", 1, 2), token).encode()
    said = {"token": token} if way == "text" else {"file": SimpleUploadedFile("a.svg", svg)}
    shown = Client().post("/club/verify", {**said, "email": email_of(nadia)}).content.decode()
    assert "This badge is genuine and valid" in shown and "It belongs to this e-mail address" in shown
    assert "Nadia" not in shown


def test_a_revoked_one_is_told_as_such(nadia: Actor) -> None:
    token = sign(credential(own_awards(nadia).get()))
    (award,) = Award.objects.all()
    reference = Contribution.objects.get().reference
    hide_report(make_actor("moderator", Role.MODERATOR), int(reference.removeprefix("report:")), text="A face")
    look(reference)
    assert "This badge was revoked" in Client().post("/club/verify", {"token": token}).content.decode()
    assert "Revoked" in page(Client(), f"/club/awards/{award.pk}")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"eyJhbGciOiJub25lIn0.eyJpc3MiOiJkaWQ6d2ViOmVsc2V3aGVyZS5leGFtcGxlIn0.", "not from this city"),
        (b"a.b.c", "not genuine"),
        (b"<svg><!DOCTYPE x></svg>", "There is no badge in it"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><svg>&a;</svg>', "There is no badge in it"),
        (b"\x89PNG\r\n\x1a\n" + b"\xff" * 64, "There is no badge in it"),
        (make_picture(), "not genuine"),
        (b"x" * (1024 * 1024 + 1), "too large"),
    ],
)
def test_whatever_is_shown_gets_a_clear_answer(content: bytes, says: str) -> None:
    answer = Client().post("/club/verify", {"file": SimpleUploadedFile("badge", content)})
    assert answer.status_code in (200, 422) and says in answer.content.decode()


def test_a_packed_chunk_is_unpacked_to_its_bound_only() -> None:
    bomb = zlib.compress(b"a" * 50_000_000)
    chunk = b"openbadgecredential\0\x01\0\0\0" + bomb
    png = b"\x89PNG\r\n\x1a\n" + len(chunk).to_bytes(4, "big") + b"iTXt" + chunk + b"\0" * 4
    assert len(find_token(png)) <= 64 * 1024


FORM = {"icon": "hammer", "kinds": "report-confirmed", "levels": "1 2", "active": "on", "name_en": "Mender"}


def test_a_rule_is_tried_without_changing_anything_and_those_named_see_it(nadia: Actor) -> None:
    client = admin_client()
    shown = client.post("/club/rules/new", {**FORM, "code": "mender", "do": "try"}).content.decode()
    assert "1 person would hold the badge by this rule" in shown and "Nadia" in shown and 'value="Mender"' in shown
    assert not Badge.objects.filter(pk="mender").exists()
    assert nadia.person_id
    looked = [one.fact for one in facts_of_person(nadia.person_id) if isinstance(one.fact, PersonalDataShown)]
    assert [fact.what for fact in looked] == ["how often you have contributed, to try out a rule of the club"]


def test_a_rule_that_is_kept_is_a_new_version_that_everybody_can_read(nadia: Actor) -> None:
    client = admin_client()
    for levels in ("1 3", "2 4", "2 4"):
        assert client.post("/club/rules/helper", {**FORM, "levels": levels}).status_code == 302
    assert sorted(Rule.objects.values_list("version", "levels")) == [(1, [1, 3]), (2, [2, 4])]
    assert "Earlier rules" in page(Client(), "/club/badges/helper")
    (told,) = Client().get("/api/club/badges").json()["badges"]
    assert (told["levels"], told["version"], told["holders"]) == ([2, 4], 2, 1)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"levels": "3 2"}, "levels"),
        ({"levels": "1 2 3 4 5 6"}, "levels"),
        ({"levels": "many"}, "levels"),
        ({"kinds": "kindness"}, "kinds"),
        ({"icon": "skull"}, "icon"),
        ({"name_en": ""}, "names"),
        ({"per_day": "9", "per_week": "3"}, "per_week"),
        ({"code": "helper"}, "code"),
        ({"code": "Über"}, "code"),
    ],
)
def test_a_form_that_is_wrong_says_so_and_keeps_what_was_typed(nadia: Actor, wrong: dict[str, str], field: str) -> None:
    answer = admin_client().post("/club/rules/new", {**FORM, "code": "mender", "text_en": "Kept words", **wrong})
    shown = answer.content.decode()
    assert answer.status_code == 422 and f"#field-{field}" in shown and "Kept words" in shown
    assert Badge.objects.count() == 1


def test_the_pictures_and_the_achievement(nadia: Actor) -> None:
    client = Client()
    assert client.get("/club/badges/helper/1.svg").content.startswith(b"<svg ")
    assert client.get("/club/badges/helper/2.png").content.startswith(b"\x89PNG")
    told = client.get("/club/badges/helper/2.json").json()
    assert told["type"] == ["Achievement"] and told["criteria"]["narrative"].startswith("3 ×")
    for path in ("/club/badges/helper/9.svg", "/club/badges/helper/3.json", "/club/status/2", "/club/badges/none"):
        assert client.get(path).status_code == 404


def test_an_export_holds_the_credentials(nadia: Actor) -> None:
    from_club = {one.path for one in export_mine(nadia)}
    assert from_club == {"contributions.json", "badges.json", "credentials/helper-1.jwt"}
    assert Member.objects.get().shown is False
