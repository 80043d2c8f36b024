"""Merkle trees against the vectors of Certificate Transparency's reference log, the definition, and pymerkle."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.audit.entry import leaf_hash
from recorder.audit.merkle import EMPTY, Frontier, consistency, extends, includes, inclusion, node_hash, root

INPUTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
"""The eight leaves that logs of Certificate Transparency are tested with."""
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""Their roots, by the number of leaves."""

SIZES = st.integers(0, 70)


def made(count: int) -> list[bytes]:
    return [leaf_hash(str(number).encode()) for number in range(count)]


def by_definition(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962, 2.1, word for word."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + by_definition(leaves[:k]) + by_definition(leaves[k:])).digest()


def test_the_reference_logs_roots() -> None:
    leaves = [leaf_hash(data) for data in INPUTS]
    assert [root(leaves[:size]).hex() for size in range(9)] == ROOTS


def test_the_rfcs_example_of_seven_leaves() -> None:
    """RFC 6962, 2.1.3: the paths and proofs that it spells out, by the names of its figure."""
    a, b, c, d, e, f, j = made(7)
    g, h, i = node_hash(a, b), node_hash(c, d), node_hash(e, f)
    k, el = node_hash(g, h), node_hash(i, j)
    leaves = [a, b, c, d, e, f, j]
    assert inclusion(leaves, 0) == [b, h, el]
    assert inclusion(leaves, 3) == [c, g, el]
    assert inclusion(leaves, 4) == [f, j, k]
    assert inclusion(leaves, 6) == [i, k]
    assert consistency(leaves, 3) == [c, d, g, el]
    assert consistency(leaves, 4) == [el]
    assert consistency(leaves, 6) == [i, j, k]


@given(SIZES)
def test_roots_are_as_defined(size: int) -> None:
    assert root(made(size)) == by_definition(made(size))


@given(SIZES, SIZES)
def test_a_frontier_goes_on_where_it_was_left(first: int, second: int) -> None:
    leaves = made(first + second)
    frontier = Frontier()
    for leaf in leaves[:first]:
        frontier.add(leaf)
    again = Frontier.unpack(first, frontier.pack())
    for leaf in leaves[first:]:
        again.add(leaf)
    assert again.root == by_definition(leaves)


@pytest.mark.parametrize(("size", "data"), [(1, b""), (0, bytes(32)), (3, bytes(63)), (3, bytes(32))])
def test_what_is_no_frontier_is_refused(size: int, data: bytes) -> None:
    with pytest.raises(ValueError, match="are no"):
        Frontier.unpack(size, data)


@given(st.integers(1, 70), st.data())
def test_inclusion_is_shown_for_the_right_leaf_and_place_alone(size: int, data: st.DataObject) -> None:
    leaves = made(size)
    index = data.draw(st.integers(0, size - 1))
    path, top = inclusion(leaves, index), root(leaves)
    assert includes(top, size, leaves[index], index, path)
    other = data.draw(st.integers(0, size).filter(lambda number: number != index))
    assert not includes(top, size, leaves[index], other, path)
    assert not includes(top, size, leaf_hash(b"another"), index, path)
    assert not includes(top, size, leaves[index], index, [*path, bytes(32)])
    if path:
        assert not includes(top, size, leaves[index], index, path[:-1])
        place = data.draw(st.integers(0, len(path) - 1))
        assert not includes(top, size, leaves[index], index, [*path[:place], bytes(32), *path[place + 1 :]])


@given(st.integers(0, 70), st.data())
def test_only_what_goes_on_is_consistent(size: int, data: st.DataObject) -> None:
    leaves = made(size)
    old = data.draw(st.integers(0, size))
    path, top, before = consistency(leaves, old), root(leaves), root(leaves[:old])
    assert extends(before, old, top, size, path)
    assert not extends(before, old, top, size, [*path, bytes(32)])
    if old > 0:
        edited = [leaf_hash(b"edited"), *leaves[1:]]
        assert not extends(root(edited[:old]), old, top, size, path)
        assert not extends(before, old, root(edited), size, consistency(edited, old))
        assert not extends(top, size, before, old, path) or size == old
    if path:
        assert not extends(before, old, top, size, path[:-1])


def test_what_lies_outside_has_no_proof() -> None:
    for index in (-1, 3):
        with pytest.raises(IndexError):
            inclusion(made(3), index)
    for size in (-1, 4):
        with pytest.raises(IndexError):
            consistency(made(3), size)
    assert root([]) == EMPTY
    assert not extends(EMPTY, 0, root(made(2)), 2, [bytes(32)])


def test_pymerkle_agrees() -> None:
    pymerkle = pytest.importorskip("pymerkle", reason="pymerkle is not installed")
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    leaves = []
    for number in range(40):
        data = f"entry {number}".encode()
        tree.append_entry(data)
        leaves.append(leaf_hash(data))
    for size in range(1, 41):
        assert tree.get_root(size) == root(leaves[:size])
    for old, new in pairwise(range(1, 41, 3)):
        pymerkle.verify_consistency(root(leaves[:old]), root(leaves[:new]), tree.prove_consistency(old, new))
    for index in range(40):
        assert tree.prove_inclusion(index + 1, 40).path[1:] == inclusion(leaves, index)
