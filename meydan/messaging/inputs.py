"""One parser per command of the messenger's pages."""

from meydan.kernel.inputs import Input


class OpenDevice(Input):
    """Nothing needs to be said: the session says who asks."""


class SwitchCases(Input):
    """Whether the city writes to a person in the messenger about their cases."""

    wanted: bool = False
