"""`/seals/`: the sealed days, for people, for programs, and for whoever keeps watch from outside."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.views.decorators.cache import cache_control

from meydan.kernel.config import config
from meydan.kernel.errors import NotFound
from meydan.kernel.http import page, render, same_for_visitors
from meydan.kernel.merkle import HASH_BYTES
from meydan.kernel.models import Seal
from meydan.kernel.seals import leaf_hashes, publish_seal

DAYS_PER_PAGE = 14
KEPT = cache_control(public=True, max_age=24 * 3600)
ASKED_ANEW = cache_control(no_cache=True)


@page()
@same_for_visitors
def seals(request: HttpRequest) -> HttpResponse:
    """What a seal is, the latest days, and how anybody can check them."""
    found = Seal.objects.order_by("-day")
    if before := _day_in(request.GET.get("before", "")):
        found = found.filter(day__lt=before)
    days = list(found[: DAYS_PER_PAGE + 1])
    context = {
        "days": days[:DAYS_PER_PAGE],
        "older": days[DAYS_PER_PAGE - 1].day.isoformat() if len(days) > DAYS_PER_PAGE else None,
        "key": days[0].key if days else None,
        "command": f"bin/meydan verify --url {config().base_url}",
    }
    return render(request, "site/seals.html", context)


@page()
@KEPT
def day_json(_request: HttpRequest, day: str) -> HttpResponse:
    """One sealed day: what was signed, in parts, and the signature."""
    return JsonResponse(publish_seal(_find(day)), json_dumps_params={"indent": 1})


@page()
@KEPT
def day_leaves(_request: HttpRequest, day: str) -> HttpResponseBase:
    """The hashes of a day's facts, 32 bytes each, in their order: enough to make the root anew, not to read a fact."""
    seal = _find(day)
    response = StreamingHttpResponse(leaf_hashes(seal.day), content_type="application/octet-stream")
    response["Content-Length"] = str(seal.count * HASH_BYTES)
    response["Content-Disposition"] = f'attachment; filename="{seal.day}.leaves"'
    return response


@page()
@ASKED_ANEW
def key_json(_request: HttpRequest) -> HttpResponse:
    """The public keys that the city has signed with: each with its first and last day, the latest first."""
    keys: dict[str, dict[str, Any]] = {}
    for day, key in Seal.objects.order_by("day").values_list("day", "key").iterator():
        keys.setdefault(key, {"key": key, "algorithm": "Ed25519", "from": day})["to"] = day
    return JsonResponse({"keys": list(reversed(keys.values()))}, json_dumps_params={"indent": 1})


@page()
@ASKED_ANEW
def heads(_request: HttpRequest) -> HttpResponseBase:
    """All sealed days as plain text, the oldest first, a line each: the day and its chain hash. For witnesses."""
    return StreamingHttpResponse(_lines(), content_type="text/plain; charset=utf-8")


def _lines() -> Iterator[str]:
    for day, chain in Seal.objects.order_by("day").values_list("day", "chain").iterator():
        yield f"{day} {chain}\n"


def _find(day: str) -> Seal:
    seal = Seal.objects.filter(day=found).first() if (found := _day_in(day)) else None
    if seal is None:
        raise NotFound
    return seal


def _day_in(text: str) -> date | None:
    """A date written as 2026-11-21, and no other way."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.isoformat() == text else None
