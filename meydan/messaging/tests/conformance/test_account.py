"""The account is Meydan's, and its devices follow it, in a gateway that is a process of its own."""

from meydan.messaging.tests.clients import Api, Gateway, password_of


def test_another_password_ends_the_other_devices(gateway: Gateway) -> None:
    ada = gateway.register("ada")
    other = gateway.login(ada.user_id)
    change = {"new_password": "another long enough one", "auth": password_of(ada)}
    ada.post("account/password", change)
    assert other.refused("GET", "account/whoami") == (401, "M_UNKNOWN_TOKEN")
    assert ada.get("account/whoami")["user_id"] == ada.user_id


def test_a_closed_account_signs_nobody_in_and_its_name_is_not_given_out_again(gateway: Gateway) -> None:
    ada = gateway.register("ada")
    ada.post("account/deactivate", {"auth": password_of(ada)})
    assert ada.refused("GET", "account/whoami") == (401, "M_UNKNOWN_TOKEN")
    name = ada.user_id[1:].partition(":")[0]
    body = {"username": name, "password": "a long enough password", "auth": {"type": "m.login.dummy"}}
    assert Api(gateway.url).refused("POST", "register", body) == (400, "M_INVALID_USERNAME")
