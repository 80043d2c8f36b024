"""Epochs' keys: split between custodians, bound to their epoch, and joined against the public half."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.vault import epoch
from recorder.vault.envelope import unseal
from recorder.vault.keys import Identity
from recorder.vault.share import Share
from vcam.base.errors import VaultError

ID = "gate/2026-01-01/09"
PEOPLE = {f"custodian-{n}": Identity.generate() for n in range(1, 6)}


def opened(split: epoch.Split) -> list[Share]:
    return [Share.parse(unseal(s.sealed, [PEOPLE[s.custodian].secret()])) for s in split.shares]


def made(name: str = ID, threshold: int = 3) -> epoch.Split:
    return epoch.make(name, threshold, {n: i.recipient for n, i in PEOPLE.items()})


def test_each_custodian_opens_his_own_share_only() -> None:
    split = made()
    for sealed in split.shares:
        for name, identity in PEOPLE.items():
            if name == sealed.custodian:
                assert Share.parse(unseal(sealed.sealed, [identity.secret()])).number == sealed.number
            else:
                with pytest.raises(VaultError, match="None of the keys"):
                    unseal(sealed.sealed, [identity.secret()])


def test_two_colluding_custodians_of_five_open_nothing() -> None:
    split = made()
    shares = opened(split)
    for pair in combinations(shares, 2):
        with pytest.raises(VaultError, match="2 shares of 3"):
            epoch.join(ID, split.recipient, pair)
        # Nor when they lie about the threshold.
        with pytest.raises(VaultError, match="do not join"):
            epoch.join(ID, split.recipient, [replace(share, threshold=2) for share in pair])
    for three in combinations(shares, 3):
        assert epoch.join(ID, split.recipient, three).recipient == split.recipient


def test_a_share_of_another_epoch_is_refused() -> None:
    one, other = made(), made("gate/2026-01-01/10")
    shares = opened(one)
    with pytest.raises(VaultError, match="gate/2026-01-01/10 was given"):
        epoch.join(ID, one.recipient, [*shares[:2], opened(other)[2]])
    relabelled = replace(opened(other)[2], epoch=ID)
    with pytest.raises(VaultError, match="was given"):
        epoch.join(ID, one.recipient, [*shares[:2], relabelled])


def test_shares_of_two_splittings_do_not_join() -> None:
    split = made()
    identity = epoch.join(ID, split.recipient, opened(split))
    again = epoch.share_out(identity, ID, 3, {n: i.recipient for n, i in PEOPLE.items()})
    new = opened(replace(split, shares=again))
    assert epoch.join(ID, split.recipient, new).recipient == split.recipient
    with pytest.raises(VaultError, match="different splittings"):
        epoch.join(ID, split.recipient, [*opened(split)[:2], new[2]])


def test_a_false_share_is_noticed() -> None:
    split = made()
    shares = opened(split)
    false = replace(shares[0], value=bytes(32))
    with pytest.raises(VaultError, match="do not join"):
        epoch.join(ID, split.recipient, [false, *shares[1:3]])


def test_nobody_answered() -> None:
    with pytest.raises(VaultError, match="0 shares"):
        epoch.join(ID, PEOPLE["custodian-1"].recipient, [])


@given(
    st.from_regex(r"[a-z]{1,40}/2026-01-01/0[0-9]", fullmatch=True),
    st.integers(2, 255),
    st.integers(1, 255),
    st.binary(min_size=8, max_size=8),
    st.binary(min_size=32, max_size=32),
)
def test_shares_come_back_from_their_bytes(name: str, k: int, n: int, split: bytes, value: bytes) -> None:
    share = Share(name, n, k, split, value[::-1], value)
    assert Share.parse(bytes(share)) == share
    assert value.hex() not in repr(share)


@given(st.binary(max_size=120))
def test_strange_bytes_are_no_share(data: bytes) -> None:
    try:
        share = Share.parse(data)
    except VaultError:
        return
    assert bytes(share) == data
