"""The JSON door of the messenger in the browser: what its page needs to speak to the gateway."""

from django.http import HttpRequest
from django.utils.translation import gettext as _
from pydantic import BaseModel

from meydan.accounts.public import find_active_person
from meydan.kernel.config import config
from meydan.kernel.errors import SignInFirst
from meydan.kernel.http import actor_of, doors, json_door
from meydan.kernel.limits import check
from meydan.messaging.actions.ending import end_device
from meydan.messaging.actions.tokens import PAGE_SECONDS, open_page_device, user_id_of
from meydan.messaging.inputs import EndDevice, OpenDevice

MOST_TOKENS, WITHIN = 120, 600
"""So many tokens a person's pages may ask for in so many seconds."""


class PageDevice(BaseModel):
    """A token for the client-server API at `server`, good for `seconds`, and the person and device that it is for.
    `ways` are all the addresses of that server, `server` first: the others are tried where it is not reached."""

    user_id: str
    device_id: str
    access_token: str
    seconds: int
    server: str
    ways: list[str]


@json_door(summary="A token for the messenger in this browser", takes=OpenDevice, gives=PageDevice, errors=(401, 429))
def open_device(request: HttpRequest, taken: OpenDevice) -> PageDevice:
    """For the session that asks, and ending with it. That a body came as JSON is what keeps other sites away."""
    actor = actor_of(request)
    person = find_active_person(actor.person_id) if actor.person_id else None
    if person is None:
        raise SignInFirst
    check(f"messaging.page:{person.pk}", limit=MOST_TOKENS, seconds=WITHIN)
    if not request.session.session_key:
        raise SignInFirst
    opened = open_page_device(
        person.pk,
        user_id_of(person.username),
        session=request.session.session_key,
        store=taken.store,
        name=_("Meydan in the browser"),
        address=actor.address,
    )
    return PageDevice(
        user_id=user_id_of(person.username),
        device_id=opened.device_id,
        access_token=opened.access,
        seconds=PAGE_SECONDS,
        server=config().gateway_url,
        ways=list(config().gateway_urls),
    )


class DeviceEnded(BaseModel):
    """The device that is signed out now."""

    device_id: str


@json_door(summary="Sign one of your devices out", takes=EndDevice, gives=DeviceEnded, errors=(401, 404, 429))
def sign_device_out(request: HttpRequest, taken: EndDevice) -> DeviceEnded:
    """Its tokens open nothing from now on, its keys are gone, and a browser is signed out of all of Meydan."""
    actor = actor_of(request)
    if actor.person_id is None:
        raise SignInFirst
    check(f"messaging.ending:{actor.person_id}", limit=MOST_TOKENS, seconds=WITHIN)
    end_device(actor, taken.device_id)
    return DeviceEnded(device_id=taken.device_id)


device = doors(post=open_device)
device_end = doors(post=sign_device_out)
