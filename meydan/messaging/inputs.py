"""One parser per command of the messenger's pages."""

from meydan.kernel.inputs import Input
from meydan.messaging.models import Found


class OpenDevice(Input):
    """Nothing needs to be said: the session says who asks."""


class SwitchCases(Input):
    """Whether the city writes to a person in the messenger about their cases."""

    wanted: bool = False


class BeFound(Input):
    """By whom a person is found by their name, and whether by their e-mail address."""

    by_name: Found
    by_address: bool = False
