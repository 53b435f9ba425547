"""A short way past some places."""

import random
from itertools import permutations

import pytest

from meydan.kernel.places import Point
from meydan.kernel.walks import MOST_STOPS, length_of, order_stops


def along(order: list[int], stops: list[Point]) -> list[Point]:
    return [stops[index] for index in order]


def test_a_line_is_walked_from_its_start() -> None:
    stops = [Point(33.5, -7.6 + step / 100) for step in (0, 3, 1, 4, 2)]
    assert order_stops(stops) == [0, 2, 4, 1, 3]
    assert order_stops(stops, Point(33.5, -7.5)) == [3, 1, 4, 2, 0]


def test_nothing_and_one_and_the_same_place() -> None:
    assert order_stops([]) == []
    assert order_stops([], Point(0, 0)) == []
    assert order_stops([Point(1, 1)], Point(0, 0)) == [0]
    assert sorted(order_stops([Point(1, 1)] * 5)) == [0, 1, 2, 3, 4]


def test_it_is_close_to_the_shortest_way() -> None:
    chance = random.Random(7)
    worst = 1.0
    for _try in range(10):
        stops = [Point(33.5 + chance.random() / 10, -7.6 + chance.random() / 10) for _n in range(7)]
        found = length_of(along(order_stops(stops), stops))
        best = min(length_of([stops[0], *along(list(rest), stops)]) for rest in permutations(range(1, 7)))
        worst = max(worst, found / best)
    print("at worst", round(worst, 3), "of the shortest way")
    assert worst < 1.15


def test_a_full_round_is_ordered_in_time_and_more_is_refused() -> None:
    chance = random.Random(3)
    stops = [Point(33.5 + chance.random() / 10, -7.6 + chance.random() / 10) for _n in range(MOST_STOPS)]
    order = order_stops(stops)
    assert sorted(order) == list(range(MOST_STOPS))
    assert length_of(along(order, stops)) < length_of(stops) / 3
    with pytest.raises(ValueError, match="at most"):
        order_stops([*stops, stops[0]])
