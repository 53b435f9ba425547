"""The city's outline as a drawing: to choose a place on without JavaScript, and to show where events are."""

from dataclasses import dataclass
from functools import lru_cache

from django.utils import timezone
from shapely.geometry.base import BaseGeometry

from meydan.kernel.i18n import text_of
from meydan.kernel.models import District
from meydan.kernel.outlines import Frame
from meydan.kernel.places import Point, light_outlines

WIDTH = 320
"""Of the picture to choose on, in pixels: a browser says where in it somebody pressed, so it is never scaled."""
_SECONDS = 60
_SIMPLER = 60


@dataclass(frozen=True)
class Sheet:
    """The districts, drawn; measures in SVG units."""

    frame: Frame
    paths: tuple[tuple[str, str], ...]  # code, path
    width: int = WIDTH

    @property
    def height(self) -> int:
        """Rounded up, so that nothing is cut."""
        return int(self.frame.height) + 1

    def point_at(self, x: float, y: float) -> Point | None:
        """The place that was pressed; None outside of the Earth."""
        frame = self.frame
        lon = frame.west + x / self.width * (frame.east - frame.west)
        lat = frame.north - y / frame.height * (frame.north - frame.south)
        try:
            return Point(round(lat, 5), round(lon, 5))
        except ValueError:
            return None

    def spot(self, lat: float, lon: float) -> tuple[float, float]:
        """Where a place is drawn."""
        x, y = self.frame.xy(lat, lon)
        return round(x, 1), round(y, 1)


def sheet(width: int = WIDTH) -> Sheet | None:
    """The city; None where it has no districts. Drawn once a minute at most."""
    return _sheet(int(timezone.now().timestamp() // _SECONDS), width)


@lru_cache(maxsize=4)
def _sheet(_moment: int, width: int) -> Sheet | None:
    outlines: list[tuple[District, BaseGeometry]] = light_outlines(_SIMPLER)
    if not outlines:
        return None
    frame = Frame.around([outline for _district, outline in outlines], width=width)
    return Sheet(frame, tuple((district.code, frame.path(outline)) for district, outline in outlines), width)


def picture(drawn: Sheet, mark: tuple[float, float] | None) -> str:
    """The sheet as a picture of its own, with a mark where something is."""
    areas = "".join(f'<path d="{path}"/>' for _code, path in drawn.paths)
    pin = ""
    if mark is not None:
        x, y = drawn.spot(*mark)
        pin = f'<circle cx="{x}" cy="{y}" r="7" fill="#955600" stroke="#fff" stroke-width="2"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{drawn.width}" height="{drawn.height}"'
        f' viewBox="0 0 {drawn.width} {drawn.height}"><rect width="100%" height="100%" fill="#e2f0ee"/>'
        f'<g fill="#fbfaf7" stroke="#0b6660" fill-rule="evenodd">{areas}</g>{pin}</svg>'
    )


def district_names() -> dict[str, str]:
    """Code -> name in the reader's language, in the city's order."""
    rows = District.objects.order_by("position", "code").values_list("code", "name")
    return {code: text_of(name) or code for code, name in rows}
