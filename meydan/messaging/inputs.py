"""One parser per command of the messenger's pages."""

from pydantic import Field

from meydan.kernel.inputs import Input
from meydan.messaging.models import Found


class OpenDevice(Input):
    """The session says who asks. `store`: the browser's own number of where it keeps the keys of this device."""

    store: str = Field(default="", max_length=64)


class EndDevice(Input):
    """Which of one's devices is to be signed out."""

    device_id: str = Field(min_length=1, max_length=255)


class SwitchCases(Input):
    """Whether the city writes to a person in the messenger about their cases."""

    wanted: bool = False


class BeFound(Input):
    """By whom a person is found by their name, and whether by their e-mail address."""

    by_name: Found
    by_address: bool = False
