"""Whom a decision reaches: its author in the inbox and by letter, and whoever had told."""

from dataclasses import replace

import pytest
from django.db import transaction

from meydan.accounts.public import Department
from meydan.kernel.actor import VISITOR, Role
from meydan.kernel.facts import facts_about
from meydan.messaging.models import Case
from meydan.messaging.reactions import tell_in_inbox
from meydan.moderation import actions
from meydan.moderation.models import Reason, Review
from meydan.moderation.public import review_letter
from meydan.moderation.tests import kinds
from meydan.notifications.models import Mail
from meydan.notifications.reactions import tell_author_of_review, tell_who_flagged_rightly
from meydan.reports.tests.cast import make_actor

pytestmark = pytest.mark.django_db


def test_an_author_reads_it_in_the_inbox_and_by_letter() -> None:
    Department.objects.create(code="citizens", name={"en": "Citizens' office"})
    nadia, mina = make_actor("nadia"), make_actor("mina", Role.MODERATOR)
    kinds.submit(nadia, kinds.put_up(nadia))
    actions.refuse_review(mina, Review.objects.get().pk, words="It insults.")
    stored = facts_about("poster:1")[-1]
    for _twice in range(2):
        with transaction.atomic():
            tell_in_inbox(stored)
    assert Case.objects.get().key == f"moderation:{nadia.person_id}"
    with transaction.atomic():
        tell_author_of_review(stored.fact)  # type: ignore[arg-type]  # it is ReviewRefused
    letter = Mail.objects.get(to="nadia@example.org")
    assert "/moderation/mine" in letter.body
    assert "It insults." not in letter.body


def test_the_changes_that_are_asked_for_come_with_it() -> None:
    nadia, mina = make_actor("nadia"), make_actor("mina", Role.MODERATOR)
    kinds.submit(nadia, kinds.put_up(nadia))
    actions.send_back_review(
        mina, Review.objects.get().pk, words="Nearly.", changes=("Name its source.", "Shorten it.")
    )
    letter = review_letter(Review.objects.get().pk)
    assert letter is not None
    assert letter.words.splitlines() == ["Nearly.", "– Name its source.", "– Shorten it."]


def test_whoever_told_is_answered_at_the_address_they_left() -> None:
    nadia, mina = make_actor("nadia"), make_actor("mina", Role.MODERATOR)
    kinds.put_up(nadia)
    visitor = replace(VISITOR, address="192.0.2.9", language="fr")
    told = actions.flag_thing(visitor, reference="poster:1", reason=Reason.SPAM, email="me@example.org")
    actions.take_thing_off(mina, reference="poster:1", words="Advertising.")
    with transaction.atomic():
        tell_who_flagged_rightly(facts_about("poster:1")[-1].fact)  # type: ignore[arg-type]  # it is ThingTakenOff
    letter = Mail.objects.get(to="me@example.org")
    assert f"/moderation/told?key={told.token}" in letter.body
    assert "modérateur" in letter.subject
