"""Teams, tokens and new owners."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client

from meydan.accounts.facts import PersonDeleted
from meydan.comments.public import rate_thing, rating_of, thread_from, thread_of, write_comment
from meydan.kernel.actor import VISITOR, Role
from meydan.kernel.errors import Invalid, NotFound, Refused
from meydan.reports.tests.test_pages import signed_in
from meydan.store import actions
from meydan.store.models import App, TeamRole
from meydan.store.queries import THREADS, as_discussed, find_app, find_shown, list_happenings, list_own
from meydan.store.reactions import forget_who_published
from meydan.store.tests.cast import draft, make_developer, make_member, publish

pytestmark = pytest.mark.django_db


def test_an_invitation_is_accepted_before_it_counts() -> None:
    owner, other = make_developer(), make_developer("otto")
    app = draft(owner)
    actions.invite_member(owner, app.slug, username="otto", role=TeamRole.EDITOR)
    assert [one.slug for one in list_own(other)] == [app.slug]
    with pytest.raises(Refused):
        actions.explain_permissions(other, app.slug, reasons={})
    actions.answer_invitation(other, app.slug, accept=True)
    actions.explain_permissions(other, app.slug, reasons={})
    with pytest.raises(Refused):
        actions.invite_member(other, app.slug, username="dana", role=TeamRole.EDITOR)
    actions.remove_member(owner, app.slug, member=app.members.get().pk)
    with pytest.raises(NotFound):
        find_app(other, app.slug)


def test_an_uploader_changes_no_words() -> None:
    owner, other = make_developer(), make_developer("otto")
    app = draft(owner)
    actions.invite_member(owner, app.slug, username="otto", role=TeamRole.UPLOADER)
    actions.answer_invitation(other, app.slug, accept=True)
    with pytest.raises(Refused):
        actions.explain_permissions(other, app.slug, reasons={})


@pytest.mark.parametrize("username", ["nobody", "dana"])
def test_who_cannot_be_asked(username: str) -> None:
    owner = make_developer()
    app = draft(owner)
    with pytest.raises(Invalid) as refusal:
        actions.invite_member(owner, app.slug, username=username, role=TeamRole.EDITOR)
    assert set(refusal.value.fields) == {"username"}


def test_a_new_owner_accepts_and_old_stars_fade() -> None:
    owner, other = make_developer(), make_developer("otto")
    app = publish(owner)
    rate_thing(make_member("uma"), about=app.reference, stars=5)
    token = actions.issue_token(owner, app.slug, name="CI")
    actions.invite_member(owner, app.slug, username="otto", role=TeamRole.EDITOR)
    actions.answer_invitation(other, app.slug, accept=True)
    actions.offer_ownership(owner, app.slug, member=app.members.get().pk)
    assert App.objects.get().owner_id == owner.person_id
    actions.take_over(other, app.slug)
    live = App.objects.get()
    assert (live.owner_id, live.developer) == (other.person_id, "Otto")
    assert live.team == {owner.person_id: TeamRole.EDITOR}
    assert rating_of([app.reference])[app.reference].count == 0
    with pytest.raises(NotFound):
        actions.add_release_by_token(owner, token, path=None, looked=None)  # type: ignore[arg-type]  # never read
    with pytest.raises(Refused):
        rate_thing(owner, about=app.reference, stars=5)


def test_an_entrys_page_is_one_question_and_says_of_it_what_the_thread_says(
    client: Client, django_assert_num_queries: Any
) -> None:
    owner, uma = make_developer(), make_member("uma")
    app = publish(owner)
    rate_thing(uma, about=app.reference, stars=4)
    write_comment(uma, about=app.reference, text="It comes when it says.", form_token=uuid4())
    page = client.get(f"/apps/{app.slug}").content.decode()  # categories are remembered now
    assert "It comes when it says." in page
    with django_assert_num_queries(1):
        client.get(f"/apps/{app.slug}")
    for actor in (VISITOR, owner, uma):
        shown = find_shown(actor, app.slug)
        thread = thread_from(actor, app.reference, as_discussed(actor, app), shown.talk, most=THREADS)
        assert replace(thread, form_token="") == replace(thread_of(actor, app.reference), form_token="")


def test_the_token_is_shown_once_and_the_trail_tells_sides(client: Client) -> None:
    owner = make_developer()
    app = publish(owner)
    browser = signed_in(owner)
    page = browser.post(f"/apps/{app.slug}/team", {"do": "token", "name": "CI"}).content.decode()
    assert "meydan-" in page
    assert "meydan-" not in browser.get(f"/apps/{app.slug}/team").content.decode().replace("meydan-language", "")
    moderator = make_member("mina", Role.MODERATOR)
    actions.feature_app(moderator, app.slug, days=7)
    sides = {one.name: one.side for one in list_happenings(owner, app)}
    assert (sides["store.app_featured"], sides["store.app_drafted"]) == ("moderators", "team")


def test_with_an_account_its_name_goes() -> None:
    owner = make_developer()
    app = publish(owner)
    assert owner.person_id is not None
    with transaction.atomic():
        forget_who_published(PersonDeleted(subject=f"person:{owner.person_id}", persons=(owner.person_id,)))
    assert App.objects.get(pk=app.pk).developer == ""
    assert find_app(owner, app.slug).is_public
