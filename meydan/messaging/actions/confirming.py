"""Confirming that it is really them, before something that a stolen token must not be enough for (client-server API,
"User-Interactive Authentication API")."""

from collections.abc import Mapping
from typing import Any

from meydan.accounts.public import check_password
from meydan.kernel.errors import TooMany
from meydan.kernel.limits import check
from meydan.messaging.actions.devices import SIGN_INS_PER_HOUR, limited, localpart_of
from meydan.messaging.actions.messenger import Who


def is_password_of(who: Who, server_name: str, auth: Mapping[str, Any], address: str) -> bool:
    """For a thread: whether `auth`, of the type m.login.password, names this very person with their password.
    `M_LIMIT_EXCEEDED`."""
    identifier = auth.get("identifier")
    login = identifier.get("user") if isinstance(identifier, dict) else auth.get("user")
    password = auth.get("password")
    if not isinstance(login, str) or not isinstance(password, str):
        return False
    name = localpart_of(login, server_name)
    if f"@{name}:{server_name}" != who.user_id:
        return False
    try:
        check(f"messaging.confirm:{address}", limit=SIGN_INS_PER_HOUR, seconds=3600)
        check(f"messaging.login.name:{name}", limit=SIGN_INS_PER_HOUR, seconds=3600)
    except TooMany as error:
        raise limited(error) from error
    person = check_password(name, password)
    return person is not None and str(person.pk) == who.account
