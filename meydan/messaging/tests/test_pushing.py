"""The doors of push rules (client-server API, "Push Rules: API"), and their way into account data."""

import threading
from typing import Any
from urllib.parse import quote

import pytest

from meydan.messaging.tests.clients import Api, Gateway
from meydan.messaging.tests.sliding import Slider

OWN = "pushrules/global/content/cats"
MASTER = "pushrules/global/override/.m.rule.master"
CATS = {"pattern": "cats", "actions": ["notify"]}


@pytest.fixture
def alice(gateway: Gateway) -> Api:
    return gateway.register("alice")


def _rules(api: Api, kind: str) -> list[str]:
    return [rule["rule_id"] for rule in api.get("pushrules/")["global"][kind]]


def test_ruleset_is_the_predefined_one_at_first(alice: Api) -> None:
    said = alice.get("pushrules/")
    assert said["global"] == alice.get("pushrules/global/")
    assert _rules(alice, "override")[0] == ".m.rule.master"
    mention = next(one for one in said["global"]["override"] if one["rule_id"] == ".m.rule.is_user_mention")
    assert mention["conditions"][0]["value"] == alice.user_id


def test_own_rule_is_put_found_and_deleted(alice: Api) -> None:
    assert alice.put(OWN, CATS) == {}
    assert alice.get(OWN) == {**CATS, "rule_id": "cats", "default": False, "enabled": True}
    assert alice.get(f"{OWN}/actions") == {"actions": ["notify"]}
    assert alice.get(f"{OWN}/enabled") == {"enabled": True}
    alice.put(f"{OWN}/enabled", {"enabled": False})
    alice.put(f"{OWN}/actions", {"actions": []})
    assert (alice.get(OWN)["enabled"], alice.get(OWN)["actions"]) == (False, [])
    assert alice.ok("DELETE", OWN) == {}
    assert alice.refused("GET", OWN) == (404, "M_NOT_FOUND")


def test_rules_are_put_before_and_after_others(alice: Api) -> None:
    for name in ("b", "d"):
        alice.put(f"pushrules/global/content/{name}", CATS)
    alice.put("pushrules/global/content/a", CATS, before="d")
    alice.put("pushrules/global/content/c", CATS, after="b")
    assert _rules(alice, "content")[:4] == ["a", "d", "b", "c"]


def test_rule_ids_may_be_quoted(alice: Api) -> None:
    name = quote("!room:city.test", safe="")
    alice.put(f"pushrules/global/room/{name}", {"actions": []})
    assert _rules(alice, "room") == ["!room:city.test"]


@pytest.mark.parametrize(
    ("method", "path", "body", "refusal"),
    [
        ("GET", "pushrules/global/content/none", None, (404, "M_NOT_FOUND")),
        ("GET", "pushrules/global/nonsense/cats", None, (400, "M_INVALID_PARAM")),
        ("PUT", "pushrules/global/content/.dot", CATS, (400, "M_INVALID_PARAM")),
        ("PUT", "pushrules/global/content/a%2Fb", CATS, (400, "M_INVALID_PARAM")),
        ("PUT", "pushrules/global/content/cats", {"pattern": 1, "actions": []}, (400, "M_INVALID_PARAM")),
        ("PUT", "pushrules/global/content/cats?before=none", CATS, (400, "M_UNKNOWN")),
        ("DELETE", MASTER, None, (404, "M_NOT_FOUND")),
        ("PUT", f"{MASTER}/enabled", {}, (400, "M_MISSING_PARAM")),
        ("PUT", f"{MASTER}/enabled", {"enabled": "yes"}, (400, "M_BAD_JSON")),
        ("PUT", f"{MASTER}/actions", {"actions": ["shout"]}, (400, "M_INVALID_PARAM")),
        ("PUT", "pushrules/global/content/none/enabled", {"enabled": True}, (404, "M_NOT_FOUND")),
        ("GET", "pushrules/nonsense", None, (404, "M_UNRECOGNIZED")),
    ],
)
def test_refusals(alice: Api, method: str, path: str, body: Any, refusal: tuple[int, str]) -> None:
    assert alice.refused(method, path, body) == refusal


def test_strangers_are_refused(gateway: Gateway) -> None:
    assert Api(gateway.url).refused("GET", "pushrules/") == (401, "M_MISSING_TOKEN")


def _told(said: Any) -> list[Any]:
    return [one["content"] for one in said.get("account_data", {}).get("events", []) if one["type"] == "m.push_rules"]


def test_sync_tells_them_and_their_changes(alice: Api) -> None:
    said = alice.sync()
    assert _told(said) == [alice.get("pushrules/")]
    since = said["next_batch"]
    assert _told(alice.sync(since)) == []
    changing = threading.Timer(0.3, lambda: alice.put(OWN, CATS))
    changing.start()
    said = alice.sync(since, timeout=20_000)
    changing.join()
    assert _told(said) == [alice.get("pushrules/")]
    assert _told(said)[0]["global"]["content"][0]["rule_id"] == "cats"


def test_sliding_sync_tells_them_and_their_changes(alice: Api) -> None:
    client = Slider(alice)
    client.ask()
    alice.put(f"{MASTER}/enabled", {"enabled": True})
    told = client.ask()["extensions"]["account_data"]["global"]
    assert [one["content"] for one in told] == [alice.get("pushrules/")]


def test_account_data_is_the_ruleset_and_cannot_be_put(alice: Api) -> None:
    path = f"user/{quote(alice.user_id)}/account_data/m.push_rules"
    alice.put(OWN, CATS)
    assert alice.get(path) == alice.get("pushrules/")
    assert alice.refused("PUT", path, {}) == (405, "M_BAD_JSON")


def test_changes_at_the_same_time_are_all_kept(alice: Api) -> None:
    names = [f"r{number}" for number in range(8)]
    putting = [threading.Thread(target=alice.put, args=(f"pushrules/global/content/{name}", CATS)) for name in names]
    for one in putting:
        one.start()
    for one in putting:
        one.join()
    assert set(names) <= set(_rules(alice, "content"))
