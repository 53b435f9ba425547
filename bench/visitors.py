"""Writes down for `bench reports` what its clients need: some public reports with their places, and the session of the
demo's officer. Started by `harness.run_in_django`."""

import json
import sys
from pathlib import Path

from django.conf import settings
from django.test import Client

from meydan.accounts.public import Person
from meydan.reports.models import Report

PLACES = 5_000


def main() -> None:
    """One report of every so many, all over the years."""
    most = Report.objects.order_by("-number").values_list("number", flat=True)[0]
    numbers = range(1, most + 1, max(1, most // PLACES))
    rows = Report.objects.filter(pk__in=list(numbers), public=True, lat__isnull=False)
    browser = Client()
    browser.force_login(Person.objects.get(username="officer"))
    scene = {
        "places": list(rows.values_list("number", "lat", "lon", "category_id")),
        "session": f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}",
    }
    Path(sys.argv[1]).write_text(json.dumps(scene), "utf-8")


if __name__ == "__main__":
    main()
