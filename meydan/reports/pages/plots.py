"""Plots drawn by the server: bars from zero, in the page itself, told in words beside them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from meydan.kernel.i18n import direction

WIDTH, HEIGHT = 320, 132
_TOP, _BOTTOM, _GAP = 22, 20, 4
_EDGE = 40


@dataclass(frozen=True)
class Bar:
    """One bar, in SVG units; `x` is its start edge. `mark` is written above it, `said` is what it stands for."""

    x: float
    y: float
    width: float
    height: float
    said: str
    mark: str
    unfinished: bool

    @property
    def mark_at(self) -> tuple[float, str]:
        """Where its mark stands, and which of its sides stands there: at the plot's edges it must not be cut off."""
        end = round(self.x + self.width, 1)
        if self.x < _EDGE:
            return self.x, "near"
        return (end, "far") if end > WIDTH - _EDGE else (round(self.x + self.width / 2, 1), "")


@dataclass(frozen=True)
class Plot:
    """Bars over time, the newest where a reader of the language ends a line. `first` and `last` name the ends."""

    title: str
    bars: Sequence[Bar]
    first: str
    last: str
    mirrored: bool
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def ground(self) -> int:
        """Where zero is."""
        return HEIGHT - _BOTTOM


def plot(
    title: str,
    labels: Sequence[str],
    values: Sequence[float | None],
    *,
    words: Callable[[float], str],
    unfinished: bool,
) -> Plot:
    """A plot of these values, one for each label, the oldest first; None leaves a gap. The highest and the last are
    marked with their `words`; the last is drawn lighter while its time is not over."""
    mirrored = direction() == "rtl"
    most = max((value for value in values if value is not None), default=0) or 1
    marked = {len(values) - 1, _highest(values)}
    step = WIDTH / max(1, len(values))
    bars = []
    for at, (label, value) in enumerate(zip(labels, values, strict=True)):
        if value is None:
            continue
        tall = round((HEIGHT - _TOP - _BOTTOM) * value / most, 1)
        place = len(values) - 1 - at if mirrored else at
        said = f"{label}: {words(value)}"
        mark = words(value) if at in marked else ""
        x, y = round(place * step + _GAP / 2, 1), HEIGHT - _BOTTOM - tall
        bars.append(Bar(x, y, round(step - _GAP, 1), tall, said, mark, unfinished and at == len(values) - 1))
    return Plot(title, bars, labels[0], labels[-1], mirrored)


def _highest(values: Sequence[float | None]) -> int:
    """The place of the highest; that of the last where its neighbour's mark would touch the last one's."""
    highest = max(range(len(values)), key=lambda at: values[at] or 0)
    return highest if highest < len(values) - 2 else len(values) - 1
