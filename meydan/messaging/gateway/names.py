"""Names within a request that are looked up in the database: bounded, and such that it can hold them."""

from typing import Any

from meydan.messaging.models.errors import MatrixError, bad_param

MOST_NAME = 255


def is_name(text: Any) -> bool:
    """A text of 1 to 255 letters, without a zero."""
    return isinstance(text, str) and 0 < len(text) <= MOST_NAME and "\0" not in text


def need_name(text: Any) -> str:
    """The name. `M_INVALID_PARAM`."""
    if not is_name(text):
        raise bad_param(f"A name has from 1 to {MOST_NAME} letters.")
    return str(text)


def read_nested(said: dict[str, Any], most: int) -> dict[str, dict[str, Any]]:
    """Something for each person and device. `M_INVALID_PARAM`; `M_TOO_LARGE` beyond `most`."""
    for person, devices in said.items():
        if not isinstance(devices, dict) or not all(map(is_name, (person, *devices))):
            raise bad_param("This is an object by person, with an object by device in each.")
    if len(said) > most or sum(map(len, said.values())) > most:
        raise MatrixError(413, "M_TOO_LARGE", f"At most {most} at once.")
    return said
