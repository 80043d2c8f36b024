"""Boxes as plain tuples, and where they go."""

from __future__ import annotations

import math

Box = tuple[float, float, float, float]
"""x1, y1, x2, y2 in pixels."""


def size_of(box: Box) -> float:
    """Root of the area of `box`, at least 1."""
    return max(1.0, math.sqrt(max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])))


def centre(box: Box) -> tuple[float, float]:
    """Middle of `box`."""
    return ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)


def union(first: Box, second: Box) -> Box:
    """The smallest box around both."""
    return (
        min(first[0], second[0]),
        min(first[1], second[1]),
        max(first[2], second[2]),
        max(first[3], second[3]),
    )


def grown(box: Box, edge: float) -> Box:
    """`box` with its sides moved outward by `edge` pixels."""
    return (box[0] - edge, box[1] - edge, box[2] + edge, box[3] + edge)


def moved(box: Box, x: float, y: float) -> Box:
    """`box` shifted."""
    return (box[0] + x, box[1] + y, box[2] + x, box[3] + y)


def overlap(first: Box, second: Box) -> float:
    """Intersection over union."""
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    whole = (first[2] - first[0]) * (first[3] - first[1]) + (second[2] - second[0]) * (second[3] - second[1])
    return shared / (whole - shared)


def between(first: Box, second: Box, share: float) -> Box:
    """The box that lies `share` of the straight way from `first` to `second`."""
    return (
        first[0] + (second[0] - first[0]) * share,
        first[1] + (second[1] - first[1]) * share,
        first[2] + (second[2] - first[2]) * share,
        first[3] + (second[3] - first[3]) * share,
    )
