"""Asks cannot be altered or widened, and answers go only to who was said."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.release.answering import answer
from recorder.release.document import Answer, Ask, Case, fingerprint, read_ask
from recorder.scope import Scope, epoch_id
from recorder.signing import SigningKey
from recorder.vault import epoch
from recorder.vault.keys import Identity
from tests.recorder.release.conftest import HOUR, NINE
from vcam.base.errors import CustodyError, VaultError

KEY = SigningKey.generate()
ONE_TIME = Identity.generate()
PERSON = Identity.generate()
OTHER = Identity.generate()
CASE = Case(
    release="r1",
    request="2026-0001",
    basis="warrant",
    purpose="theft of a bicycle, 자전거 절도",
    scope=Scope(("gate",), NINE + HOUR // 2, NINE + HOUR),
    recipient=ONE_TIME.recipient,
    created=NINE,
    expires=NINE + 10 * HOUR,
)
INSIDE = epoch_id("gate", NINE)


def share(name: str) -> bytes:
    people = {"custodian-1": PERSON.recipient, "custodian-2": OTHER.recipient}
    return epoch.make(name, 2, people).shares[0].sealed


def ask(*names: str, case: Case = CASE) -> Ask:
    return Ask(case, "custodian-1", {name: share(name) for name in names})


def test_an_ask_comes_back_from_its_file() -> None:
    asked = ask(INSIDE)
    read = read_ask(asked.dump(KEY), KEY.public.raw)
    assert read.ask == asked
    assert read.key == KEY.public.raw


def test_any_altered_byte_is_noticed() -> None:
    data = ask(INSIDE).dump(KEY)
    for at in range(len(data)):
        for flip in (1, 32):
            altered = data[:at] + bytes([data[at] ^ flip]) + data[at + 1 :]
            with pytest.raises(CustodyError):
                read_ask(altered, KEY.public.raw)


@pytest.mark.parametrize(
    "change",
    [
        {"scope": Scope(("gate", "yard"), CASE.scope.start, CASE.scope.end)},
        {"scope": Scope(("gate",), 0, NINE + 9 * HOUR)},
        {"recipient": OTHER.recipient},
        {"basis": "court"},
    ],
)
def test_an_ask_that_somebody_else_has_signed_is_told_apart(change: dict[str, object]) -> None:
    stranger = SigningKey.generate()
    data = replace(ask(INSIDE), case=replace(CASE, **change)).dump(stranger)  # type: ignore[arg-type]
    with pytest.raises(CustodyError, match="another key than the institution's"):
        read_ask(data, KEY.public.raw)
    assert fingerprint(read_ask(data).key) != fingerprint(KEY.public.raw)


@pytest.mark.parametrize(
    "name", [epoch_id("gate", NINE - HOUR), epoch_id("gate", NINE + HOUR), epoch_id("yard", NINE)]
)
def test_hours_outside_the_stated_scope_are_refused(name: str) -> None:
    """However well it is signed: over-broad use of a warrant ends at the custodian."""
    read = read_ask(ask(INSIDE, name).dump(KEY))
    assert read.ask.outside() == [name]
    with pytest.raises(CustodyError, match="outside its stated scope"):
        answer(read, [PERSON.secret()], now=NINE)
    assert answer(read, [PERSON.secret()], now=NINE, outside=True)


def test_the_hour_before_is_in_scope_when_a_segment_may_last_into_it() -> None:
    early = replace(CASE, scope=Scope(("gate",), NINE, NINE + 1))
    assert early.covers(epoch_id("gate", NINE - 1))
    assert not early.covers(epoch_id("gate", NINE - HOUR - 1))
    assert not early.covers(epoch_id("gate-2", NINE))


@given(st.integers(0, 3000), st.integers(1, 100_000), st.integers(-2, 60))
def test_what_is_covered_is_what_the_scope_lists(hour: int, length: int, other: int) -> None:
    start = NINE + hour * HOUR + HOUR // 2
    case = replace(CASE, scope=Scope(("gate",), start, start + length * 1_000_000))
    name = epoch_id("gate", start + other * HOUR)
    assert case.covers(name) == (name in case.scope.epochs())


def test_a_share_that_is_passed_off_for_another_epochs_is_refused() -> None:
    asked = Ask(CASE, "custodian-1", {INSIDE: share(epoch_id("gate", NINE + 5 * HOUR))})
    with pytest.raises(
        CustodyError, match=r"passes a share of gate/2026-01-01/14 off as one of gate/2026-01-01/09"
    ):
        answer(read_ask(asked.dump(KEY)), [PERSON.secret()], now=NINE)


def test_an_expired_ask_is_not_answered() -> None:
    with pytest.raises(CustodyError, match="expired"):
        answer(read_ask(ask(INSIDE).dump(KEY)), [PERSON.secret()], now=CASE.expires + 1)


def test_only_the_one_time_key_opens_an_answer() -> None:
    from recorder.release.opening import shares_in

    given_back = Answer.load(answer(read_ask(ask(INSIDE).dump(KEY)), [PERSON.secret()], now=NINE))
    (found,) = shares_in(given_back.sealed, "r1", "custodian-1", ONE_TIME.secret())
    assert found.epoch == INSIDE
    for identity in (PERSON, OTHER):
        with pytest.raises(VaultError):
            shares_in(given_back.sealed, "r1", "custodian-1", identity.secret())


@given(
    st.recursive(st.none() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x))
)
def test_whatever_else_is_no_ask_and_no_answer(value: object) -> None:
    data = json.dumps(value).encode()
    for read in (read_ask, Answer.load):
        with pytest.raises(CustodyError):
            read(data)
    with pytest.raises(CustodyError):
        read_ask(data[:-1])


@pytest.mark.parametrize("data", [b"[" * 200_000, b'{"document":' * 3000])
def test_what_is_nested_without_end_is_refused(data: bytes) -> None:
    for read in (read_ask, Answer.load):
        with pytest.raises(CustodyError, match="no ask or answer"):
            read(data)
