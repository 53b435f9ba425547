"""What the sign-in pages call in their templates, beside what allauth's views give them."""

from collections.abc import Mapping
from typing import Any

from allauth.socialaccount.adapter import get_adapter
from django.contrib.messages import get_messages
from django.http import HttpRequest

from meydan.accounts.pages.sentences import errors_of
from meydan.accounts.queries.demo import DEMO_PASSWORD, DEMO_ROLES
from meydan.accounts.queries.elsewhere import list_sessions_elsewhere
from meydan.accounts.queries.marks import marks_of
from meydan.kernel.http import actor_of


def context(request: HttpRequest) -> Mapping[str, Any]:
    """Template context of every page: functions only, so that a page which needs none pays for none."""
    return {
        "errors_of": errors_of,
        "messages_of": get_messages,
        "sign_in_providers": lambda: _providers(request),
        "browser_of": browser_of,
        "sessions_elsewhere": lambda: list_sessions_elsewhere(actor_of(request)),
        "marks_of": lambda people: marks_of(actor_of(request), people),
        "demo_sign_ins": lambda: (DEMO_ROLES, DEMO_PASSWORD),
    }


def _providers(request: HttpRequest) -> list[tuple[str, str]]:
    """(what the button says, where it leads) of each provider that the city configured."""
    next_page = request.POST.get("next") or request.GET.get("next") or ""
    more = {"next": next_page} if next_page else {}
    providers = get_adapter(request).list_providers(request)
    return [(one.name, one.get_login_url(request, **more)) for one in providers]


_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def browser_of(user_agent: str) -> str:
    """What a person would call it: "Chrome, Android"; else the start of what it says of itself."""
    names = [next((name for sign, name in known if sign in user_agent), "") for known in (_BROWSERS, _SYSTEMS)]
    return ", ".join(filter(None, names)) or user_agent[:40] or "—"
