"""Sets the scene of `bench pages` in a migrated database, through real actions: a public list of 20 reports and more.

Started by `harness.run_in_django`. Writes the 20 as plain rows, for the peer that keeps its own tables, to the JSON
first file named on the command line, and the session of somebody who is signed in to the second.
"""

import io
import json
import sys
from pathlib import Path

from django.conf import settings
from django.test import Client
from PIL import Image

from meydan.accounts.public import Person
from meydan.kernel.actor import SYSTEM
from meydan.kernel.files import store_image
from meydan.kernel.i18n import text_of
from meydan.kernel.models import District
from meydan.kernel.places import Point, upsert_districts
from meydan.reports.public import Filter, file_report, list_public, set_category
from meydan.reports.queries import labels
from meydan.site import prepare

CATEGORIES = {
    "bench-lamp": "Street light out",
    "bench-waste": "Waste not collected",
    "bench-hole": "Hole in the road",
    "bench-water": "Water leak",
}
WORDS = (
    "The lamp in front of the school has been dark for a week, and children walk there in the evening. Please come.",
    "Three bags lie beside the container since Monday; cats have opened them and the whole pavement is covered by now.",
    "A deep hole opened after the rain, right where the bus stops. Two scooters have already fallen into it this week.",
    "Clear water runs out of the pavement day and night, past the bakery and down to the corner, for four days now.",
)
DISTRICT = {
    "type": "Feature",
    "properties": {"code": "bench", "name": {"en": "Maarif"}, "approximate": True},
    "geometry": {"type": "Polygon", "coordinates": [[[-8, 33], [-7, 33], [-7, 34], [-8, 34], [-8, 33]]]},
}
FILED = 24  # more than one page of 20, so that the list has a next one


def main() -> None:
    """Fill the city and write down what its list shows."""
    prepare.lay_out_static()
    prepare.seed()
    if not District.objects.exists():
        upsert_districts({"type": "FeatureCollection", "features": [DISTRICT]})
    for code, name in CATEGORIES.items():
        set_category(SYSTEM, code=code, name={"en": name}, icon="lamp")
    photos = [_photo(shade) for shade in range(0, 250, 25)]
    for index in range(FILED):
        file_report(
            SYSTEM,
            category=list(CATEGORIES)[index % len(CATEGORIES)],
            description=WORDS[index % len(WORDS)],
            point=Point(33.58 + index / 1000, -7.63),
            address=f"{index + 1} Rue des Orangers",
            photos=[photos[index % len(photos)]] if index % 2 else [],
        )
    Path(sys.argv[1]).write_text(json.dumps(_rows()), "utf-8")
    Path(sys.argv[2]).write_text(_session(), "utf-8")


def _session() -> str:
    """The cookie of a browser in which the demo's citizen has signed in."""
    browser = Client()
    browser.force_login(Person.objects.get(username="citizen"))
    return f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"


def _photo(shade: int) -> str:
    body = io.BytesIO()
    Image.new("RGB", (640, 480), (shade, 120, 200)).save(body, "JPEG")
    body.seek(0)
    return store_image(body, purpose="bench").sha256


def _rows() -> list[dict[str, str]]:
    names = labels()
    return [
        {
            "title": f"{text_of(names.categories[row['category_id']])} {row['number']}",
            "state": row["state"],
            "category": text_of(names.categories[row["category_id"]]),
            "district": text_of(names.districts.get(row["district_id"], {})),
            "address": row["address"],
            "words": row["summary"],
            "filed_at": row["filed_at"].isoformat(),
        }
        for row in list_public(SYSTEM, Filter()).rows
    ]


if __name__ == "__main__":
    main()
