"""A receipt: what one person needs to show that a fact about them stands under a day's seal. Knows no database."""

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from meydan.kernel.leaves import digest_of
from meydan.kernel.merkle import is_included, leaf_hash
from meydan.kernel.statement import Hash, Published

FORMAT = "meydan-receipt-1"
MOST_BYTES = 4_000_000
"""Of a receipt's file: a fact and its path; facts are small, and this is far more."""


class Receipt(BaseModel):
    """The leaf as it was hashed, such of its hidden fields as its holder may read, and its way up to the day's root."""

    model_config = ConfigDict(frozen=True)

    format: Literal["meydan-receipt-1"]
    city: Annotated[str, Field(max_length=300)]
    leaf: Annotated[str, Field(max_length=MOST_BYTES)]
    opened: dict[Literal["actor", "persons", "data"], Annotated[str, Field(max_length=MOST_BYTES)]] = {}
    index: int = Field(ge=0)
    path: list[Hash] = Field(max_length=64)
    seal: Published

    def faults(self) -> list[str]:
        """What is wrong with it by itself; whether the city published this very seal is another question."""
        found = self.seal.faults()
        path = [bytes.fromhex(one) for one in self.path]
        root = bytes.fromhex(self.seal.root)
        if not is_included(leaf_hash(self.leaf.encode()), self.index, self.seal.count, path, root):
            found.append("the fact is not under the day's root: the fact, its place or its path was changed")
        hidden = _read(self.leaf).get("hidden")
        for name, text in self.opened.items():
            if not isinstance(hidden, dict) or hidden.get(name) != digest_of(text.encode()):
                found.append(f"its field {name!r} is not what was sealed")
        return found

    def told(self) -> dict[str, Any]:
        """What the fact says, as far as it is opened."""
        known = {name: value for name, value in _read(self.leaf).items() if name not in ("hidden", "salt")}
        for name, text in self.opened.items():
            known[name] = _value_of(text)
        return known


def _read(text: str) -> dict[str, Any]:
    """A leaf's fields; none when it is no leaf of ours."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _value_of(opening: str) -> Any:
    """The third part of an opening, `[salt, name, value]`; the whole where it is none of ours."""
    try:
        _salt, _name, value = json.loads(opening)
    except (ValueError, TypeError, RecursionError):
        return opening
    return value
