"""Old reports lose what leads to a person, and nothing else."""

import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Model
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob
from pydantic import ValidationError

from meydan.kernel.actor import SYSTEM, VISITOR, Actor, Role
from meydan.kernel.calendar import Period
from meydan.kernel.city import city_today
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, NotFound, Refused
from meydan.kernel.facts import facts_about, facts_of_person
from meydan.kernel.files import store_image
from meydan.kernel.masking import MASK
from meydan.kernel.models import FactRecord, StoredFile
from meydan.kernel.tests.pictures import make_picture
from meydan.moderation.actions import flag_thing
from meydan.moderation.models import Flag
from meydan.moderation.models import Reason as Wrong
from meydan.moderation.reactions import forget_who_flagged
from meydan.reports import actions, policies, public, queries, reactions
from meydan.reports.actions import anonymise_report, anonymise_some
from meydan.reports.facts import ReportAnonymised
from meydan.reports.models import (
    BulkChange,
    BulkItem,
    BulkVerb,
    Category,
    Dimension,
    Entry,
    Follower,
    Forward,
    Letter,
    Opinion,
    Photo,
    Report,
    ReportRules,
    State,
    report_rules,
)
from meydan.reports.tests.cast import make_actor, make_city, make_report, publish_photos

pytestmark = pytest.mark.django_db
YEARS = timedelta(days=731)
ABOUT_IT: tuple[type[Model], ...] = (Entry, Opinion, Follower, Photo, Letter, Forward, BulkItem)
QUESTIONS = [
    {"code": "how", "label": {"en": "How do we reach you?"}},
    {"code": "who", "label": {"en": "Who did it?"}, "private": True},
]


@pytest.fixture
def officer() -> Actor:
    make_city()
    Category.objects.filter(pk="pothole").update(questions=QUESTIONS)
    return make_actor("officer", Role.OFFICER, departments=("roads",))


def make_old(report: Report, age: timedelta = YEARS) -> Report:
    """As if all of it had happened long ago."""
    report.refresh_from_db()
    for name in ("filed_at", "updated_at", "answered_at", "closed_at", "confirmed_at"):
        if (moment := getattr(report, name)) is not None:
            setattr(report, name, moment - age)
    report.save()
    return report


def solved(reporter: Actor, officer: Actor, **values: Any) -> Report:
    """A report with everything in it that somebody may leave behind, closed long ago."""
    report = make_report(reporter, answers={"how": "Ring 0612345678", "who": "My neighbour Said"}, **values)
    follower = make_actor(f"follower{report.number}")
    actions.support_report(follower, report.number, follow=True)
    actions.add_note(officer, report.number, text="She rings from 06 12 34 56 78")
    actions.change_many(officer, numbers=[report.number], verb=BulkVerb.NOTE, said={"text": "She is 0612345678"})
    Forward.objects.create(
        report=report, authority_id="waterworks", person_id=officer.person_id, words="Ring 0612345678", at=now()
    )
    actions.ask_reporter(officer, report.number, text="Is somebody at home?")
    actions.answer_question(replace(reporter, case_keys=frozenset({report.reference})), report.number, text="I, Aicha")
    actions.close_as_solved(officer, report.number, text="Filled. Questions: roads@city.example")
    actions.hear_witness(follower, report.number, solved=True, text="I am Karim")
    return make_old(report)


def everything_of(report: Report) -> str:
    """All that the database holds about it beside the facts, as text."""
    rows: list[Any] = list(Report.objects.filter(pk=report.pk).values())
    for kind in ABOUT_IT:
        rows += kind._default_manager.filter(report=report.pk).values()
    return "\n".join(map(str, rows))


def test_nothing_that_is_left_leads_to_a_person(officer: Actor) -> None:
    contact = {"contact_name": "Aicha B.", "contact_email": "aicha@example.org", "contact_phone": "0612345678"}
    report = solved(VISITOR, officer, description="Deep. Write to aicha@example.org", **contact)
    Letter.objects.create(message_id="1", sender="aicha@example.org", report=report, at=now())
    key, persons = report.key, Entry.objects.filter(report=report).values_list("person", flat=True)
    assert [one for one in persons if one]
    assert anonymise_some() == 1
    left = everything_of(report) + str(BulkChange.objects.values())
    for gone in (
        "Aicha",
        "aicha",
        "612345678",
        "06 12",
        "Said",
        "Karim",
        "at home",
        "roads@city",
        str(officer.person_id),
    ):
        assert gone not in left
    report.refresh_from_db()
    assert report.description == f"Deep. Write to {MASK}"
    assert report.answers == {"how": f"Ring {MASK}"}
    assert report.search_text.startswith("deep. write to")
    assert not report.opens_with(key)
    assert (report.supporters, Follower.objects.count(), Opinion.objects.count()) == (1, 0, 1)
    assert report.anonymous_at == report.updated_at, "the open data is to be fetched anew"


def test_the_public_story_and_the_figures_stay(officer: Actor) -> None:
    citizen = make_actor("citizen")
    report = make_report(citizen, description="A deep hole")
    actions.ask_reporter(officer, report.number, text="Where?")
    actions.answer_question(citizen, report.number, text="There")
    actions.close_as_solved(officer, report.number, text="Filled")
    actions.confirm_solution(citizen, report.number, content=5)
    make_old(report)
    before = [look(report.number) for look in (story, rows, boards)]
    anonymise_report(SYSTEM, report.number)
    assert [look(report.number) for look in (story, rows, boards)] == before
    actions.fold_changes()
    assert boards(report.number) == before[2]
    assert not actions.recount_figures(SYSTEM)
    assert Report.objects.get(pk=report.pk).updated_at == report.updated_at


def story(number: int) -> object:
    return queries.list_timeline(VISITOR, queries.find_report(VISITOR, number))


def rows(_number: int) -> object:
    return queries.list_public(VISITOR, public.Filter()).rows


def boards(_number: int) -> object:
    then = city_today() - YEARS
    read = queries.read_board
    return [[read(VISITOR, Period.YEAR, day, by) for by in Dimension if by] for day in (city_today(), then)]


def test_it_happens_once_and_is_a_fact_without_a_person(officer: Actor) -> None:
    citizen = make_actor("citizen")
    report = solved(citizen, officer)
    assert (anonymise_some(), anonymise_some()) == (1, 0)
    (stored,) = facts_about(report.reference, name="reports.report_anonymised")
    assert isinstance(stored.fact, ReportAnonymised)
    assert (stored.fact.persons, stored.actor) == ((), None)
    with pytest.raises(Conflict):
        anonymise_report(SYSTEM, report.number)
    with pytest.raises(Refused):
        anonymise_report(officer, make_report(VISITOR).number)


def test_older_facts_are_not_touched(officer: Actor) -> None:
    """They hold references and never words: what docs/security/anonymity.md says stays."""
    citizen = make_actor("citizen")
    report = solved(citizen, officer)
    before = list(FactRecord.objects.order_by("pk").values())
    anonymise_some()
    assert list(FactRecord.objects.filter(pk__lte=before[-1]["id"]).order_by("pk").values()) == before
    assert "Aicha" not in str(before)
    assert citizen.person_id
    assert f"report:{report.number}" in {one.fact.subject for one in facts_of_person(citizen.person_id)}


@pytest.mark.parametrize(
    "change",
    [
        {"state": State.REOPENED, "closed_at": None},
        {"state": State.ACCEPTED},
        {"closed_at": now() - timedelta(days=700)},
        {"state": State.CONFIRMED, "confirmed_at": now() - timedelta(days=700)},
    ],
    ids=["reopened", "open", "young", "confirmed lately"],
)
def test_what_is_not_over_is_not_touched(officer: Actor, change: dict[str, Any]) -> None:
    report = solved(make_actor("citizen"), officer)
    Report.objects.filter(pk=report.pk).update(**change)
    before = everything_of(report)
    assert anonymise_some() == 0
    assert everything_of(report) == before
    if change.get("closed_at", ...) is None or change.get("state") == State.ACCEPTED:
        with pytest.raises(Conflict):
            anonymise_report(SYSTEM, report.number)


def test_one_that_goes_on_in_another_waits_for_it(officer: Actor) -> None:
    joined, other = make_report(make_actor("first")), make_report(make_actor("second"))
    actions.join_report(officer, joined.number, into=other.number)
    joined.refresh_from_db()
    assert joined.closed_at is not None
    make_old(joined)
    assert anonymise_some() == 0
    actions.close_as_solved(officer, other.number, text="Filled")
    assert anonymise_some() == 0
    make_old(other)
    assert anonymise_some() == 2


def test_originals_go_first(officer: Actor) -> None:
    with_photo = make_report(make_actor("citizen"), photos=[picture()])
    publish_photos(with_photo.number)
    actions.close_as_solved(officer, with_photo.number, text="Filled")
    make_old(with_photo)
    assert anonymise_some() == 0
    actions.forget_original(SYSTEM, Photo.objects.get().pk)
    assert anonymise_some() == 1
    photo = Photo.objects.get()
    assert (photo.looking, photo.looked_by_id, bool(photo.file_id)) == ("checked", None, True)


def picture() -> str:
    return store_image(io.BytesIO(make_picture()), purpose="report_photo").sha256


def test_of_a_private_kind_only_what_is_counted_stays(officer: Actor) -> None:
    report = make_report(make_actor("citizen"), category="abuse", description="They ask for money", photos=[picture()])
    actions.close_as_solved(officer, report.number, text="We have spoken with Mr Said")
    Photo.objects.update(original=None, file=StoredFile.objects.get(), looking="checked")
    make_old(report)
    assert anonymise_some() == 1
    report.refresh_from_db()
    assert (report.description, report.point, report.h3_9, report.district_id) == (MASK, None, None, "anfa")
    assert {entry.text for entry in Entry.objects.filter(report=report)} <= {"", MASK}
    assert not StoredFile.objects.exists()


def test_its_former_reporter_is_a_stranger_to_it(client: Client, officer: Actor) -> None:
    citizen = make_actor("citizen")
    report = solved(VISITOR, officer, contact_email="aicha@example.org")
    key = report.key
    keeper = replace(VISITOR, case_keys=frozenset({report.reference}))
    assert policies.may_follow_up(keeper, report)
    anonymise_some()
    report.refresh_from_db()
    for actor in (keeper, citizen, officer, make_actor("operator", Role.OPERATOR)):
        assert not policies.may_follow_up(actor, report)
        assert not policies.may_see_contact(actor, report)
        assert not policies.may_write(actor, report)
        assert not policies.may_add_note(actor, report)
        assert not policies.may_add_photo(actor, report)
    assert queries.list_mine(keeper).rows == []
    assert client.get(f"/reports/{report.number}?key={key}").status_code == 404
    page = client.get(f"/reports/{report.number}").content.decode()
    assert "Personal data" in page
    Report.objects.filter(pk=report.pk).update(public=False)
    with pytest.raises(NotFound):
        queries.find_report(keeper, report.number)


def test_what_is_written_later_names_nobody(officer: Actor) -> None:
    """Only moderators have something to say about it."""
    report = solved(VISITOR, officer)
    anonymise_some()
    actions.hide_report(make_actor("moderator", Role.MODERATOR), report.number, text="A number plate")
    entry = Entry.objects.filter(report=report).latest("pk")
    assert (entry.kind, entry.text, entry.person_id) == ("hidden", "A number plate", None)


def test_a_person_still_takes_along_what_is_theirs(officer: Actor) -> None:
    citizen = make_actor("citizen")
    old, new = solved(citizen, officer, description="An old bench"), make_report(citizen, description="A new bench")
    assert "An old bench" in exported(citizen)
    anonymise_some()
    assert "A new bench" in exported(citizen)
    assert "An old bench" not in exported(citizen)
    assert [row["number"] for row in queries.list_mine(citizen).rows] == [new.number]
    assert queries.find_report(VISITOR, old.number).description == "An old bench"


def exported(citizen: Actor) -> str:
    return str({file.path: file.content for file in public.export_mine(citizen)})


def test_who_flagged_it_is_forgotten_too(officer: Actor) -> None:
    report = solved(VISITOR, officer)
    flagger = make_actor("flagger")
    flag_thing(flagger, reference=report.reference, reason=Wrong.INSULT, words="I know him")
    forget_who_flagged(ReportAnonymised(subject=report.reference, category="pothole"))
    flag = Flag.objects.get()
    assert (flag.person_id, flag.mark, flag.words, flag.reason) == (None, "", "", "insult")


def test_a_city_may_keep_them_for_ever(officer: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    solved(VISITOR, officer)
    assert report_rules().anonymous_days == 730
    monkeypatch.setattr("meydan.reports.queries.anonymity.report_rules", lambda: ReportRules(anonymous_days=0))
    assert anonymise_some() == 0
    monkeypatch.setattr("meydan.reports.queries.anonymity.report_rules", lambda: ReportRules(anonymous_days=800))
    assert anonymise_some() == 0
    with pytest.raises(ValidationError, match="at least sealed_days"):
        ReportRules(anonymous_days=30)


def test_the_worker_goes_on_until_none_is_left(officer: Actor) -> None:
    solved(VISITOR, officer)
    ProcrastinateJob.objects.all().delete()
    waiting = ProcrastinateJob.objects.filter(task_name="reports.anonymise")
    reactions.anonymise_old(timestamp=0)
    assert (waiting.count(), waiting.get().priority) == (1, -20)
    reactions.anonymise()
    assert waiting.count() == 2, "there was something to do: there may be more"
    reactions.anonymise()
    assert waiting.count() == 2


def test_batches_follow_one_another(officer: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meydan.reports.actions.anonymising.AT_ONCE", 2)
    for name in ("first", "second", "third"):
        solved(make_actor(name), officer)
    assert [anonymise_some(), anonymise_some(), anonymise_some()] == [2, 1, 0]
