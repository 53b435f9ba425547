"""From handing in to a decision, and on to an appeal."""

from typing import Any

import pytest

from meydan.accounts.public import publish_charter
from meydan.kernel.actor import SYSTEM, VISITOR, Actor, Role
from meydan.kernel.errors import Conflict, Invalid, NotFound, Refused, SignInFirst
from meydan.kernel.facts import facts_about
from meydan.moderation import actions
from meydan.moderation.facts import ReviewApproved, ReviewRefused
from meydan.moderation.models import ModerationRules, Review, ReviewState
from meydan.moderation.public import find_review, list_rules, place_in_queue
from meydan.moderation.queries import list_open_appeals, list_reviews
from meydan.moderation.tests import kinds
from meydan.reports.tests.cast import make_actor

pytestmark = pytest.mark.django_db
CHARTER = "# Charter\n1. **Be truthful.** Say what you saw.\n2. **Be kind.** No insults.\n\n## Expect\n1. An answer."
YES = ("city", "complete")


@pytest.fixture
def nadia() -> Actor:
    publish_charter(SYSTEM, version="1", text={"en": CHARTER})
    return make_actor("nadia")


@pytest.fixture
def mina(nadia: Actor) -> Actor:
    return make_actor("mina", Role.MODERATOR)


@pytest.fixture
def second(nadia: Actor) -> Actor:
    return make_actor("second", Role.MODERATOR)


def handed_in(author: Actor, number: int = 1) -> Review:
    about = kinds.put_up(author, number)
    kinds.submit(author, about)
    return Review.objects.get(about=about, state=ReviewState.WAITING)


def last(subject: str) -> Any:
    return facts_about(subject)[-1].fact


def test_what_is_handed_in_waits_in_turn(nadia: Actor, mina: Actor) -> None:
    first, later = handed_in(nadia, 1), handed_in(nadia, 2)
    assert [waits.review.pk for waits in list_reviews(mina)] == [first.pk, later.pk]
    place = place_in_queue("poster:2")
    assert place is not None
    assert (place.place, place.waiting, place.taken) == (2, 2, False)
    kinds.submit(nadia, "poster:1")  # changed while it waits: it keeps its place
    assert [waits.review.pk for waits in list_reviews(mina)] == [first.pk, later.pk]
    kinds.take_back(nadia, "poster:1")
    assert place_in_queue("poster:1") is None
    with pytest.raises(Refused):
        list_reviews(nadia)
    with pytest.raises(SignInFirst):
        kinds.submit(VISITOR, "poster:2")


def test_a_kind_that_nobody_registered_is_a_fault(nadia: Actor) -> None:
    kinds.POSTERS["banner:1"] = kinds.Poster(nadia.person_id)
    with pytest.raises(LookupError):
        kinds.submit(nadia, "banner:1")


def test_approval_answers_every_question(nadia: Actor, mina: Actor) -> None:
    review = handed_in(nadia)
    with pytest.raises(Invalid) as refusal:
        actions.approve_review(mina, review.pk, checks=("city",))
    assert list(refusal.value.fields) == ["check-complete"]
    actions.approve_review(mina, review.pk, checks=YES, words="Lovely")
    assert isinstance(last("poster:1"), ReviewApproved)
    notice = find_review("poster:1")
    assert notice is not None
    assert (notice.state, notice.words, notice.may_appeal) == (ReviewState.APPROVED, "Lovely", False)
    with pytest.raises(Conflict):
        actions.refuse_review(mina, review.pk, words="Late")


def test_what_is_gone_meanwhile_is_not_approved(nadia: Actor, mina: Actor) -> None:
    review = handed_in(nadia)
    kinds.POSTERS.clear()
    with pytest.raises(Conflict, match="no longer there"):
        actions.approve_review(mina, review.pk)


def test_nobody_decides_about_their_own(mina: Actor) -> None:
    review = handed_in(mina)
    for verb in (actions.take_review, actions.approve_review):
        with pytest.raises(Refused, match="your own"):
            verb(mina, review.pk)


def test_who_takes_it_has_it(nadia: Actor, mina: Actor, second: Actor) -> None:
    review = handed_in(nadia)
    actions.take_review(mina, review.pk)
    for verb in (actions.take_review, actions.approve_review):
        with pytest.raises(Conflict, match="Another moderator"):
            verb(second, review.pk)
    actions.take_review(mina, review.pk, leave=True)
    actions.take_review(second, review.pk)
    with pytest.raises(NotFound):
        actions.take_review(nadia, review.pk)


def test_sent_back_with_a_checklist_then_a_second_round(nadia: Actor, mina: Actor) -> None:
    review = handed_in(nadia)
    with pytest.raises(Invalid):
        actions.send_back_review(mina, review.pk, changes=(" ",))
    actions.send_back_review(mina, review.pk, changes=("Add a picture", "Say where"))
    notice = find_review("poster:1")
    assert notice is not None
    assert (notice.state, notice.changes) == (ReviewState.SENT_BACK, ("Add a picture", "Say where"))
    assert handed_in(nadia).round == 2


def test_two_pairs_of_eyes_where_set(nadia: Actor, mina: Actor, second: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = ModerationRules(four_eyes=("poster",))
    monkeypatch.setattr("meydan.moderation.actions.reviews.moderation_rules", lambda: rules)
    review = handed_in(nadia)
    actions.approve_review(mina, review.pk, checks=YES)
    assert place_in_queue("poster:1") is not None
    with pytest.raises(Refused, match="second moderator"):
        actions.approve_review(mina, review.pk, checks=YES)
    kinds.submit(nadia, "poster:1")  # what changes is looked at by both again
    actions.approve_review(mina, review.pk, checks=YES)
    actions.approve_review(second, review.pk, checks=YES)
    assert isinstance(last("poster:1"), ReviewApproved)


def test_refused_with_reasons_and_an_appeal_to_another(nadia: Actor, mina: Actor, second: Actor) -> None:
    assert [(rule.code, rule.title) for rule in list_rules()] == [("1:1", "Be truthful"), ("1:2", "Be kind")]
    review = handed_in(nadia)
    with pytest.raises(Invalid):
        actions.refuse_review(mina, review.pk, words=" ")
    with pytest.raises(Invalid):
        actions.refuse_review(mina, review.pk, words="No", rules=("1:9",))
    actions.refuse_review(mina, review.pk, words="It insults the baker.", rules=("1:2",))
    refused = last("poster:1")
    assert isinstance(refused, ReviewRefused)
    assert (refused.persons, refused.review, refused.rules) == ((nadia.person_id,), review.pk, ("1:2",))
    notice = find_review("poster:1")
    assert notice is not None
    assert (notice.may_appeal, notice.rules[0].text) == (True, "No insults.")
    with pytest.raises(NotFound):
        actions.appeal_decision(second, about=f"review:{review.pk}", words="Not mine")
    appeal = actions.appeal_decision(nadia, about=f"review:{review.pk}", words="He is my brother.")
    with pytest.raises(Conflict):
        actions.appeal_decision(nadia, about=f"review:{review.pk}", words="Again")
    (_row, said), *_others = list_open_appeals(second)
    assert (said["text"], said["words"]) == ("Come and plant with us", "It insults the baker.")
    for first_one in (mina, nadia):
        with pytest.raises((Refused, NotFound)):
            actions.answer_appeal(first_one, appeal.pk, overturn=False, words="No")
    actions.answer_appeal(second, appeal.pk, overturn=True, words="It is a joke between brothers.")
    approved = last("poster:1")
    assert isinstance(approved, ReviewApproved)
    assert approved.on_appeal
    found = find_review("poster:1")
    assert found is not None
    assert found.appeal is not None
    assert (found.state, found.appeal.overturned) == (ReviewState.APPROVED, True)


def test_a_newer_round_outlives_an_old_appeal(nadia: Actor, mina: Actor, second: Actor) -> None:
    review = handed_in(nadia)
    actions.refuse_review(mina, review.pk, words="Too loud.")
    appeal = actions.appeal_decision(nadia, about=f"review:{review.pk}", words="It is quiet.")
    handed_in(nadia)
    actions.answer_appeal(second, appeal.pk, overturn=True, words="It was.")
    notice = find_review("poster:1")
    assert notice is not None
    assert notice.state == ReviewState.WAITING


def test_what_was_kept_for_an_appeal_is_forgotten(nadia: Actor, mina: Actor) -> None:
    review, disputed = handed_in(nadia, 1), handed_in(nadia, 2)
    for one in (review, disputed):
        actions.refuse_review(mina, one.pk, words="No.")
    actions.appeal_decision(nadia, about=f"review:{disputed.pk}", words="Why?")
    assert actions.forget_old_evidence() == 0
    Review.objects.update(decided_at=review.handed_in_at.replace(year=2020))
    assert actions.forget_old_evidence() == 1
    assert Review.objects.get(pk=disputed.pk).evidence != {}
