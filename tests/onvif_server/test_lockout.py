"""The lock-out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from onvif_server.lockout import FREE, LONGEST, Lockout
from vcam.base.clock import ManualClock


def test_a_few_failures_cost_nothing_then_waits_double() -> None:
    clock = ManualClock()
    lockout = Lockout(clock)
    waits = []
    for _ in range(FREE + 12):
        lockout.failed("192.0.2.1")
        waits.append(lockout.wait("192.0.2.1"))
        clock.advance(waits[-1])
        assert lockout.wait("192.0.2.1") == 0
    assert waits[:FREE] == [0] * FREE
    assert waits[FREE : FREE + 4] == [1, 2, 4, 8]
    assert waits[-1] == LONGEST


def test_others_are_not_slowed_down() -> None:
    lockout = Lockout(ManualClock())
    for _ in range(FREE + 3):
        lockout.failed("192.0.2.1")
    assert lockout.wait("192.0.2.2") == 0
    assert lockout.wait("::ffff:192.0.2.1") > 0


def test_an_ipv6_network_is_one_guesser() -> None:
    lockout = Lockout(ManualClock())
    for host in range(FREE + 3):
        lockout.failed(f"2001:db8::{host:x}")
    assert lockout.wait("2001:db8::ffff%eth0") > 0
    assert lockout.wait("2001:db8:0:1::1") == 0


def test_success_and_quiet_forget() -> None:
    clock = ManualClock()
    lockout = Lockout(clock)
    for _ in range(FREE + 1):
        lockout.failed("192.0.2.1")
    lockout.succeeded("192.0.2.1")
    lockout.failed("192.0.2.1")
    assert lockout.wait("192.0.2.1") == 0
    for _ in range(FREE):
        lockout.failed("192.0.2.1")
    clock.advance(LONGEST + 2)
    lockout.failed("192.0.2.1")
    assert lockout.wait("192.0.2.1") == 0


def test_who_knows_one_password_does_not_guess_another_for_nothing() -> None:
    lockout = Lockout(ManualClock())
    for _ in range(FREE + 1):
        lockout.failed("192.0.2.1", "admin")
        lockout.succeeded("192.0.2.1", "viewer")
    assert lockout.wait("192.0.2.1", "admin") > 0
    assert lockout.wait("192.0.2.1", "somebody else") > 0


def test_who_has_shown_the_password_does_not_pay_for_a_neighbours_guesses() -> None:
    lockout = Lockout(ManualClock())
    lockout.succeeded("192.0.2.1", "nvr")
    for _ in range(FREE + 1):
        lockout.failed("192.0.2.1", "old nvr")
    assert lockout.wait("192.0.2.1", "nvr") == 0
    assert lockout.wait("192.0.2.1") > 0
    lockout.failed("192.0.2.1", "nvr")
    assert lockout.wait("192.0.2.1", "nvr") > 0


@given(st.lists(st.text(max_size=20), max_size=50))
def test_any_address_will_do(addresses: list[str]) -> None:
    lockout = Lockout(ManualClock())
    for address in addresses:
        lockout.failed(address)
        assert 0 <= lockout.wait(address) <= LONGEST
