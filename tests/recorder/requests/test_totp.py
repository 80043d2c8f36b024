"""The vectors of RFC 6238, and that a code is good once."""

from __future__ import annotations

import pytest

from recorder.requests.totp import code, provisioning, step_at, verify

SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_the_vectors_of_the_standard(seconds: int, said: str) -> None:
    assert code(SECRET, step_at(seconds * 1_000_000), digits=8) == said


def test_a_code_is_good_once_and_for_a_clock_that_is_a_step_off() -> None:
    now = 59 * 1_000_000
    assert verify(SECRET, "287082", now, 0) == 1
    assert verify(SECRET, "287082", now, 1) is None
    assert verify(SECRET, "287082", now + 30_000_000, 0) == 1
    assert verify(SECRET, "287082", now + 61_000_000, 0) is None
    assert verify(SECRET, "", now, 0) is None
    assert verify(SECRET, "２８７０８２", now, 0) is None


def test_authenticators_get_what_they_need() -> None:
    uri = provisioning(SECRET, "approver-1", "시청 CCTV")
    assert uri.startswith("otpauth://totp/%EC%8B%9C%EC%B2%AD%20CCTV%3Aapprover-1?")
    assert "secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" in uri
