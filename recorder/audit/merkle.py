"""Merkle trees over a log, their proofs, and what verifies these (RFC 6962, 2.1; RFC 9162, 2.1.3 and 2.1.4). Pure.

Every hash is 32 bytes (SHA-256). `leaves` are hashes of leaves (`recorder.audit.entry.leaf_hash`), not entries.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

SIZE = 32
"""Bytes of a hash."""
EMPTY = hashlib.sha256().digest()
"""Root of a tree without leaves."""


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of a node with two children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The perfect subtrees of a growing tree, largest first: one for each bit that is set in its size.

    Adding n leaves costs n node hashes at the most, whatever the tree's size; so does the root, the number of bits.
    """

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        self.size = size
        self._hashes = list(hashes)
        if len(self._hashes) != size.bit_count() or any(len(each) != SIZE for each in self._hashes):
            raise ValueError(f"{len(self._hashes)} hashes are no frontier of {size} leaves")

    @classmethod
    def unpack(cls, size: int, data: bytes) -> Frontier:
        """What `pack` made. Raises ValueError."""
        if len(data) % SIZE:
            raise ValueError(f"{len(data)} bytes are no list of hashes")
        return cls(size, (data[at : at + SIZE] for at in range(0, len(data), SIZE)))

    def pack(self) -> bytes:
        """All hashes, one after the other."""
        return b"".join(self._hashes)

    def add(self, leaf: bytes) -> None:
        """One leaf more."""
        size, found = self.size, leaf
        while size & 1:
            found = node_hash(self._hashes.pop(), found)
            size >>= 1
        self._hashes.append(found)
        self.size += 1

    @property
    def root(self) -> bytes:
        """The tree's hash."""
        if not self._hashes:
            return EMPTY
        found = self._hashes[-1]
        for left in reversed(self._hashes[:-1]):
            found = node_hash(left, found)
        return found


def root(leaves: Iterable[bytes]) -> bytes:
    """The tree's hash."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.add(leaf)
    return frontier.root


def _split(size: int) -> int:
    """Leaves in the left part of a tree of `size` leaves, at least two: the largest power of two below it."""
    return 1 << (size - 1).bit_length() - 1


def _part(leaves: Sequence[bytes], start: int, end: int) -> bytes:
    return root(leaves[at] for at in range(start, end))


def inclusion(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The audit path of the leaf `index`, nearest first. Raises IndexError."""
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    path, start, end = [], 0, len(leaves)
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_part(leaves, middle, end))
            end = middle
        else:
            path.append(_part(leaves, start, middle))
            start = middle
    return path[::-1]


def consistency(leaves: Sequence[bytes], size: int) -> list[bytes]:
    """The proof that the tree of the first `size` leaves is the beginning of that of all. Raises IndexError."""
    if not 0 <= size <= len(leaves):
        raise IndexError(size)
    path, start, end, whole = [], 0, len(leaves), True
    if size in {0, end}:
        return []
    while size != end:
        middle = start + _split(end - start)
        if size <= middle:
            path.append(_part(leaves, middle, end))
            end = middle
        else:
            path.append(_part(leaves, start, middle))
            start, whole = middle, False
    if not whole:
        path.append(_part(leaves, start, end))
    return path[::-1]


def includes(top: bytes, size: int, leaf: bytes, index: int, path: Sequence[bytes]) -> bool:
    """Whether `path` shows that `leaf` is the one at `index` of the tree of `size` leaves with the root `top`."""
    if not 0 <= index < size:
        return False
    node, last, found = index, size - 1, leaf
    for each in path:
        if last == 0:
            return False
        if node & 1 or node == last:
            found = node_hash(each, found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, each)
        node, last = node >> 1, last >> 1
    return last == 0 and found == top


def extends(old: bytes, old_size: int, new: bytes, new_size: int, path: Sequence[bytes]) -> bool:
    """Whether `path` shows that the tree with root `new` begins with the leaves of the one with root `old`."""
    if not 0 <= old_size <= new_size:
        return False
    if old_size in {0, new_size}:
        return not path and old == (new if old_size == new_size else EMPTY)
    hashes = list(path)
    if old_size & (old_size - 1) == 0:
        hashes.insert(0, old)
    node, last = old_size - 1, new_size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    if not hashes:
        return False
    before = after = hashes[0]
    for each in hashes[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            before, after = node_hash(each, before), node_hash(each, after)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            after = node_hash(after, each)
        node, last = node >> 1, last >> 1
    return last == 0 and before == old and after == new
