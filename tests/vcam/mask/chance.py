"""What may happen by chance."""

from __future__ import annotations

import math

ALPHA = 0.01
"""Probability that a test of what is really chance fails."""


def p_value(hits: int, trials: int, chance: float) -> float:
    """Probability of at least so many hits by chance: the upper tail of the binomial distribution."""
    return sum(
        math.comb(trials, count) * chance**count * (1 - chance) ** (trials - count)
        for count in range(hits, trials + 1)
    )
