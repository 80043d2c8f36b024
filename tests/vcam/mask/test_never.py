"""What lies in a never-zone for good is left clear; nobody who came from outside is."""

from __future__ import annotations

from collections.abc import Callable

from vcam.base.media import TICKS, Kind, Picture, Region
from vcam.base.settings import Zone
from vcam.mask.never import WARY, Guard
from vcam.mask.polygon import Box

Noise = Callable[..., Picture]

ZONE = Zone(name="poster", points=[(0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75)])
"""In a picture of 320 x 180: 80, 45 to 240, 135."""
POSTER: Box = (100, 60, 130, 90)
BESIDE: Box = (150, 60, 180, 90)
OVER: Box = (105, 62, 135, 92)


def region(track: int, box: Box, *, reach: Box | None = None, kind: Kind = Kind.FACE) -> Region:
    return Region(*box, kind, track, 0.9, reach or box)


POSTERS = region(1, POSTER)


class Film:
    """One picture after another, a tenth of a second apart."""

    def __init__(self, noise: Noise) -> None:
        self._picture = noise(320, 180)
        self.guard = Guard(ZONE)

    def show(self, *regions: Region, seconds: float = 0.1) -> frozenset[int]:
        clear: frozenset[int] = frozenset()
        for _ in range(round(seconds * 10)):
            self._picture.pts += TICKS // 10
            clear = self.guard.clear(self._picture, regions)
        return clear

    def blind(self) -> None:
        self._picture.pts += TICKS // 10
        self.guard.blind(self._picture)


def test_a_poster_is_left_clear_and_a_stranger_to_the_zone_is_nobodys_business(noise: Noise) -> None:
    film = Film(noise)
    outside = region(2, (250, 60, 280, 90))
    assert film.show(POSTERS, outside) == {1}
    assert film.show(region(3, BESIDE, kind=Kind.PLATE), POSTERS) == {1, 3}


def test_a_box_that_reaches_out_is_masked(noise: Noise) -> None:
    assert film_of(noise, region(1, (70, 60, 130, 90))) == frozenset()
    assert film_of(noise, region(1, POSTER, reach=(70, 60, 130, 90))) == frozenset()
    assert film_of(noise, Region(*POSTER, Kind.FACE, 1)) == frozenset()


def film_of(noise: Noise, one: Region) -> frozenset[int]:
    return Film(noise).show(one)


def test_nothing_is_clear_while_a_visitor_is_there(noise: Noise) -> None:
    film = Film(noise)
    assert film.show(POSTERS) == {1}
    visitor = region(2, BESIDE, reach=(150, 60, 300, 90))
    assert film.show(POSTERS, visitor) == frozenset()
    # it is seen to leave
    assert film.show(POSTERS, region(2, (260, 60, 290, 90), reach=(150, 60, 300, 90))) == {1}
    assert film.show(POSTERS) == {1}


def test_a_visitor_who_is_lost_in_the_zone_and_found_again_stays_masked(noise: Noise) -> None:
    film = Film(noise)
    film.show(POSTERS)
    film.show(POSTERS, region(2, BESIDE, reach=(150, 60, 300, 90)))
    assert film.show(POSTERS, seconds=2) == {1}
    again = region(3, BESIDE)
    assert film.show(POSTERS, again) == frozenset()
    assert film.show(POSTERS, again, seconds=WARY * 3) == frozenset()
    film.show(POSTERS)
    assert film.show(POSTERS, region(4, BESIDE)) == frozenset()


def test_a_visitor_who_goes_on_under_the_posters_number_stays_masked(noise: Noise) -> None:
    film = Film(noise)
    film.show(POSTERS)
    film.show(POSTERS, region(2, OVER, reach=(105, 62, 300, 92)))
    assert film.show(POSTERS, seconds=WARY * 3) == frozenset()


def test_what_begins_long_after_is_clear_again(noise: Noise) -> None:
    film = Film(noise)
    film.show(POSTERS, region(2, OVER, reach=(105, 62, 300, 92)))
    film.show(seconds=WARY * 3)
    assert film.show(region(5, POSTER)) == {5}


def test_who_came_while_nobody_looked_is_a_visitor(noise: Noise) -> None:
    film = Film(noise)
    film.show(POSTERS)
    film.blind()
    assert film.show(POSTERS) == {1}
    assert film.show(POSTERS, region(2, BESIDE)) == frozenset()
