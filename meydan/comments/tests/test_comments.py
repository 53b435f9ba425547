"""Comments and ratings: of others' things, never one's own."""

from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client

from meydan.accounts.facts import PersonDeleted
from meydan.comments import actions
from meydan.comments.facts import CommentFoundHelpful, CommentWritten
from meydan.comments.models import Comment, CommentState, GivenRating
from meydan.comments.public import Discussed, discusses, rating_of, thread_of
from meydan.comments.reactions import forget_who_wrote
from meydan.kernel.action import action
from meydan.kernel.actor import SYSTEM, VISITOR, Actor, Role
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, Invalid, NotFound, Refused, SignInFirst
from meydan.kernel.facts import facts_about
from meydan.kernel.policy import ALLOW, Verdict
from meydan.moderation.actions import (
    answer_appeal,
    appeal_decision,
    block_sender,
    flag_thing,
    take_thing_off,
)
from meydan.moderation.models import Reason, Whom
from meydan.moderation.reactions import hide_what_was_taken_off, show_what_was_put_back
from meydan.reports.tests.cast import make_actor
from meydan.reports.tests.test_pages import signed_in

pytestmark = pytest.mark.django_db
BOOK, DIARY = "book:1", "book:2"
OWNER: list[Actor] = []
READERS: set[object] = set()


def look(actor: Actor, about: str) -> Discussed | None:
    """Book 1 belongs to the owner; book 2 is not public; who is in READERS has downloaded."""
    if about != BOOK:
        return None
    owners = frozenset(one.person_id for one in OWNER if one.person_id)
    return Discussed(
        "A book", "/", owners, downloaded=actor.person_id in READERS, version="1.2", owner_label="Developer"
    )


discusses("book", look)


@pytest.fixture
def owner() -> Actor:
    OWNER[:] = [make_actor("owner")]
    READERS.clear()
    return OWNER[0]


@pytest.fixture
def nadia(owner: Actor) -> Actor:
    return make_actor("nadia")


def say(actor: Actor, text: str = "A fine book", parent: int | None = None) -> Comment:
    return actions.write_comment(actor, about=BOOK, text=text, parent=parent)


def test_one_comments_on_what_belongs_to_others(owner: Actor, nadia: Actor) -> None:
    comment = say(nadia)
    written = facts_about(str(comment))[-1].fact
    assert isinstance(written, CommentWritten)
    assert (written.about, written.persons, written.by_owner) == (BOOK, (nadia.person_id,), False)
    with pytest.raises(Refused, match="your own"):
        say(owner)
    with pytest.raises(SignInFirst):
        say(VISITOR)
    for about in (DIARY, "tune:1"):
        with pytest.raises(NotFound):
            actions.write_comment(nadia, about=about, text="Let me in")
    with pytest.raises(Invalid):
        say(nadia, "  ")


def test_answers_stand_under_what_they_answer_and_owners_are_marked(owner: Actor, nadia: Actor) -> None:
    first = say(nadia)
    answer = say(owner, "Thank you", parent=first.pk)
    say(nadia, "And the next one?", parent=answer.pk)
    thread = thread_of(VISITOR, BOOK)
    (said,) = thread.comments
    assert (said.answers[0].by_owner, said.answers[0].answers[0].text) == (True, "And the next one?")
    assert (thread.count, str(thread.owner_label), thread.may_comment.allowed) == (3, "Developer", False)
    with pytest.raises(NotFound):
        say(nadia, "Where?", parent=999)


def test_a_rating_is_one_a_person_and_never_for_ones_own(owner: Actor, nadia: Actor) -> None:
    READERS.add(nadia.person_id)
    actions.rate_thing(nadia, about=BOOK, stars=2)
    actions.rate_thing(nadia, about=BOOK, stars=5)
    actions.rate_thing(make_actor("karim"), about=BOOK, stars=4)
    assert GivenRating.objects.get(person=nadia.person_id).downloaded
    rating = rating_of([BOOK, DIARY])[BOOK]
    assert (rating.count, rating.mean, rating.distribution, rating.shares[4]) == (2, 4.5, (0, 0, 0, 1, 1), 50)
    with pytest.raises(Refused, match="only others"):
        actions.rate_thing(owner, about=BOOK, stars=5)
    with pytest.raises(Invalid):
        actions.rate_thing(nadia, about=BOOK, stars=6)
    actions.withdraw_rating(nadia, about=BOOK)
    assert rating_of([BOOK])[BOOK].mean == 4.0
    with pytest.raises(Conflict):
        actions.withdraw_rating(nadia, about=BOOK)


def test_old_ones_fade_when_the_thing_changes_hands(owner: Actor, nadia: Actor) -> None:
    say(nadia)
    actions.rate_thing(nadia, about=BOOK, stars=1)
    hand_over(SYSTEM)
    thread = thread_of(VISITOR, BOOK)
    assert (thread.comments[0].faded, thread.rating.count) == (True, 0)
    actions.rate_thing(nadia, about=BOOK, stars=4)
    assert rating_of([BOOK])[BOOK].distribution == (0, 0, 0, 1, 0)


def _anybody(actor: Actor) -> Verdict:
    return ALLOW


@action(policy=_anybody)
def hand_over(actor: Actor) -> None:
    """As the owning domain does it."""
    actions.renew_discussion(actor, about=BOOK)


def test_changing_for_a_day_and_taking_back(owner: Actor, nadia: Actor) -> None:
    comment = say(nadia)
    say(owner, "Thank you", parent=comment.pk)
    actions.edit_comment(nadia, comment.pk, text="A very fine book")
    assert thread_of(nadia, BOOK).comments[0].edited
    with pytest.raises(Refused):
        actions.edit_comment(owner, comment.pk, text="The best")
    Comment.objects.filter(pk=comment.pk).update(at=now().replace(year=2020))
    with pytest.raises(Conflict, match="for a day"):
        actions.edit_comment(nadia, comment.pk, text="Too late")
    actions.delete_comment(nadia, comment.pk)
    (said,) = thread_of(VISITOR, BOOK).comments
    assert (said.state, said.text, said.name, len(said.answers)) == (CommentState.DELETED, "", "", 1)


def test_helpful_counts_once_and_never_for_ones_own(owner: Actor, nadia: Actor) -> None:
    comment = say(nadia)
    actions.find_helpful(owner, comment.pk)
    fact = facts_about(str(comment))[-1].fact
    assert isinstance(fact, CommentFoundHelpful)
    assert (fact.count, fact.persons) == (1, (nadia.person_id,))
    with pytest.raises(Conflict):
        actions.find_helpful(owner, comment.pk)
    with pytest.raises(Refused):
        actions.find_helpful(nadia, comment.pk)
    actions.find_helpful(owner, comment.pk, undo=True)
    assert Comment.objects.get(pk=comment.pk).helpful == 0


def test_taken_off_by_a_moderator_and_put_back_on_appeal(owner: Actor, nadia: Actor) -> None:
    mina, second = make_actor("mina", Role.MODERATOR), make_actor("second", Role.MODERATOR)
    comment = say(nadia, "The owner is a thief")
    flag_thing(owner, reference=str(comment), reason=Reason.INSULT)
    decision = take_thing_off(mina, reference=str(comment), words="It insults the owner.")
    with transaction.atomic():
        hide_what_was_taken_off(facts_about(str(comment))[-1].fact)  # type: ignore[arg-type]  # it is ThingTakenOff
    assert thread_of(VISITOR, BOOK).count == 0
    assert decision.evidence["text"] == "The owner is a thief"
    appeal = appeal_decision(nadia, about=f"decision:{decision.pk}", words="It is the title of the book.")
    answer_appeal(second, appeal.pk, overturn=True, words="So it is.")
    with transaction.atomic():
        show_what_was_put_back(facts_about(str(comment))[-1].fact)  # type: ignore[arg-type]  # it is ThingPutBack
    assert thread_of(VISITOR, BOOK).comments[0].text == "The owner is a thief"


def test_who_is_blocked_writes_nothing(owner: Actor, nadia: Actor) -> None:
    comment = say(nadia)
    mina = make_actor("mina", Role.MODERATOR)
    block_sender(mina, reference=str(comment), whom=Whom.PERSON, days=1, reason="Spam.")
    for write in (lambda: say(nadia), lambda: actions.rate_thing(nadia, about=BOOK, stars=3)):
        with pytest.raises(Refused, match="Spam"):
            write()


def test_with_an_account_its_name_and_its_stars_go(owner: Actor, nadia: Actor) -> None:
    say(nadia)
    actions.rate_thing(nadia, about=BOOK, stars=1)
    assert nadia.person_id is not None
    with transaction.atomic():
        forget_who_wrote(PersonDeleted(subject=f"person:{nadia.person_id}", persons=(nadia.person_id,)))
    thread = thread_of(VISITOR, BOOK)
    assert (thread.comments[0].name, thread.comments[0].text, thread.rating.count) == ("", "A fine book", 0)


def test_threads_come_in_pages(owner: Actor, nadia: Actor) -> None:
    numbers = [say(nadia, f"Number {one}").pk for one in range(22)]
    first = thread_of(VISITOR, BOOK)
    assert ([said.key for said in first.comments], first.older[-9:]) == (numbers[:1:-1], f"before={numbers[2]}"[-9:])
    assert [said.key for said in thread_of(VISITOR, BOOK, before=numbers[2]).comments] == numbers[1::-1]


def test_the_pages_and_the_json_doors(owner: Actor, nadia: Actor) -> None:
    browser = signed_in(nadia)
    sent = {"about": BOOK, "text": "A fine book", "form_token": str(uuid4())}
    for _twice in range(2):
        assert browser.post("/comments/write", sent).status_code == 302
    comment = Comment.objects.get()
    assert browser.post("/comments/rate", {"about": BOOK, "stars": "4"}).headers["Location"] == "/#ratings"
    page = Client().get(f"/comments/?about={BOOK}").content.decode()
    assert "A fine book" in page
    assert "Nadia" in page
    kept = browser.post("/comments/write", {"about": BOOK, "text": "x" * 4001})
    assert (kept.status_code, "x" * 4001 in kept.content.decode()) == (422, True)
    assert browser.post("/comments/rate", {"about": BOOK}).status_code == 422
    assert browser.get(f"/comments/write?about={BOOK}&parent={comment.pk}").status_code == 200
    assert browser.get(f"/comments/{comment.pk}/edit").status_code == 200
    assert signed_in(owner).get(f"/comments/{comment.pk}/edit").status_code == 403
    assert Client().get(f"/comments/?about={DIARY}").status_code == 404
    said = Client().get(f"/api/comments?about={BOOK}").json()
    assert (said["count"], said["rating"]["mean"], said["comments"][0]["stars"]) == (1, 4.0, 4)
    again = browser.post("/api/comments", {"about": BOOK, "text": "More"}, content_type="application/json")
    assert again.status_code == 201
    assert browser.post("/api/ratings", {"about": BOOK, "stars": 0}, content_type="application/json").json()["own"] == 0
    assert browser.post(f"/comments/{comment.pk}/edit", {"delete": "true"}).status_code == 302
    assert Comment.objects.get(pk=comment.pk).state == CommentState.DELETED
