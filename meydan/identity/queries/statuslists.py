"""The status lists: for every credential one bit, that anybody may read and that says nothing about anybody."""

from functools import lru_cache

from meydan.identity.models import Credential, IssuerKey, StatusList
from meydan.identity.models.credentials import LIST_SIZE
from meydan.identity.queries.keys import address, find_issuer_key, signer_for
from meydan.identity.tokens.statuslist import TYP, pack
from meydan.kernel.clock import now
from meydan.kernel.errors import NotFound

TTL = 300
"""Seconds for which a verifier may keep a list before it asks for a newer one."""
BUILT_EVERY = 60
MOST_KEPT = 50
LIST_LIVES = 24 * 3600
"""Seconds after which a list counts for nothing, also where there is no network."""


def list_address(number: int) -> str:
    """Where a list is found: its `sub`, and the `uri` in credentials."""
    return address(f"/statuslists/{number}")


def status_list_token(number: int) -> str:
    """A list, signed. Built once a minute at most in each process, and the same in all. Raises `NotFound`."""
    return built_list(number, int(now().timestamp()) // BUILT_EVERY)


@lru_cache(maxsize=64)
def built_list(number: int, minute: int) -> str:
    """A list as it stood in a minute (counted from 1970)."""
    key = find_issuer_key("credentials")
    if key is None or not StatusList.objects.filter(pk=number).exists():
        raise NotFound
    return build_list(key, number, minute * BUILT_EVERY)


def build_list(key: IssuerKey, number: int, at: int) -> str:
    """A list as it stands now, dated `at` (Unix s). Of a full one, with 1 % revoked, some 14 kB."""
    revoked = Credential.objects.filter(status_list=number, revoked_at__isnull=False)
    payload = {
        "iss": address(""),
        "sub": list_address(number),
        "iat": at,
        "exp": at + LIST_LIVES,
        "ttl": TTL,
        "status_list": {"bits": 1, "lst": pack(LIST_SIZE, revoked.values_list("index", flat=True).iterator())},
    }
    return signer_for(key, TYP).sign(payload)


def newest_lists() -> list[int]:
    """The numbers of the lists that a verifier without a network keeps: they hold fifty million credentials."""
    return list(StatusList.objects.order_by("-number").values_list("number", flat=True)[:MOST_KEPT])


def open_list() -> StatusList | None:
    """The one that new credentials are entered in; None before the first."""
    return StatusList.objects.order_by("-number").first()


def taken_in(number: int, candidates: list[int]) -> set[int]:
    """Which of these entries are given already."""
    rows = Credential.objects.filter(status_list=number, index__in=candidates)
    return set(rows.values_list("index", flat=True))
