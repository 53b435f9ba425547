"""Two tags that a Django project would write for these pages: an icon, and a text in the reader's language."""

from collections.abc import Mapping

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from meydan.kernel.i18n import text_of
from meydan.reports.models import State
from meydan.ui.icons import icon as drawn

register = template.Library()
LOOKS = {
    "submitted": ("info", "inbox"),
    "accepted": ("info", "hammer"),
    "asked": ("warning", "message-circle-question-mark"),
    "moved": ("info", "forward"),
    "solved": ("good", "check"),
    "confirmed": ("good", "circle-check-big"),
    "declined": ("quiet", "ban"),
    "reopened": ("bad", "rotate-ccw"),
    "withdrawn": ("quiet", "undo-2"),
}


@register.simple_tag
def icon(name: str, size: int = 24) -> SafeString:
    """The same drawing as on our page."""
    return SafeString(drawn(name, size))


@register.simple_tag
def state_tag(state: str) -> SafeString:
    """A state as a word with an icon. (`get_state_display` makes a dict of all choices anew for each row.)"""
    tone, sign = LOOKS[state]
    return format_html('<span class="tag {}">{}{}</span>', tone, icon(sign, 16), State(state).label)


@register.filter
def in_language(texts: Mapping[str, str]) -> str:
    """One text of a dict by language."""
    return text_of(texts)
