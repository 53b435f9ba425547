"""Who is answered hears of it, and whose app is written about: quietly, unless they wish otherwise."""

import pytest
from django.db import transaction
from django.test import Client

from meydan.accounts.public import Person
from meydan.comments.actions import delete_comment
from meydan.comments.facts import CommentWritten
from meydan.comments.public import write_comment
from meydan.kernel.actor import Actor
from meydan.kernel.facts import facts_about
from meydan.notifications import actions
from meydan.notifications.models import Mail, Notice, Talk
from meydan.notifications.queries import list_notices
from meydan.notifications.reactions import tell_of_a_comment
from meydan.store.models import App
from meydan.store.tests.cast import make_developer, make_member, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def dana() -> Actor:
    return make_developer()


@pytest.fixture
def nadia() -> Actor:
    return make_member("nadia")


def say(actor: Actor, app: App, text: str, parent: int | None = None) -> int:
    """Write a comment; what follows from it happens at once."""
    comment = write_comment(actor, about=app.reference, text=text, parent=parent)
    react(comment.pk)
    return int(comment.pk)


def react(comment: int) -> None:
    written = next(one.fact for one in facts_about(f"comment:{comment}") if isinstance(one.fact, CommentWritten))
    with transaction.atomic():
        tell_of_a_comment(written)


def test_a_developer_hears_of_a_review_and_its_writer_of_the_answer(dana: Actor, nadia: Actor) -> None:
    app = publish(dana)
    review = say(nadia, app, "It is late by two minutes.")
    told = list_notices(dana)
    assert [(one.kind, one.path) for one in told] == [(Notice.Kind.REVIEWED, f"/apps/{app.slug}#comment-{review}")]
    assert list_notices(nadia) == []
    answer = say(dana, app, "It is mended.", parent=review)
    assert [(one.kind, one.path) for one in list_notices(nadia)] == [
        (Notice.Kind.ANSWERED, f"/apps/{app.slug}#comment-{answer}")
    ]
    assert len(list_notices(dana)) == 1  # nobody is told of their own words
    assert not Mail.objects.exists()  # and quietly


def test_who_wants_letters_gets_them_and_who_wants_nothing_nothing(dana: Actor, nadia: Actor) -> None:
    app = publish(dana)
    actions.set_wish(dana, talk=Talk.LETTER)
    say(nadia, app, "It is late.")
    assert [one.to for one in Mail.objects.all()] == ["dana@example.org"]
    actions.set_wish(dana, talk=Talk.NONE)
    Notice.objects.all().delete()
    say(nadia, app, "Still late.")
    assert not Notice.objects.exists()


def test_ten_comments_are_one_notice_until_it_is_read(dana: Actor, nadia: Actor) -> None:
    app = publish(dana)
    for number in range(3):
        say(nadia, app, f"Thought {number}")
    assert len(list_notices(dana)) == 1
    actions.mark_read(dana)
    say(nadia, app, "One more")
    assert len(list_notices(dana)) == 2


def test_what_is_taken_back_at_once_is_told_to_nobody(dana: Actor, nadia: Actor) -> None:
    app = publish(dana)
    comment = write_comment(nadia, about=app.reference, text="Oops")
    delete_comment(nadia, comment.pk)
    react(comment.pk)
    assert list_notices(dana) == []


def test_the_wish_is_said_on_the_page(client: Client, nadia: Actor) -> None:
    person = Person.objects.get(username="nadia")
    client.force_login(person, backend="meydan.accounts.pages.backend.PersonBackend")
    assert client.post("/me/news/wish", {"talk": "letter"}).status_code == 302
    page = client.get("/me/news").content.decode()
    assert 'value="letter" checked' in page
    assert client.post("/me/news/wish", {"talk": "drums"}).status_code == 422
