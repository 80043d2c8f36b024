"""The states of a case, walked at random against what must hold whatever the way."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from recorder.requests.states import MOVES, Deed, State, after
from vcam.base.errors import Forbidden

ENDED = {State.CLOSED, State.EXPIRED}


class Case(RuleBasedStateMachine):
    """One case, to which deeds are tried in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.state = State.DRAFTED
        self.way: list[Deed] = []

    @rule(deed=st.sampled_from(Deed))
    def try_it(self, deed: Deed) -> None:
        try:
            self.state = after(self.state, deed)
        except Forbidden:
            return
        self.way.append(deed)

    @invariant()
    def nothing_is_opened_or_leaves_unapproved(self) -> None:
        for number, deed in enumerate(self.way):
            if deed in (Deed.RELEASE, Deed.EXPORT):
                assert Deed.APPROVE in self.way[:number]
                assert Deed.REFUSE not in self.way

    @invariant()
    def it_is_decided_once_after_it_was_submitted(self) -> None:
        decided = [deed for deed in self.way if deed in (Deed.APPROVE, Deed.REFUSE)]
        assert len(decided) <= 1
        if decided:
            assert self.way[: self.way.index(decided[0])] == [Deed.SUBMIT]

    @invariant()
    def an_end_is_an_end(self) -> None:
        ends = [deed for deed in self.way if deed in (Deed.CLOSE, Deed.EXPIRE)]
        assert ends == ([self.way[-1]] if self.state in ENDED else [])

    @invariant()
    def what_was_submitted_and_not_answered_does_not_expire(self) -> None:
        if self.state is State.SUBMITTED:
            with pytest.raises(Forbidden):
                after(self.state, Deed.EXPIRE)


TestCase = Case.TestCase
TestCase.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)


def test_every_state_can_be_reached_and_every_case_can_end() -> None:
    reached = {State.DRAFTED}
    while grown := {MOVES[move] for move in MOVES if move[0] in reached} - reached:
        reached |= grown
    assert reached == set(State)
    for state in set(State) - ENDED:
        assert (state, Deed.CLOSE) in MOVES


def test_a_move_that_is_not_there_is_named() -> None:
    with pytest.raises(Forbidden, match="closed cannot be moved by 'approve'"):
        after(State.CLOSED, Deed.APPROVE)
