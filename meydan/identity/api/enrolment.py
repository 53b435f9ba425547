"""The JSON doors of identity."""

from django.http import HttpRequest

from meydan.identity.actions.applying import draw_challenge
from meydan.identity.inputs import Challenge
from meydan.identity.models.enrolment import CHALLENGE_SECONDS
from meydan.identity.queries.enrolment import own_application
from meydan.kernel.errors import NotFound
from meydan.kernel.http import actor_of, doors, json_door
from meydan.kernel.inputs import Input
from meydan.kernel.limits import check

DRAWS = 60
"""In a day, as many as pictures: nobody draws until the poses come that they have a film of."""


class Nothing(Input):
    """No word is needed."""


@json_door(
    summary="Draw a challenge for the camera of one's own application",
    takes=Nothing,
    gives=Challenge,
    errors=(401, 403, 404, 409, 429),
)
def _draw(request: HttpRequest, taken: Nothing) -> Challenge:
    """The poses, in their order, and the number to give back with the pictures, once."""
    actor = actor_of(request)
    check(f"identity.challenge:{actor.person_id}", limit=DRAWS, seconds=24 * 3600)
    application = own_application(actor)
    if application is None:
        raise NotFound
    nonce, poses = draw_challenge(actor, application.pk)
    return Challenge(nonce=nonce, poses=poses, seconds=CHALLENGE_SECONDS)


challenge = doors(post=_draw)
