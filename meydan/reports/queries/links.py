"""Secret links: the cookie that holds those which a browser has opened."""

from django.core import signing

from meydan.reports.models import report_reference
from meydan.reports.queries.one import number_of

CASE_COOKIE = "meydan_cases"
CASE_COOKIE_SECONDS = 365 * 24 * 3600
MAX_CASES = 50
_SALT = "meydan.reports.cases"


def case_keys_in(cookie: str) -> frozenset[str]:
    """The references ("report:123") whose secret links the bearer of this cookie has opened; empty when the cookie is
    none of ours, was changed, or is older than a year. Site's middleware puts them into `Actor.case_keys`."""
    if not cookie:
        return frozenset()
    try:
        numbers = signing.loads(cookie, salt=_SALT, max_age=CASE_COOKIE_SECONDS)
    except signing.BadSignature:
        return frozenset()
    return frozenset(report_reference(int(number)) for number in numbers)


def cookie_with(case_keys: frozenset[str], number: int) -> str:
    """The cookie's new value when one more secret link was opened; keeps the 50 newest reports."""
    numbers = {number, *(number_of(key) for key in case_keys if key.startswith("report:"))}
    return signing.dumps(sorted(numbers)[-MAX_CASES:], salt=_SALT)
