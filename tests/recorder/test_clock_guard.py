"""A wall clock that jumps ahead must not make footage look expired."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from recorder.clock_guard import SETTLE, TOLERANCE, ClockGuard
from vcam.base.clock import ManualClock


def test_a_clock_that_runs_true_is_believed() -> None:
    clock = ManualClock()
    guard = ClockGuard(clock)
    for _ in range(100):
        clock.advance(600)
        assert guard.refusal() is None


def test_a_jump_ahead_is_refused_until_it_has_settled() -> None:
    clock = ManualClock()
    guard = ClockGuard(clock)
    clock.step_utc(40 * 86_400)
    assert "ahead" in str(guard.refusal())
    clock.advance(SETTLE - 1)
    assert guard.refusal() is not None
    clock.advance(2)
    assert guard.refusal() is None


def test_a_second_jump_starts_the_wait_anew() -> None:
    clock = ManualClock()
    guard = ClockGuard(clock)
    clock.step_utc(3600)
    assert guard.refusal()
    clock.advance(SETTLE - 1)
    clock.step_utc(3600)
    assert guard.refusal()
    clock.advance(SETTLE - 1)
    assert guard.refusal()


def test_a_jump_that_is_taken_back_is_forgotten_at_once() -> None:
    clock = ManualClock()
    guard = ClockGuard(clock)
    clock.step_utc(3600)
    assert guard.refusal()
    clock.step_utc(-3600)
    assert guard.refusal() is None


def test_many_small_steps_add_up() -> None:
    clock = ManualClock()
    guard = ClockGuard(clock)
    refused = []
    for _ in range(4):
        clock.step_utc(TOLERANCE / 3)
        clock.advance(1)
        refused.append(guard.refusal() is not None)
    assert refused == [False, False, False, True]


def test_a_clock_set_back_only_delays() -> None:
    clock = ManualClock(utc=10**15)
    guard = ClockGuard(clock)
    clock.step_utc(-86_400)
    assert guard.refusal() is None


@given(st.lists(st.tuples(st.floats(0, 2 * SETTLE), st.floats(-1e6, 1e6)), max_size=20))
def test_after_any_history_it_believes_a_clock_that_runs_true_again(history: list[tuple[float, float]]) -> None:
    clock = ManualClock(utc=10**15)
    guard = ClockGuard(clock)
    for pause, step in history:
        clock.advance(pause)
        clock.step_utc(step)
        before = guard.refusal()
        assert before is None or "s ahead" in before
    guard.refusal()
    clock.advance(SETTLE + 1)
    assert guard.refusal() is None


def test_a_start_long_after_the_last_record_is_doubted_for_a_while() -> None:
    """Threat: clock jump: a host that starts with its clock far ahead purges nothing at once."""
    clock = ManualClock(utc=10**15)
    guard = ClockGuard(clock, known=10**15 - 40 * 86_400_000_000)
    assert guard.refusal() is not None
    assert guard.jumps == 1
    clock.advance(SETTLE + 1)
    assert guard.refusal() is None


def test_a_start_after_a_few_hours_is_believed() -> None:
    clock = ManualClock(utc=10**15)
    assert ClockGuard(clock, known=10**15 - 3_600_000_000).refusal() is None
    assert ClockGuard(clock, known=None).refusal() is None


def test_a_start_with_the_wrong_time_is_believed_once_it_is_set_right() -> None:
    clock = ManualClock(utc=10**15)
    guard = ClockGuard(clock, known=10**15 - 40 * 86_400_000_000)
    assert guard.refusal() is not None
    clock.step_utc(-40 * 86_400)
    assert guard.refusal() is None
