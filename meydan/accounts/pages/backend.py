"""Who is behind a session: Django asks this for `request.user`."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from meydan.accounts.models import Person
from meydan.accounts.queries import find_active_person


class PersonBackend(AuthenticationBackend):
    """allauth's check of passwords; the person comes with roles, in one query."""

    def get_user(self, user_id: Any) -> Person | None:
        return find_active_person(user_id)
