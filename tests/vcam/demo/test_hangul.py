"""Strokes, held against Python's own knowledge of Hangul."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest

from vcam.demo import hangul
from vcam.demo.plate import REGIONS, SYLLABLES

TEXT = sorted(set("0123456789" + SYLLABLES + "".join(REGIONS)))


@pytest.mark.parametrize("syllable", sorted(set(SYLLABLES + "".join(REGIONS))))
def test_letters_are_those_of_unicode(syllable: str) -> None:
    ours = [letter for letter in hangul._letters(syllable) if letter]
    theirs = unicodedata.normalize("NFD", syllable)
    assert [unicodedata.name(letter).split()[-1] for letter in ours] == [
        unicodedata.name(jamo).split()[-1] for jamo in theirs
    ]


@pytest.mark.parametrize("character", TEXT)
def test_strokes_lie_in_the_unit_square(character: str) -> None:
    points = np.array([point for stroke in hangul.glyph(character) for point in stroke])
    assert points.min() >= -0.01
    assert points.max() <= 1.03
    assert np.ptp(points[:, 1]) > 0.7


def test_every_character_looks_different() -> None:
    pictures = {}
    for character in TEXT:
        canvas = np.zeros((40, 40, 3), np.uint8)
        hangul.draw(canvas, character, (2, 2, 38, 38), 3.5, (255, 255, 255))
        assert canvas.max() == 255
        pictures[character] = canvas.tobytes()
    assert len(set(pictures.values())) == len(TEXT)


@pytest.mark.parametrize("character", ["A", "", "가나", " "])
def test_other_characters_are_refused(character: str) -> None:
    with pytest.raises(KeyError):
        hangul.glyph(character)
