"""A wallet receives credentials, and a counter sees one: the straight way."""

import pytest

from meydan.identity.models import Credential, Presentation
from meydan.identity.queries.presenting import see_presentation
from meydan.identity.tests.holders import (
    ask_at,
    make_clerk,
    make_identity,
    make_party,
    make_person,
    make_wallet,
)
from meydan.kernel.actor import Role

pytestmark = pytest.mark.django_db


def test_the_straight_way() -> None:
    amina, admin = make_person(), make_person("boss", Role.ADMIN)
    make_identity(amina)
    wallet = make_wallet(amina, 3)
    assert Credential.objects.count() == 3
    party = make_party()
    clerk = make_clerk(party, admin)
    asked = ask_at(party, clerk)
    answer = wallet.show(asked)
    assert answer.status_code == 200, answer.content
    seen = see_presentation(clerk, asked.row.pk)
    assert (seen.row.outcome, dict(seen.claims)) == ("shown", {"age_over_18": True})
    assert Presentation.objects.get().person_id == amina.person_id
