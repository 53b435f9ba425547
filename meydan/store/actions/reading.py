"""Reading what a web app says of itself."""

import io
from contextlib import suppress

from meydan.kernel.actor import Actor
from meydan.kernel.errors import Invalid, MeydanError
from meydan.kernel.files import store_image
from meydan.kernel.policy import demand
from meydan.store.actions.drafting import keep_manifest
from meydan.store.models import App, Kind
from meydan.store.plugins.web_manifest import Manifest, read_web_manifest
from meydan.store.policies import may_change
from meydan.store.queries import find_inside


def read_manifest(actor: Actor, slug: str) -> App:
    """Ask a web app for its manifest and keep what it says, with its icon where the entry has none. Outside of any
    transaction, for another server is asked. Raises `Invalid` (address) when it does not answer."""
    app = find_inside(actor, slug)
    demand(may_change(actor, app), actor)
    if app.kind != Kind.WEB_APP:
        raise Invalid
    try:
        manifest = read_web_manifest(app.pending.get("address", app.address))
    except MeydanError as error:
        raise Invalid(fields={"address": error.message}) from error
    told = {"name": manifest.name, "display": manifest.display, "lacks": list(manifest.lacks)}
    return keep_manifest(actor, slug, manifest=told, icon=_store(manifest))


def _store(manifest: Manifest) -> str | None:
    with suppress(MeydanError):
        return store_image(io.BytesIO(manifest.icon), purpose="store_icon").sha256 if manifest.icon else None
    return None
