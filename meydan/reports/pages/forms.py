"""What the officers' forms share."""

from collections.abc import Iterable, Mapping

from django.http import QueryDict
from django.utils.translation import gettext as _

from meydan.accounts.public import Person
from meydan.reports.queries import Reply

MOST_TYPED = 5000


def typed(form: QueryDict) -> dict[str, str]:
    """What was typed, to show it again; bounded."""
    return {name: str(value)[:MOST_TYPED] for name, value in form.items()}


def append(values: Mapping[str, str], replies: Iterable[Reply]) -> dict[str, str]:
    """What was typed, with the ready-made words that were chosen of these after it."""
    chosen = next((one.text for one in replies if one.code == values.get("reply")), "")
    return {**values, "text": "\n\n".join(text for text in (values.get("text", "").strip(), chosen) if text)}


def hands_options(officers: Iterable[Person]) -> list[tuple[str, str]]:
    """The officers to choose from."""
    return [("", _("Nobody in particular")), *((str(one.pk), one.name or one.username) for one in officers)]
