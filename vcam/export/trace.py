"""Finds the invisible mark in a copy that has turned up somewhere: from which export does it come?"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from vcam.export.pattern import PERIOD, ROWS, SIDE, layout, number_of, word

_PHASES = 8
"""Parts of a period whose pictures are summed on their own, so that the copy may begin at any instant."""
_UP = 2
"""Samples along a chip."""
_HEIGHT = 360
"""Rows that a copy is reduced to: four to a chip when nothing is cropped."""
_LARGEST_CHIP = 24.0
"""Rows: of a copy that keeps a sixth of the height."""
_SMALLEST_CHIP = 2.0
"""Rows: of a copy with bars above and below."""
_COARSE, _FINE = 1.004, 1.001
_LOUD = 6.0
"""Levels beyond which a difference is the picture's own."""
_SIZES = 4
"""Sizes of pictures within one copy."""
_LIKELY = 4.8
"""Standard deviations by which the place of a tile must stand out to be read at all."""
_TRIES = 24
"""Places that are read. A word's check has 16 bits, so that of 2,700 copies without a mark one shows a number."""
_WRONG = 4
"""Bits of a known export's word that may be wrong: by chance among 10,000 exports once in 5,000 copies."""

Plane = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Traced:
    """A mark that was found: its number, how far its tile stood out (standard deviations), and rows a chip.

    Rows are those of a copy of at most 360.
    """

    number: int
    certainty: float
    chip: float


@dataclass(frozen=True, slots=True)
class _Sum:
    """Pictures of one size: the sum of those in each phase, and how many they are."""

    planes: npt.NDArray[np.float32]
    counts: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Fit:
    certainty: float
    phase: int
    chip: float
    sign: int
    shift: tuple[int, int]


class Tracer:
    """Gathers pictures of one copy, then looks for the mark of `key`'s owner.

    The copy may have been encoded again, cropped, scaled (both ways alike) and cut in time, but not turned,
    mirrored or played at another speed. A few seconds are needed; the more, the surer.
    """

    def __init__(self, key: bytes) -> None:
        self._layout = layout(key)
        self._sums: dict[tuple[int, int], _Sum] = {}

    def add(self, luma: npt.NDArray[np.uint8], seconds: float) -> None:
        """Take one picture (height, width), `seconds` into the copy.

        Those of one size are looked at together; of more than four sizes, the further ones not at all.
        """
        if luma.shape not in self._sums and len(self._sums) == _SIZES:
            return
        shrink = min(1.0, _HEIGHT / luma.shape[0])
        size = (round(luma.shape[1] * shrink), round(luma.shape[0] * shrink))
        plane = cv2.resize(luma.astype(np.float32), size, interpolation=cv2.INTER_AREA)
        reach = int(max(size[1] / ROWS, _SMALLEST_CHIP) * 5) | 1
        detail = np.clip(plane - cv2.blur(plane, (reach, reach)), -_LOUD, _LOUD)
        height, width = luma.shape
        if (height, width) not in self._sums:
            self._sums[height, width] = _Sum(np.zeros((_PHASES, *plane.shape), np.float32), np.zeros(_PHASES))
        found = self._sums[height, width]
        phase = int(seconds % PERIOD * _PHASES / PERIOD) % _PHASES
        found.planes[phase] += detail
        found.counts[phase] += 1

    def find(self, known: Collection[int] = ()) -> Traced | None:
        """The mark, or None. Of a `known` number a few bits may be lost."""
        longest = sorted(self._sums.values(), key=lambda each: -each.counts.sum())
        found = (self._found(each, known) for each in longest)
        return next((each for each in found if each is not None), None)

    def _found(self, gathered: _Sum, known: Collection[int]) -> Traced | None:
        half = _PHASES // 2
        if not gathered.counts[:half].any() or not gathered.counts[half:].any():
            return None
        means = gathered.planes / np.maximum(gathered.counts, 1)[:, None, None]
        planes = [_difference(means, phase) for phase in range(_PHASES // 2)]
        steps = int(np.log(_LARGEST_CHIP / _SMALLEST_CHIP) / np.log(_COARSE))
        chips = np.geomspace(_SMALLEST_CHIP, _LARGEST_CHIP, steps)
        coarse = sorted(self._fits(planes, chips), key=lambda fit: -fit.certainty)
        for fit in coarse[:_TRIES]:
            around = fit.chip * _FINE ** np.arange(-4, 5)
            finer = self._fits([planes[fit.phase]], around, fit.phase)
            best = max([*finer, fit], key=lambda each: each.certainty)
            if best.certainty < _LIKELY:
                continue
            number = _number(self._bits(planes[best.phase], best), known)
            if number is not None:
                return Traced(number, best.certainty, best.chip)
        return None

    def _fits(self, planes: list[Plane], chips: Iterable[float], first: int = 0) -> list[_Fit]:
        """Where the tile fits best, for each plane and size of chip."""
        place = np.conj(np.fft.rfft2(np.kron(self._layout.place, np.ones((_UP, _UP), np.float32))))
        found = []
        for chip in chips:
            for phase, plane in enumerate(planes, first):
                folded = _fold(plane, float(chip))
                match = np.fft.irfft2(np.fft.rfft2(folded) * place, s=folded.shape)
                spread = float(match.std()) or 1.0
                at = int(np.argmax(np.abs(match)))
                value = float(match.flat[at])
                shift = divmod(at, folded.shape[1])
                found.append(_Fit(abs(value) / spread, phase, float(chip), 1 if value > 0 else -1, shift))
        return found

    def _bits(self, plane: Plane, fit: _Fit) -> npt.NDArray[np.bool_]:
        """The bits of the tile's word where it fits."""
        placed = np.roll(_fold(plane, fit.chip) * fit.sign, (-fit.shift[0], -fit.shift[1]), (0, 1))
        chips = placed.reshape(SIDE, _UP, SIDE, _UP).sum((1, 3))
        return self._layout.read(chips) > 0


def _number(bits: npt.NDArray[np.bool_], known: Collection[int]) -> int | None:
    found = number_of(bits)
    if found is not None or not known:
        return found
    wrong = {number: int(((word(number) > 0) != bits).sum()) for number in known}
    nearest = min(wrong, key=wrong.__getitem__)
    return nearest if wrong[nearest] <= _WRONG else None


def _difference(means: npt.NDArray[np.floating], phase: int) -> Plane:
    """One half of a period that begins at `phase` less the other: what stands still is gone."""
    half = _PHASES // 2
    signs = np.array([1 if (each - phase) % _PHASES < half else -1 for each in range(_PHASES)], np.float32)
    return (np.tensordot(signs, means, 1) / _PHASES).astype(np.float32)


def _fold(plane: Plane, chip: float) -> Plane:
    """All tiles of `plane` summed into one, `chip` being its pixels a chip: (SIDE * _UP, SIDE * _UP)."""
    height, width = plane.shape
    size = (max(1, round(width / chip * _UP)), max(1, round(height / chip * _UP)))
    small = cv2.resize(plane, size, interpolation=cv2.INTER_AREA)
    limit = 3 * float(small.std())
    side = SIDE * _UP
    rows, columns = -(-size[1] // side), -(-size[0] // side)
    padded = np.zeros((rows * side, columns * side), np.float32)
    padded[: size[1], : size[0]] = np.clip(small, -limit, limit)
    folded: Plane = padded.reshape(rows, side, columns, side).sum((0, 2))
    return folded
