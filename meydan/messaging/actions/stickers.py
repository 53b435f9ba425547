"""The city's stickers lie in the store of the messenger's files, as the city's own, and are never deleted."""

import io
from collections.abc import Callable, Iterable, Mapping

from meydan.kernel.action import action
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.facts import record
from meydan.messaging.actions.media import Upload
from meydan.messaging.facts import StickersKept
from meydan.messaging.models import Media
from meydan.messaging.models.stickers import sticker_id
from meydan.messaging.policies.cases import may_open_cases


def keep_stickers(actor: Actor, names: Iterable[str], draw: Callable[[str], bytes]) -> int:
    """Keep these stickers, each once; how many are new. Those that are there stay as they are: only the others are
    drawn (`draw` gives the PNG of a name)."""
    ids = {sticker_id(name): name for name in names}
    known = set(Media.objects.filter(pk__in=ids).values_list("pk", flat=True))
    fresh = {media_id: draw(name) for media_id, name in ids.items() if media_id not in known}
    if fresh:
        _keep(actor, fresh)
    return len(fresh)


@action(policy=may_open_cases)
def _keep(actor: Actor, fresh: Mapping[str, bytes]) -> None:
    for media_id, picture in fresh.items():
        upload = Upload(io.BytesIO())
        upload.write(picture)
        file = upload.keep("image/png")
        Media.objects.get_or_create(
            media_id=media_id,
            defaults={
                "owner": "",
                "content_type": "image/png",
                "filename": f"{media_id}.png",
                "file_id": file,
                "size": upload.size,
                "made_at": now(),
            },
        )
    record(StickersKept(subject="messenger", count=len(fresh)))
