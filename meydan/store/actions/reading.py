"""Reading what a web app says of itself."""

import io
from contextlib import suppress

from django.utils.translation import gettext as _

from meydan.kernel.actor import Actor
from meydan.kernel.errors import Invalid, MeydanError
from meydan.kernel.files import store_image
from meydan.kernel.policy import demand
from meydan.store.actions.drafting import add_screenshot, keep_manifest
from meydan.store.models import App, Kind
from meydan.store.plugins.web_manifest import Manifest, read_web_manifest
from meydan.store.policies import may_change
from meydan.store.queries import find_inside, list_screenshots


def read_manifest(actor: Actor, slug: str) -> App:
    """Ask a web app for its manifest and keep what it says, with its icon and screenshots where the entry has none.
    Outside of any transaction, for another server is asked. Raises `Invalid` (address) when it does not answer."""
    app = find_inside(actor, slug)
    demand(may_change(actor, app), actor)
    if app.kind != Kind.WEB_APP:
        raise Invalid
    try:
        manifest = read_web_manifest(app.pending.get("address", app.address))
    except MeydanError as error:
        raise Invalid(fields={"address": error.message}) from error
    told = {"name": manifest.name, "display": manifest.display, "lacks": list(manifest.lacks)}
    app = keep_manifest(actor, slug, manifest=told, icon=_store(manifest.icon, "store_icon"))
    if not list_screenshots(actor, app):
        _add_screens(actor, app, manifest)
    return app


def _add_screens(actor: Actor, app: App, manifest: Manifest) -> None:
    """One that we cannot take is left out; what it shows is said in the app's own words, else by the app's name."""
    for number, screen in enumerate(manifest.screens, 1):
        alt = screen.label or _("%(name)s, screenshot %(number)s") % {"name": manifest.name, "number": number}
        if file := _store(screen.body, "store_picture"):
            with suppress(Invalid):
                add_screenshot(actor, app.slug, sha256=file, alt=alt)


def _store(body: bytes, purpose: str) -> str | None:
    with suppress(MeydanError):
        return store_image(io.BytesIO(body), purpose=purpose).sha256 if body else None
    return None
