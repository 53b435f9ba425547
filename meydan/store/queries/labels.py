"""Categories, as this process remembers them for some seconds."""

import time
from functools import lru_cache

from meydan.kernel.i18n import text_of
from meydan.store.models import Category

SECONDS = 10


@lru_cache(maxsize=8)
def _read(_period: int) -> tuple[Category, ...]:
    return tuple(Category.objects.order_by("order", "code"))


def list_categories() -> tuple[Category, ...]:
    """All categories, in their order."""
    return _read(int(time.monotonic() // SECONDS))


def category_names() -> dict[str, str]:
    """Their names in the reader's language, by code."""
    return {one.code: text_of(one.name) or one.code for one in list_categories()}


def forget_categories() -> None:
    """Read them anew: they were changed in this process."""
    _read.cache_clear()
