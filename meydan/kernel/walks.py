"""A short way past some places: the nearest one next, then two legs at a time are crossed back until nothing gets
shorter (2-opt; G. A. Croes, 1958). Good enough for a day on foot, and bounded."""

import itertools
from collections.abc import Sequence

from meydan.kernel.places import Point, metres_between

MOST_STOPS = 60
MOST_ROUNDS = 40
"""How often all pairs of legs are tried; a walk of 60 stops is settled after about ten."""
_ENOUGH = 0.01  # metres: what rounding wins is none


def order_stops(stops: Sequence[Point], start: Point | None = None) -> list[int]:
    """The indices of `stops` in the order of a short walk, which begins at `start`, or at the first stop. It does not
    come back. ValueError for more than `MOST_STOPS`."""
    if len(stops) > MOST_STOPS:
        raise ValueError(f"at most {MOST_STOPS} stops")
    if not stops:
        return []
    places = [start, *stops] if start else list(stops)
    metres = [[metres_between(one, other) for other in places] for one in places]
    walk = _uncrossed(_nearest_next(metres), metres)
    return [index - 1 for index in walk[1:]] if start else walk


def length_of(walk: Sequence[Point]) -> float:
    """Metres as the crow flies."""
    return sum(metres_between(one, other) for one, other in itertools.pairwise(walk))


def _nearest_next(metres: list[list[float]]) -> list[int]:
    left, walk = set(range(1, len(metres))), [0]
    while left:
        here = metres[walk[-1]]
        walk.append(min(left, key=lambda index: (here[index], index)))
        left.remove(walk[-1])
    return walk


def _uncrossed(walk: list[int], metres: list[list[float]]) -> list[int]:
    for _round in range(MOST_ROUNDS):
        shorter = _shorten(walk, metres)
        if not shorter:
            break
    return walk


def _shorten(walk: list[int], metres: list[list[float]]) -> bool:
    """Turn round every part of the walk that is shorter the other way; whether there was one."""
    found = False
    for first in range(1, len(walk) - 1):
        for last in range(first + 1, len(walk)):
            if _won_by_turning(walk, metres, first, last) > _ENOUGH:
                walk[first : last + 1] = walk[first : last + 1][::-1]
                found = True
    return found


def _won_by_turning(walk: list[int], metres: list[list[float]], first: int, last: int) -> float:
    before, start, end = walk[first - 1], walk[first], walk[last]
    won = metres[before][start] - metres[before][end]
    if last + 1 < len(walk):
        after = walk[last + 1]
        won += metres[end][after] - metres[start][after]
    return won
