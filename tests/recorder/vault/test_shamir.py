"""Shamir's scheme: any k of n shares give the secret back, and fewer say nothing of it."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.vault import shamir
from vcam.base.errors import VaultError

SIZES = st.integers(2, 6).flatmap(lambda n: st.tuples(st.integers(2, n), st.just(n)))


def slow_product(a: int, b: int) -> int:
    """Multiplication of FIPS 197, 4.2, bit by bit."""
    total = 0
    while b:
        if b & 1:
            total ^= a
        a = a << 1 ^ (0x11B if a & 0x80 else 0)
        b >>= 1
    return total


def test_the_tables_are_those_of_aes() -> None:
    assert all(shamir._ROWS[a][b] == slow_product(a, b) for a in range(256) for b in range(256))
    assert shamir._ROWS[0x57][0x83] == 0xC1  # the example of FIPS 197, 4.2


@given(st.binary(min_size=32, max_size=32), SIZES)
def test_any_k_of_n_join_and_fewer_do_not(secret: bytes, sizes: tuple[int, int]) -> None:
    threshold, count = sizes
    shares = shamir.split(secret, threshold, count)
    for size in range(1, count + 1):
        for chosen in combinations(shares, size):
            joined = shamir.join({x: shares[x] for x in chosen})
            assert (joined == secret) == (size >= threshold)


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32), SIZES)
def test_one_share_too_few_fits_every_secret(secret: bytes, other: bytes, sizes: tuple[int, int]) -> None:
    """Perfect secrecy: for whatever secret there is a missing share that makes k - 1 shares give just that one."""
    threshold, count = sizes
    shares = shamir.split(secret, threshold, count)
    known = {x: shares[x] for x in range(1, threshold)}
    # The polynomial through the known shares and `other` at 0 exists: its value at x is what joins to `other`.
    at = threshold
    weights = {x: shamir.join({p: bytes([p == x]) for p in [*known, at]})[0] for x in [*known, at]}
    rest = other
    for x, value in known.items():
        rest = bytes(a ^ slow_product(weights[x], b) for a, b in zip(rest, value, strict=True))
    inverse = next(a for a in range(1, 256) if slow_product(a, weights[at]) == 1)
    missing = bytes(slow_product(inverse, each) for each in rest)
    assert shamir.join({**known, at: missing}) == other


def test_single_shares_of_one_secret_are_spread_evenly() -> None:
    counts = Counter(shamir.split(b"\x00", 2, 2)[1][0] for _ in range(25_600))
    chi_square = sum((counts[value] - 100) ** 2 / 100 for value in range(256))
    assert chi_square < 400  # 255 degrees of freedom: exceeded once in ten million


@pytest.mark.parametrize(("threshold", "count"), [(1, 3), (4, 3), (2, 256)])
def test_impossible_thresholds_are_refused(threshold: int, count: int) -> None:
    with pytest.raises(VaultError, match="no threshold"):
        shamir.split(bytes(32), threshold, count)


@pytest.mark.parametrize("shares", [{}, {0: b"a", 1: b"b"}, {1: b"a", 2: b"bb"}])
def test_what_are_no_shares_is_refused(shares: dict[int, bytes]) -> None:
    with pytest.raises(VaultError, match="no shares"):
        shamir.join(shares)
