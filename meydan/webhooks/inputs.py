"""One parser per command, for the page's form and the JSON door."""

from typing import Annotated

from pydantic import Field

from meydan.kernel.inputs import Input
from meydan.webhooks.models import Kind


class KeepHook(Input):
    """A webhook: what it is called, where it is, and what it is told."""

    name: str = Field(min_length=1, max_length=80)
    url: str = Field(min_length=10, max_length=2000)
    kinds: list[Annotated[str, Field(max_length=30)]] = Field([], max_length=len(Kind))
    active: bool = False


class NewHook(KeepHook):
    """The same, for a program: it is told of all kinds when it names none."""

    @property
    def wanted(self) -> list[str]:
        """The kinds, all of them when none is named."""
        return self.kinds or [kind.value for kind in Kind]
