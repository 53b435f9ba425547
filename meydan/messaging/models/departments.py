"""Departments in the messenger: what each is called and shows, so that nobody takes somebody else for it."""

from collections.abc import Mapping

from meydan.kernel.city import this_city
from meydan.kernel.i18n import text_of
from meydan.messaging.models.cases import DEPARTMENT_FIELD

OFFICIAL_AVATAR = "city"
"""The media id of the picture that only departments show."""


def user_id_of(department: str, server_name: str) -> str:
    """ "@_roads:city.example". No account's name begins with "_" (accounts, `username_validator`)."""
    return f"@_{department}:{server_name}"


def face_of(department: str, name: Mapping[str, str], language: str, server_name: str) -> dict[str, str]:
    """The profile of a department: its name with the city's and a check mark, which no person's name may hold, the
    city's picture, and the field that only the server writes."""
    shown = f"{text_of(name, language) or department} · {text_of(this_city().name, language)} ✓"
    return {
        "displayname": shown,
        "avatar_url": f"mxc://{server_name}/{OFFICIAL_AVATAR}",
        DEPARTMENT_FIELD: department,
    }
