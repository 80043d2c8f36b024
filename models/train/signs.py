"""What is taken for a plate and is none, drawn into a picture: time stamps, signs, posters, grilles, lamps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import cv2
import numpy as np

from models.train.drawn import Bgr
from vcam.demo.hangul import draw

_WORDS: Final = (
    "주차장", "버스", "서비스", "자동차", "모두수리", "노래방", "서울우유", "무료주차", "소나무", "바다마루",
    "고기나라", "나무수저", "도서", "보호구역", "소방차", "사고다발", "우수고객", "자두주스", "오리구이",
)  # fmt: skip
_LATIN: Final = (
    "coffee", "OPEN", "Parking only", "EXIT", "Service", "hotel & bar", "SALE", "autohaus", "www.shop.example",
    "Camera 01", "CH2 entrance", "Fire door", "STOP", "express", "Restaurant",
)  # fmt: skip
_FONTS: Final = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_PLAIN,
    cv2.FONT_HERSHEY_TRIPLEX,
)

Box = tuple[int, int, int, int]
Colour = tuple[int, int, int]


def _colour(rng: np.random.Generator, low: int = 0, high: int = 256) -> Colour:
    blue, green, red = (int(value) for value in rng.integers(low, high, 3))
    return blue, green, red


def _put(picture: Bgr, text: str, place: tuple[int, int], height: float, ink: Colour, *, font: int) -> None:
    thick = max(1, round(height / 9))
    cv2.putText(picture, text, place, font, height / 22, ink, thick, cv2.LINE_AA)


def _stamp(picture: Bgr, box: Box, rng: np.random.Generator) -> None:
    """Date and time as recorders burn them in."""
    year, month, day = rng.integers(2005, 2035), rng.integers(1, 13), rng.integers(1, 29)
    hour, minute, second = rng.integers(24), rng.integers(60), rng.integers(60)
    joint = "-/."[int(rng.integers(3))]
    text = f"{year}{joint}{month:02}{joint}{day:02} {hour:02}:{minute:02}:{second:02}"
    cut = rng.random()
    text = text[11:] if cut < 0.2 else text[:10] if cut < 0.35 else text
    x1, _, x2, y2 = box
    height = float(np.clip((x2 - x1) / max(8, len(text)) * 1.3, 6, 26))
    font = _FONTS[int(rng.integers(len(_FONTS)))]
    place = (x1, y2 - 2)
    if rng.random() < 0.6:
        _put(picture, text, (place[0] + 1, place[1] + 1), height, (0, 0, 0), font=font)
    ink = (255, 255, 255) if rng.random() < 0.7 else _colour(rng, 120)
    _put(picture, text, place, height, ink, font=font)


def _sign(picture: Bgr, box: Box, rng: np.random.Generator) -> None:
    """A panel, or bare letters on the wall, with a word in Hangul or Latin letters."""
    x1, y1, x2, y2 = box
    if rng.random() < 0.75:
        cv2.rectangle(picture, (x1, y1), (x2, y2), _colour(rng), -1)
    ink = _colour(rng)
    height = y2 - y1
    if rng.random() < 0.5:
        word = _WORDS[int(rng.integers(len(_WORDS)))]
        step = (x2 - x1) / len(word)
        for place, character in enumerate(word):
            left = x1 + place * step
            cell = (left + step * 0.1, y1 + height * 0.15, left + step * 0.9, y2 - height * 0.15)
            draw(picture, character, cell, max(1.0, height * rng.uniform(0.06, 0.12)), ink)
    else:
        word = _LATIN[int(rng.integers(len(_LATIN)))]
        tall = min(height * 0.7, (x2 - x1) / len(word) * 1.3)
        font = _FONTS[int(rng.integers(len(_FONTS)))]
        _put(picture, word, (x1 + 2, round(y1 + height / 2 + tall / 2)), tall, ink, font=font)


def _word(rng: np.random.Generator) -> str:
    """A known word, or one of random letters; hardly ever with a digit."""
    chance = rng.random()
    if chance < 0.4:
        return _LATIN[int(rng.integers(len(_LATIN)))]
    letters = "abcdefghijklmnopqrstuvwxyz"
    word = "".join(letters[place] for place in rng.integers(0, len(letters), int(rng.integers(3, 11))))
    if chance > 0.94:
        word += str(rng.integers(1, 100))
    return word.upper() if chance < 0.6 else word.capitalize() if chance < 0.75 else word


def _scrawl(picture: Bgr, cell: Box, ink: Colour, rng: np.random.Generator) -> None:
    """Strokes as dense as those of a Chinese character."""
    x1, y1, x2, y2 = cell
    thick = max(1, round((y2 - y1) / 11))
    for _ in range(int(rng.integers(4, 10))):
        start, end = rng.uniform(0, 1, 2), rng.uniform(0, 1, 2)
        way = rng.random()
        if way < 0.8:  # most strokes lie or stand
            end[1 if way < 0.45 else 0] = start[1 if way < 0.45 else 0]
        scale, corner = np.array([x2 - x1, y2 - y1]), np.array([x1, y1])
        first, second = np.rint(start * scale + corner), np.rint(end * scale + corner)
        cv2.line(picture, first.astype(int).tolist(), second.astype(int).tolist(), ink, thick, cv2.LINE_AA)


def _line(picture: Bgr, box: Box, ink: Colour, rng: np.random.Generator) -> None:
    """One line of text in Latin letters, Hangul or strokes that fills `box` as far as it goes."""
    x1, y1, x2, y2 = box
    tall = y2 - y1
    way = rng.random()
    if way < 0.55:
        word = " ".join(_word(rng) for _ in range(int(rng.integers(1, 4))))
        height = min(tall * 0.8, (x2 - x1) / len(word) * 1.4)
        font = _FONTS[int(rng.integers(len(_FONTS)))]
        _put(picture, word, (x1, round(y2 - tall * 0.2)), height, ink, font=font)
        return
    for place in range(min(12, max(1, (x2 - x1) // max(4, tall)))):
        left = x1 + place * tall
        cell = (left, y1, left + round(tall * 0.85), y2 - max(1, tall // 8))
        if way < 0.85:
            _scrawl(picture, cell, ink, rng)
        else:
            word = _WORDS[int(rng.integers(len(_WORDS)))]
            draw(picture, word[place % len(word)], cell, max(1.0, tall * 0.09), ink)


def _poster(picture: Bgr, box: Box, rng: np.random.Generator) -> None:
    """Lines of text, on a panel or on what is there, as on posters, packages and clothes."""
    x1, y1, x2, y2 = box
    if rng.random() < 0.5:
        cv2.rectangle(picture, (x1, y1), (x2, y2), _colour(rng), -1)
    ink = _colour(rng)
    y = y1 + 2
    while y < y2 - 5:
        tall = int(np.clip((y2 - y1) * rng.uniform(0.12, 0.6), 6, y2 - y))
        _line(picture, (x1 + 2, y, x2 - 2, y + tall), ink, rng)
        y += round(tall * rng.uniform(1.0, 1.5))
        if rng.random() < 0.3:
            ink = _colour(rng)


def _pattern(picture: Bgr, box: Box, rng: np.random.Generator) -> None:
    """Stripes, zigzags or bars without a ground, as on cloth, fences and teeth."""
    x1, y1, x2, y2 = box
    ink = _colour(rng)
    count = int(rng.integers(4, 16))
    step = (x2 - x1) / count
    slant = rng.normal(0, 1.0) * step
    thick = max(1, round(step * rng.uniform(0.15, 0.5)))
    for place in range(count):
        left = x1 + place * step
        back = slant if place % 2 or rng.random() < 0.5 else -slant
        cv2.line(picture, (round(left), y1), (round(left + back), y2), ink, thick, cv2.LINE_AA)


def _grille(picture: Bgr, box: Box, rng: np.random.Generator) -> None:
    """Bars, lying or upright."""
    x1, y1, x2, y2 = box
    cv2.rectangle(picture, (x1, y1), (x2, y2), _colour(rng, 0, 120), -1)
    ink = _colour(rng, 60)
    bars = int(rng.integers(3, 12))
    for bar in range(bars + 1):
        if rng.random() < 0.02:
            continue
        if bars % 2:
            y = round(y1 + (y2 - y1) * bar / bars)
            cv2.line(picture, (x1, y), (x2, y), ink, 1, cv2.LINE_AA)
        else:
            x = round(x1 + (x2 - x1) * bar / bars)
            cv2.line(picture, (x, y1), (x, y2), ink, 1, cv2.LINE_AA)


def _lamp(picture: Bgr, box: Box, rng: np.random.Generator) -> None:
    """A bright lamp or window with its halo."""
    x1, y1, x2, y2 = box
    region = picture[y1:y2, x1:x2]
    height, width = region.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    far = ((x - width / 2) / (width / 2)) ** 2 + ((y - height / 2) / (height / 2)) ** 2
    light = np.clip(1.3 * np.exp(-far * rng.uniform(2, 6)), 0, 1)[..., None]
    region[:] = (region + (255 - region) * light * rng.uniform(0.6, 1.0)).astype(np.uint8)


def _bare(picture: Bgr, box: Box, rng: np.random.Generator) -> None:
    """An empty panel or a patch of light."""
    x1, y1, x2, y2 = box
    cv2.rectangle(picture, (x1, y1), (x2, y2), _colour(rng), -1)
    if rng.random() < 0.5:
        cv2.rectangle(picture, (x1, y1), (x2, y2), _colour(rng), 1)


_KINDS: Final[tuple[tuple[Callable[[Bgr, Box, np.random.Generator], None], float], ...]] = (
    (_stamp, 0.2), (_sign, 0.2), (_poster, 0.3), (_pattern, 0.08), (_grille, 0.08), (_lamp, 0.08), (_bare, 0.06),
)  # fmt: skip
_SHARES: Final = np.array([share for _, share in _KINDS])


def draw_sign(picture: Bgr, box: Box, rng: np.random.Generator) -> None:
    """Draw one thing that is no plate into `box` = (x1, y1, x2, y2), which lies inside `picture`. In place."""
    _KINDS[int(rng.choice(len(_KINDS), p=_SHARES))][0](picture, box, rng)
