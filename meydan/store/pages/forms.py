"""What the pages of a developer's work have in common."""

from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, cast

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from meydan.kernel.actor import Actor
from meydan.kernel.errors import Conflict, Invalid
from meydan.kernel.files import store_image
from meydan.kernel.http import actor_of, render
from meydan.store.actions import limit_asking
from meydan.store.models import App
from meydan.store.pages.looks import stand_of
from meydan.store.queries import find_inside
from meydan.ui.templating import url

Errors = Mapping[str, Any]
MOST_TYPED = 7000


def typed(request: HttpRequest) -> dict[str, str]:
    """What was typed, so that a form keeps it."""
    return {name: str(value)[:MOST_TYPED] for name, value in request.POST.items()}


def title_of(app: App) -> str:
    """The name of an entry in the language it was written in."""
    return app.pending.get("title", app.title).get(app.language) or app.slug


def base_of(app: App) -> dict[str, Any]:
    """What every page about one entry shows."""
    return {"app": app, "title": title_of(app), "stands": stand_of(app)}


def settle(
    request: HttpRequest,
    slug: str,
    work: Callable[[Actor], object],
    show: Callable[[HttpRequest, App, Errors], HttpResponse],
    onward: str = "store:manage",
) -> HttpResponse:
    """Do what a form asks for and go on; or show the form again, with what is wrong."""
    actor = actor_of(request)
    app = find_inside(actor, slug)
    try:
        work(actor)
    except Invalid as error:
        return show(request, app, error.fields or {"": error.message})
    except Conflict as error:
        return show(request, app, {"": error.message})
    return HttpResponseRedirect(url(onward, slug=slug))


def answer(request: HttpRequest, template: str, app: App, context: Mapping[str, Any], errors: Errors) -> HttpResponse:
    """A page about one entry."""
    values = {**base_of(app), **context, "errors": errors}
    return render(request, template, values, status=422 if errors else 200)


def brought_picture(request: HttpRequest, name: str) -> str:
    """The picture that came with a form, made safe and stored: its sha256. `Invalid` by the field's name."""
    limit_asking(actor_of(request))
    file = request.FILES.get(name)
    if file is None:
        raise Invalid(fields={name: _("Choose a picture.")})
    try:
        return store_image(cast(BinaryIO, file.file), purpose="store_picture").sha256
    except Invalid as error:
        raise Invalid(fields={name: error.message}) from error
