"""Pictures that come as an address: fetched through the kernel's guarded fetcher, made safe like any other."""

import io
from dataclasses import replace

from django.db import transaction

from meydan.kernel.actor import Actor, Channel
from meydan.kernel.errors import Invalid, MeydanError, TooMany, Unavailable
from meydan.kernel.fetch import fetch
from meydan.kernel.files import store_image
from meydan.reports.actions.handling import add_photo
from meydan.reports.models import Report

MAX_BYTES = 25_000_000
PURPOSE = "report_photo"
LATER = frozenset({"fetch_slow", "fetch_failed"})
"""Refusals of the fetcher that another try may cure."""


def take_picture(url: str, *, timeout: float) -> str:
    """The sha256 of the picture at an address that a stranger gave. Raises `Invalid`, `TooLarge` or `Unavailable`.

    `timeout` in seconds; making the picture safe comes on top, a fraction of a second as a rule.
    """
    fetched = fetch(url, max_bytes=MAX_BYTES, timeout=timeout)
    return store_image(io.BytesIO(fetched.body), purpose=PURPOSE).sha256


def may_come_later(error: MeydanError) -> bool:
    """Whether the same address may give its picture on another try."""
    return isinstance(error, TooMany | Unavailable) or (isinstance(error, Invalid) and error.code in LATER)


def bring_picture(number: int) -> None:
    """Add the picture that did not come while the report was filed, once. Raises what may be cured by trying again;
    leaves the report without it where that may not."""
    report = Report.objects.get(pk=number)
    if not report.external.get("media_pending"):
        return
    try:
        photos = [take_picture(str(report.external["media_url"]), timeout=10)]
    except MeydanError as error:
        if may_come_later(error):
            raise
        photos = []
    with transaction.atomic():
        report = Report.objects.select_for_update().get(pk=number)
        if report.external.pop("media_pending", False):
            report.save(update_fields=["external"])
            if photos:
                add_photo(_its_reporter(report), number, photos=photos)


def _its_reporter(report: Report) -> Actor:
    """The client acts for the reporter, who has no account with us."""
    return replace(Actor(channel=Channel.OPEN311, language=report.language), case_keys=frozenset({report.reference}))
