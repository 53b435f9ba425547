"""The demo's mailbox: where every letter that a real city would send can be read."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from meydan.kernel.http import actor_of, page, render
from meydan.notifications.queries import list_mailbox, show_letter


@page()
def mailbox(request: HttpRequest) -> HttpResponse:
    """The latest letters; `?q=` finds those to an address."""
    words = request.GET.get("q", "")
    return render(
        request, "notifications/mailbox.html", {"letters": list_mailbox(actor_of(request), words=words), "words": words}
    )


@page()
def letter(request: HttpRequest, key: UUID) -> HttpResponse:
    """One letter."""
    return render(request, "notifications/letter.html", {"letter": show_letter(actor_of(request), key)})
