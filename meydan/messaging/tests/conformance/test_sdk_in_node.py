"""matrix-js-sdk with its rust crypto, in Node.js: two people, three devices, and all that a conversation has."""

from pathlib import Path

import pytest

from meydan.messaging.tests.clients import Gateway
from meydan.messaging.tests.conformance.workshop import FACTS, converse_in_node, make_workshop, open_account

pytestmark = pytest.mark.sdk


def test_a_conversation(gateway: Gateway, tmp_path: Path) -> None:
    people = [open_account(gateway, name) for name in ("ada", "ben")]
    assert converse_in_node(make_workshop(tmp_path), gateway.url, *people) == FACTS
