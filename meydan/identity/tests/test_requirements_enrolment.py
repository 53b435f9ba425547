"""The requirements of facts/identity.md §7 that enrolment owes, each as a named test."""

import json
import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test import Client

from meydan.accounts.actions import change_password, change_security, delete_account
from meydan.accounts.facts import PersonDeleted
from meydan.accounts.public import Person
from meydan.identity.actions import applying, guarding
from meydan.identity.actions import identities as deeds
from meydan.identity.actions.desk import accept_application
from meydan.identity.actions.identities import freeze_identity, hold_powers, open_powers, open_when_due
from meydan.identity.actions.offering import offer_credential
from meydan.identity.facts import FailuresBurst, PowersHeld
from meydan.identity.models import (
    Application,
    Desk,
    Evidence,
    FaceRecord,
    Identity,
    Offer,
    Purpose,
    State,
    Wallet,
    number_digest,
)
from meydan.identity.models.credentials import MOST_TRIES
from meydan.identity.models.enrolment import FACE_PAUSE, MOST_FACE_FAILURES
from meydan.identity.models.faces import pack
from meydan.identity.pages.applying import AT_ONCE, DAY, OFFICE
from meydan.identity.public import ALARMS
from meydan.identity.queries.enrolment import list_desk, show_desk_case
from meydan.identity.queries.metadata import PRE_AUTHORIZED
from meydan.identity.reactions import end_with_account, hold_after_change
from meydan.identity.tests.cast import (
    CLAIMS,
    GIVEN,
    PASSWORD,
    FakeEngine,
    a_face,
    actor_of,
    apply_until_picture,
    browser,
    film,
    known,
    make_clerk,
    make_identity,
    make_jpeg,
    make_person,
    work,
    world,
)
from meydan.identity.tests.holders import OurWallet
from meydan.kernel import clock, limits
from meydan.kernel.actor import SYSTEM, Assurance
from meydan.kernel.config import config
from meydan.kernel.devices import DEVICE_COOKIE
from meydan.kernel.errors import Conflict, Invalid, NotFound, Refused, TooMany
from meydan.kernel.facts import Fact, facts_about, facts_of_person
from meydan.kernel.models import FactRecord
from meydan.kernel.proxies import network_of
from meydan.kernel.reactions import reactions_to
from meydan.kernel.recount import recount
from meydan.kernel.tests.sealing import seal_until

pytestmark = pytest.mark.django_db


def later(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    """Have identity live so much later."""
    moment = clock.now() + by
    for module in (deeds, applying):
        monkeypatch.setattr(module, "now", lambda: moment)


def kinds_about(person: Person) -> set[str]:
    return {one.name for one in facts_of_person(person.pk)}


def test_requirement_13_second_proof_is_mandatory_for_id_functions() -> None:
    bare, owner = make_person("bare", secured=False), make_person("owner")
    make_identity(owner)
    with pytest.raises(Refused) as refused:
        applying.begin_application(actor_of(bare), purpose=Purpose.ENROL)
    assert refused.value.code == "second_proof"
    assert browser(bare).get("/id/apply")["Location"] == "/id/secure"
    unproven = browser(owner, proven=False)
    for path in ("/id/apply", "/id/show", "/id/paper", "/id/face"):
        assert unproven.get(path)["Location"].startswith("/accounts/2fa/reauthenticate/?next="), path
    assert unproven.post("/id/code")["Location"].startswith("/accounts/2fa/reauthenticate/?next=")
    page = unproven.get("/id/").content.decode()
    assert CLAIMS.number not in page and "Idrissi" not in page
    assert CLAIMS.number in browser(owner).get("/id/").content.decode()


def test_requirement_13_face_alone_never_signs_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """An accepted face gives its own account an identity, and opens no other account's session."""
    person = make_person("amina")
    client = browser(person, proven=False)
    assert client.post("/id/apply", {"do": "picture"}).status_code == 302
    visitor = browser(person)
    visitor.logout()
    assert visitor.post("/id/apply", {"do": "picture"}).status_code in (302, 401)
    assert visitor.post("/api/identity/challenge", "{}", content_type="application/json").status_code == 401


def test_requirement_14_recovery_needs_the_enrolments_proof_and_ends_the_old(monkeypatch: pytest.MonkeyPatch) -> None:
    owner, thief = make_person("owner"), make_person("thief")
    identity = make_identity(owner)
    freeze_identity(actor_of(owner), identity.pk, why="holder")
    with pytest.raises(Refused):
        deeds.thaw_identity(actor_of(owner), identity.pk, way="remote")
    with world(monkeypatch, known(make_jpeg())):  # the thief has the password of the frozen account: not the document
        wrong = GIVEN.model_copy(update={"birth_date": CLAIMS.birth_date.replace(day=1)})
        application = applying.begin_application(actor_of(owner), purpose=Purpose.THAW)
        applying.answer_biometrics(actor_of(owner), application.pk, agrees=True)
        applying.give_number(actor_of(owner), application.pk, number=CLAIMS.number)
        applying.give_document(actor_of(owner), application.pk, given=wrong, photo=b"")
    engine, _poses = film(actor_of(owner), application)
    with world(monkeypatch, known(make_jpeg()), engine):
        assert work(application).state == State.SELFIE, "as if the face were another's"
    identity.refresh_from_db()
    assert identity.frozen_at is not None
    applying.withdraw_application(actor_of(owner), application.pk)
    with world(monkeypatch, known(make_jpeg())):  # the holder has both
        application = applying.begin_application(actor_of(owner), purpose=Purpose.THAW)
        applying.answer_biometrics(actor_of(owner), application.pk, agrees=True)
        applying.give_number(actor_of(owner), application.pk, number=CLAIMS.number)
        applying.give_document(actor_of(owner), application.pk, given=GIVEN, photo=b"")
    engine, _poses = film(actor_of(owner), application)
    with world(monkeypatch, known(make_jpeg()), engine):
        assert work(application).state == State.ACCEPTED
    identity.refresh_from_db()
    assert identity.frozen_at is None
    # from a new account: two officers, and then the old identity, with all that hangs on it, ends at once
    with world(monkeypatch, known(make_jpeg())):
        moved = apply_until_picture(actor_of(thief))
        applying.give_picture(actor_of(thief), moved.pk, still=make_jpeg())
        assert work(moved).state == State.DESK
    assert "identity.claimed_elsewhere" in kinds_about(owner), "told before anybody has decided"
    accept_application(make_clerk("clara"), moved.pk)
    assert Identity.objects.filter(pk=identity.pk, ended_at=None).exists()
    accept_application(make_clerk("karim"), moved.pk)
    assert not Identity.objects.filter(pk=identity.pk, ended_at=None).exists()
    assert "identity.ended" in kinds_about(owner)


def test_requirement_14_thaw_of_in_person_is_at_the_counter_only() -> None:
    owner = make_person("owner")
    identity = make_identity(owner, in_person=True)
    freeze_identity(actor_of(owner), identity.pk, why="holder")
    with pytest.raises(Conflict) as refused:
        applying.begin_application(actor_of(owner), purpose=Purpose.THAW)
    assert refused.value.code == "counter"
    code = guarding.make_counter_code(actor_of(owner), identity.pk)
    guarding.see_person(make_clerk("clara"), code, document="card", pin="280911", again="280911")
    identity.refresh_from_db()
    assert identity.frozen_at is None and identity.opens_at > clock.now() + timedelta(hours=23)
    assert actor_of(owner).assurance == Assurance.LIGHT


def test_requirement_15_every_alarm_reaches_inbox_and_mail() -> None:
    for kind in ALARMS:
        names = reactions_to(kind)
        assert "meydan.notifications.reactions.alarm_about_identity" in names, kind
        assert "meydan.messaging.reactions.alarm_in_inbox" in names, kind


def test_requirement_15_in_person_powers_wait_a_day_and_can_be_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    owner = make_person("owner")
    identity = make_identity(owner, in_person=True)
    assert actor_of(owner).assurance == Assurance.LIGHT
    open_when_due.func(key=str(identity.pk))
    assert actor_of(owner).assurance == Assurance.LIGHT, "the job does nothing before its time"
    client = browser(owner, proven=False)
    assert client.post("/id/freeze").status_code == 302, "one tap, from any session"
    assert actor_of(owner).assurance == Assurance.SELF_DECLARED
    later(monkeypatch, timedelta(hours=25))
    with pytest.raises(Conflict):
        open_powers(SYSTEM, identity.pk)
    assert "identity.frozen" in kinds_about(owner)


def test_requirement_15_powers_open_after_the_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    owner = make_person("owner")
    identity = make_identity(owner, in_person=True)
    later(monkeypatch, timedelta(hours=25))
    open_when_due.func(key=str(identity.pk))
    assert actor_of(owner).assurance == Assurance.IN_PERSON
    hold_powers(SYSTEM, identity.pk, why="PasskeyAdded")
    assert actor_of(owner).assurance == Assurance.LIGHT


def latest(person: Person, name: str) -> Fact:
    return facts_of_person(person.pk, name=name)[0].fact


def test_requirement_15_a_thief_gets_nothing_in_person(monkeypatch: pytest.MonkeyPatch) -> None:
    """First with the password, then with the mail, then with the unlocked phone."""
    owner = make_person("owner")
    identity = make_identity(owner, in_person=True)
    moment = clock.now()
    later(monkeypatch, timedelta(hours=25))
    open_when_due.func(key=str(identity.pk))
    assert actor_of(owner).assurance == Assurance.IN_PERSON
    # the password: signing in asks for the second proof, so no session begins
    thief = browser(owner)
    thief.logout()
    answer = thief.post("/accounts/login/", {"login": "owner", "password": PASSWORD})
    assert answer["Location"] == "/accounts/2fa/authenticate/"
    assert thief.get("/id/").status_code == 302
    # the mail: a new password by the code in it. In-person powers are gone at once, for a day, and the holder is told
    change_password(actor_of(owner), owner.pk, password="another four words", how="reset")
    hold_after_change(facts_of_person(owner.pk, name="accounts.password_changed")[0])
    assert actor_of(owner).assurance == Assurance.LIGHT
    assert isinstance(latest(owner, "identity.powers_held"), PowersHeld)
    # the unlocked phone: its session shows nothing and makes nothing without the second proof
    owner.refresh_from_db()
    phone = browser(owner, proven=False)
    assert CLAIMS.number not in phone.get("/id/").content.decode()
    for method, path in (("get", "/id/paper"), ("post", "/id/paper"), ("post", "/id/code"), ("get", "/id/apply")):
        assert getattr(phone, method)(path)["Location"].startswith("/accounts/2fa/"), path
    # a passkey of the thief's own, added by whatever means: another day, another alarm
    change_security(actor_of(owner), what="passkey_added")
    hold_after_change(facts_of_person(owner.pk, name="accounts.passkey_added")[0])
    identity.refresh_from_db()
    assert identity.opens_at > moment + timedelta(hours=48)
    open_when_due.func(key=str(identity.pk))
    assert actor_of(owner).assurance == Assurance.LIGHT
    # one tap of the holder ends it, and no code of the thief's thaws it
    freeze_identity(actor_of(owner), identity.pk, why="holder")
    with pytest.raises(Conflict):
        applying.begin_application(actor_of(owner), purpose=Purpose.THAW)


def test_requirement_16_limits_of_the_face_and_no_lock_out(monkeypatch: pytest.MonkeyPatch) -> None:
    owner, thief = make_person("owner"), make_person("thief")
    make_identity(owner)
    actor = actor_of(thief)
    with world(monkeypatch, known(make_jpeg())):
        application = apply_until_picture(actor)
    registry, engine = known(make_jpeg()), FakeEngine([a_face(), a_face(2.0)])
    pauses = 0
    for failed in range(1, MOST_FACE_FAILURES + 1):
        applying.give_picture(actor, application.pk, still=make_jpeg())
        with world(monkeypatch, registry, engine):
            application = work(application)
        if failed % 5 == 0 and failed < MOST_FACE_FAILURES:
            with pytest.raises(TooMany) as wait:
                applying.draw_challenge(actor, application.pk)
            assert 25 <= wait.value.retry_after <= 30
            pauses += 1
            Application.objects.filter(pk=application.pk).update(face_waits_until=clock.now() - FACE_PAUSE)
    assert application.state == State.DESK and "too_many_faces" in application.reasons
    assert pauses == 9
    told = [one.fact for one in facts_of_person(owner.pk) if isinstance(one.fact, FailuresBurst)]
    assert len(told) == 9, "whoever holds the number hears of each burst"
    assert actor_of(owner).assurance == Assurance.LIGHT, "and keeps all that is theirs"
    assert browser(owner).get("/id/").status_code == 200


def test_requirement_16_many_accounts_on_one_number_send_it_to_people(monkeypatch: pytest.MonkeyPatch) -> None:
    for count in range(11):
        application = Application(person=make_person(f"p{count}"), number=number_digest(CLAIMS.number))
        application.save()
    holder = actor_of(make_person("holder"))
    with world(monkeypatch, known(make_jpeg())):
        application = apply_until_picture(holder)
    engine, _poses = film(holder, application)
    with world(monkeypatch, known(make_jpeg()), engine):
        application = work(application)
    assert (application.state, application.reasons) == (State.DESK, ["number_tried"]), "slower, but never locked out"


def test_requirement_16_tries_are_limited_by_person_and_address() -> None:
    person = make_person("amina")
    client = browser(person)
    statuses = []
    for _try in range(6):
        statuses.append(client.post("/id/apply", {"do": "begin"}).status_code)
        client.post("/id/apply", {"do": "withdraw"})
    assert statuses == [302] * 5 + [429]


def test_requirement_16_who_shares_a_line_is_not_locked_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A carrier's customers have one address for thousands: nobody of them is refused for the others, but officers look
    at who came by another line first; and a flood is slowed down, to a rate that the machine bears."""
    moment = [clock.now()]
    monkeypatch.setattr(limits, "now", lambda: moment[0])
    carrier, home = "198.51.100.7", "203.0.113.9"
    for _number in range(OFFICE):
        limits.check(f"identity.crowd.network:{carrier}", limit=OFFICE, seconds=DAY)
    people = [make_person(f"p{number}") for number in range(3)]
    for person, line in zip(people, (carrier, carrier, home), strict=True):
        answer = browser(person).post("/id/apply", {"do": "begin"}, REMOTE_ADDR=line)
        assert (answer.status_code, answer.cookies[DEVICE_COOKIE].value != "") == (302, True)
    rows = {one.person_id: one for one in Application.objects.all()}
    assert [rows[one.pk].crowded for one in people] == [True, True, False]
    Application.objects.update(state=State.DESK)
    assert [one.crowded for one in list_desk(make_clerk("clara"))] == [False, True, True]
    Application.objects.filter(person=people[0]).update(moved_at=clock.now() - timedelta(days=2))
    assert list_desk(make_clerk("karim"))[0].key == rows[people[0].pk].pk, "a day later, and not for ever"
    page = browser(people[0]).get("/id/apply").content.decode()
    assert "same line" in page and "same line" not in browser(people[2]).get("/id/apply").content.decode()
    # sixty in a minute, and a minute later the next ones
    for _number in range(AT_ONCE - 2):
        limits.check(f"identity.begin.network:{carrier}", limit=AT_ONCE, seconds=60)
    flooded = browser(make_person("late")).post("/id/apply", {"do": "begin"}, REMOTE_ADDR=carrier)
    assert flooded.status_code == 429 and "Please wait" in flooded.content.decode()
    moment[0] += timedelta(minutes=2)
    late = browser(Person.objects.get(username="late"))
    assert late.post("/id/apply", {"do": "begin"}, REMOTE_ADDR=carrier).status_code == 302


def test_requirement_16_an_ipv6_line_counts_as_one() -> None:
    one, other = (network_of(f"2001:db8:1:2:{end}::1") for end in ("a", "b"))
    assert one == other == "2001:db8:1:2::/64" != network_of("2001:db8:1:3::1")
    assert network_of("::ffff:198.51.100.7") == network_of("198.51.100.7") == "198.51.100.7"
    assert network_of("") == ""


def test_requirement_16_a_known_and_an_unknown_number_look_alike_until_the_verdict(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_identity(make_person("owner"))
    seen = []
    for username, number in (("one", CLAIMS.number), ("two", "NOBODY9")):
        client = browser(make_person(username))
        with world(monkeypatch, known(make_jpeg())):
            for step in (
                {"do": "begin"},
                {"do": "consent", "agrees": "false"},
                {"do": "number", "number": number},
                {"do": "document", "given_name": "A", "family_name": "B", "birth_date": "1980-01-01"},
            ):
                assert client.post("/id/apply", step).status_code == 302
            page = client.get("/id/apply")
        words = re.sub(r'((?:csrfmiddlewaretoken" value|data-sender)=")[^"]+', r"\1", page.content.decode())
        seen.append((page.status_code, words))
    assert seen[0] == seen[1]


def try_and_fail(
    monkeypatch: pytest.MonkeyPatch, username: str, number: str, engine: FakeEngine, *, films: bool
) -> tuple[str, list[str], int, str]:
    """What somebody meets who names this number, and whose face fails twice: state, reasons, count, the page."""
    person = make_person(username)
    actor = actor_of(person)
    with world(monkeypatch, known(make_jpeg()), engine):
        application = apply_until_picture(actor, number=number)
        for _try in range(2):
            if films:
                film(actor, application)
            else:
                applying.give_picture(actor, application.pk, still=make_jpeg())
            application = work(application)
    page = browser(person).get("/id/apply").content.decode()
    words = re.sub(r'((?:csrfmiddlewaretoken" value|data-sender)=")[^"]+', r"\1", page)
    return application.state, application.reasons, application.face_failures, words


@pytest.mark.parametrize(
    ("engine", "films"),
    [(FakeEngine([None]), True), (FakeEngine([None]), False), (FakeEngine([a_face()]), True)],
    ids=["nobody before the camera", "no face in the picture", "nobody moves"],
)
def test_requirement_16_a_face_fails_alike_for_known_and_unknown_numbers(
    monkeypatch: pytest.MonkeyPatch, engine: FakeEngine, films: bool
) -> None:
    make_identity(make_person("owner"))
    met = [
        try_and_fail(monkeypatch, username, number, engine, films=films)
        for username, number in (("one", CLAIMS.number), ("two", "NOBODY9"))
    ]
    assert met[0] == met[1]
    assert met[0][0] == State.SELFIE and met[0][2] == 2


TRIES = 10_000


@pytest.mark.long
def test_requirement_16_ten_thousand_tries_open_nothing_and_lock_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a thief who has seen the victim's offer, and guesses all that can be guessed, faster than any machine: for the
    limits no time passes meanwhile."""
    moment = clock.now()
    monkeypatch.setattr(limits, "now", lambda: moment)
    owner = make_person("owner")
    make_clerk("clara")
    identity = make_identity(owner)
    offered = offer_credential(actor_of(owner))
    form = {"grant_type": PRE_AUTHORIZED, "pre-authorized_code": OurWallet().code_of(offered)}
    thief = OurWallet()
    told: Counter[int] = Counter()
    for number in range(TRIES):
        wrong = f"{(int(offered.tx_code) + 1 + number) % 10**6:06d}"
        told[thief.post("/id/token", {**form, "tx_code": wrong}).status_code] += 1
    assert told[200] == 0 and told[429] > TRIES * 0.9, "the address is slowed down"
    assert Offer.objects.get().tries == MOST_TRIES, "and after five the offer is over"
    assert not Wallet.objects.exists()
    guarding.make_counter_code(actor_of(owner), identity.pk)
    desk, told = browser(Person.objects.get(username="clara")), Counter()
    for number in range(TRIES):
        told[desk.post("/id/counter", {"code": f"{number:08d}"}).status_code] += 1
    assert sum(told.values()) - told[429] <= 100, "wrong secrets that were looked at"
    guesser, told = browser(make_person("guesser")), Counter()
    guesser.post("/id/apply", {"do": "begin"})
    guesser.post("/id/apply", {"do": "consent", "agrees": "true"})
    for number in range(TRIES):
        told[guesser.post("/id/apply", {"do": "number", "number": f"G{number}"}).status_code] += 1
        guesser.post("/id/apply", {"do": "back"})
    assert sum(told.values()) - told[429] <= 100
    victim = browser(owner)
    assert victim.get("/id/").status_code == 200
    answer = victim.post("/id/wallet/offer", REMOTE_ADDR="198.51.100.7")
    digits = re.search(r'data-digits="(\d{6})"', answer.content.decode())
    assert answer.status_code == 200 and digits, "the victim makes another offer, and takes it up elsewhere"
    document = re.search(r'data-offer="([^"]+)"', answer.content.decode())
    assert document
    wallet = OurWallet(client=Client(REMOTE_ADDR="198.51.100.7"))
    wallet.redeem(replace(offered, document=document[1], tx_code=digits[1]))
    assert len(wallet.receive(2)) == 2


def _files() -> set[Path]:
    return {path for path in Path(config().data, "files").rglob("*") if path.is_file()}


def test_requirement_17_biometrics(monkeypatch: pytest.MonkeyPatch) -> None:
    """Consent is stored, the measure is sealed under a key of its own, pictures go at the verdict, deletion works."""
    before = _files()
    person = make_person("amina")
    actor = actor_of(person)
    registry = known(make_jpeg())
    with world(monkeypatch, registry):
        application = apply_until_picture(actor, photo=make_jpeg("#123456"))
    engine, _poses = film(actor, application)
    rows = list(Evidence.objects.filter(application=application))
    assert rows and all(make_jpeg()[:3] not in bytes(row.sealed) for row in rows)
    with world(monkeypatch, registry, engine):
        work(application)
    assert not Evidence.objects.exists()
    record = FaceRecord.objects.get()
    assert record.measure == pack(a_face().measure) and pack(a_face().measure) not in bytes(record.sealed)
    assert config().biometric_key != config().secret_key
    canaries = (CLAIMS.number, CLAIMS.family_name, "1990-04-12")
    facts = json.dumps(list(FactRecord.objects.values("data", "subject")), default=str)
    with connection.cursor() as cursor:
        cursor.execute("select args::text from procrastinate_jobs")
        jobs = str(cursor.fetchall())
        cursor.execute(
            """select t::text from identity_identity t union all select t::text from identity_application t
               union all select t::text from identity_evidence t union all select t::text from identity_facerecord t"""
        )
        dump = str(cursor.fetchall())
    assert not [word for word in canaries if word in facts + jobs + dump]
    assert _files() == before, "no picture lies on the disk"
    identity = Identity.objects.get()
    assert "identity.biometrics_answered" in kinds_about(person)
    guarding.delete_biometrics(actor, identity.pk)
    assert not FaceRecord.objects.exists() and Identity.objects.filter(ended_at=None).exists()
    page = browser(person).get("/id/face").content.decode()
    assert "30 days" in page


def test_requirement_17_a_closed_account_forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    person = make_person("amina")
    identity = make_identity(person)
    delete_account(actor_of(person))
    gone = latest(person, "accounts.person_deleted")
    assert isinstance(gone, PersonDeleted)
    end_with_account(gone)
    identity.refresh_from_db()
    assert identity.locked_claims == "" and identity.ended_at


def test_requirement_19_reads_and_looks_are_sealed_facts_and_a_change_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    actor, clerk = actor_of(make_person("amina")), make_clerk("clara")
    with world(monkeypatch, known()):
        application = apply_until_picture(actor)
        applying.give_picture(actor, application.pk, still=make_jpeg())
        work(application)
    show_desk_case(clerk, application.pk)
    names = [one.name for one in facts_about(application.reference)]
    assert "identity.registry_read" in names and "kernel.personal_data_shown" in names
    seal_until(clock.now() + timedelta(days=2))
    assert not [fault for day in recount() for fault in day.faults]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("alter table kernel_fact disable trigger user")
        cursor.execute("update kernel_fact set data = '{}' where name = 'identity.registry_read'")
    assert [fault for day in recount() for fault in day.faults], "one changed fact is found"


def test_requirement_19_two_officers_to_accept_a_doubtful_one(monkeypatch: pytest.MonkeyPatch) -> None:
    actor, clerk = actor_of(make_person("amina")), make_clerk("clara")
    with world(monkeypatch, known()):
        application = apply_until_picture(actor)
        applying.give_picture(actor, application.pk, still=make_jpeg())
        work(application)
    accept_application(clerk, application.pk)
    with pytest.raises(Refused) as refused:
        accept_application(clerk, application.pk)
    assert refused.value.code == "four_eyes" and not Identity.objects.exists()


def test_the_counter_wants_a_code_a_document_and_a_pin() -> None:
    owner, clerk = make_person("owner"), make_clerk("clara")
    identity = make_identity(owner)
    code = guarding.make_counter_code(actor_of(owner), identity.pk)
    with pytest.raises(NotFound):
        guarding.see_person(clerk, "00000000", document="card", pin="280911", again="280911")
    for document, pin, again in (("", "280911", "280911"), ("card", "123456", "123456"), ("card", "280911", "280912")):
        with pytest.raises(Invalid):
            guarding.see_person(clerk, code, document=document, pin=pin, again=again)
    with pytest.raises(Refused):
        guarding.see_person(actor_of(owner), code, document="card", pin="280911", again="280911")
    guarding.see_person(clerk, code, document="card", pin="280911", again="280911")
    with pytest.raises(NotFound):
        guarding.see_person(clerk, code, document="card", pin="280911", again="280911")
    assert "280911" not in Desk.objects.get().pin and Desk.objects.get().pin.startswith("argon2")
    identity.refresh_from_db()
    assert identity.level == "in-person"
