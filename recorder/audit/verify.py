"""Verifies the whole log: every entry against its hash, every head against the entries, heads kept elsewhere too."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, select

from recorder.audit.entry import Action, leaf_hash
from recorder.audit.head import Head
from recorder.audit.heads import stored
from recorder.audit.merkle import Frontier
from recorder.audit.tables import entry
from vcam.base.canonical import canonical

STEP = 300_000_000
"""Microseconds by which an entry's time may lie before that of an entry above it: writers that waited, clocks set."""

_AT_ONCE = 5000
_FIELDS = {"number", "time", "actor", "action", "subject", "origin", "details"}
_Entry = Row[Any, Any, Any, Any, Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, as a sentence. `number` is the entry's, or the size of the head that it is about."""

    what: str
    number: int


@dataclass(slots=True)
class Verified:
    """What was found. `notes` need a look but are no sign of tampering by themselves."""

    size: int = 0
    """Entries read."""
    root: bytes = b""
    """Merkle tree hash of what was read."""
    heads: int = 0
    """Stored heads."""
    confirmed: int = 0
    """Entries that a right head covers, of those that are as they were."""
    findings: list[Finding] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)


def verify(connection: Connection, keys: Collection[bytes], outside: Iterable[Head] = ()) -> Verified:
    """Read the whole log, once. `keys` are the Ed25519 public keys (32 bytes) that may have signed heads.

    `outside` are heads that were kept elsewhere. Costs two hashes for each entry; memory does not grow with the log.
    """
    done = Verified()
    claims = [_Claim(head, "stored") for head in stored(connection)]
    done.heads = len(claims)
    claims += [_Claim(head, "outside") for head in outside]
    claims.sort(key=lambda claim: claim.head.size)
    walk = _Walk(done, {claim.head.size for claim in claims if claim.where == "stored"})
    reached = iter(claims)
    due = next(reached, None)
    for row in _rows(connection):
        while due is not None and due.head.size <= walk.frontier.size:
            _confirm(due, walk, keys)
            due = next(reached, None)
        walk.entry(row)
    while due is not None:
        _confirm(due, walk, keys, ended=True)
        due = next(reached, None)
    done.size, done.root = walk.frontier.size, walk.frontier.root
    walk.end()
    return done


@dataclass(frozen=True, slots=True)
class _Claim:
    head: Head
    where: str


def _rows(connection: Connection) -> Iterator[_Entry]:
    wanted = select(
        entry.c.number, entry.c.time, entry.c.actor, entry.c.action, entry.c.subject, entry.c.body, entry.c.leaf
    ).order_by(entry.c.number)
    return iter(connection.execute(wanted, execution_options={"yield_per": _AT_ONCE}))


class _Walk:
    """Goes through the entries in order."""

    def __init__(self, done: Verified, sizes: Collection[int]) -> None:
        self.done = done
        self.frontier = Frontier()
        self.wrong_heads: list[int] = []
        self._sizes = sizes
        self._next = 0
        self._latest = 0

    def entry(self, row: _Entry) -> None:
        """One row of the log."""
        number, time, *_, body, leaf = row
        if number != self._next:
            last = number - 1
            which = f"Entry {last} is" if last == self._next else f"Entries {self._next} to {last} are"
            self._found(f"{which} missing", self._next)
        self._next = number + 1
        # SQLite keeps values of any type in any column.
        found = leaf_hash(body.encode() if isinstance(body, str) else bytes(str(body), "utf-8"))
        self.frontier.add(found)
        if found != leaf:
            self._found(f"Entry {number} has another hash than was written with it: it was edited", number)
        if (why := _unlike(row)) is not None:
            self._found(f"Entry {number} {why}", number)
        self._head_told(row)
        if not isinstance(time, int):
            return
        if time < self._latest - STEP:
            seconds = (self._latest - time) // 1_000_000
            what = f"Entry {number} is {seconds} s older than one before it: the clock was set back, or it was moved"
            self.done.notes.append(Finding(what, number))
        self._latest = max(self._latest, time)

    def _head_told(self, row: _Entry) -> None:
        if row.action != Action.HEAD_SIGNED.value:
            return
        # A body that cannot be read has been told of already.
        details = _read(row.body).get("details")
        size = details.get("size") if isinstance(details, dict) else None
        if isinstance(size, int) and size not in self._sizes:
            self._found(f"Entry {row.number} tells of a head over {size} entries, which is missing", row.number)

    def _found(self, what: str, number: int) -> None:
        self.done.findings.append(Finding(what, number))

    def end(self) -> None:
        """Sum the heads up: the first that is wrong says where to look."""
        if not self.wrong_heads:
            return
        first, more = self.wrong_heads[0], len(self.wrong_heads) - 1
        before = self.done.confirmed
        others = f", and so do {more} later ones" if more else ""
        self._found(
            f"The head over {first} entries says something else than the log{others}: "
            f"an entry from {before} to {first - 1} was edited, moved, added or removed",
            first,
        )


def _confirm(claim: _Claim, walk: _Walk, keys: Collection[bytes], *, ended: bool = False) -> None:
    """Compare a head with the entries that were read so far: as many as it covers, or, `ended`, all there are.

    The entry that tells of a head is written with it and comes after what it covers: no log ends before that.
    """
    head, done = claim.head, walk.done
    name = f"The head over {head.size} entries{' from outside' if claim.where == 'outside' else ''}"
    if not head.genuine:
        done.findings.append(Finding(f"{name} has a wrong signature", head.size))
    elif head.key not in keys:
        done.findings.append(
            Finding(
                f"{name} was signed by another key, {head.key.hex()}: by a replaced recorder or a forger",
                head.size,
            )
        )
    elif ended:
        done.findings.append(
            Finding(
                f"{name} says that there was more: the log ends after {walk.frontier.size} entries, its tail was cut",
                head.size,
            )
        )
    elif head.root != walk.frontier.root:
        walk.wrong_heads.append(head.size)
    elif not walk.wrong_heads:
        done.confirmed = max(done.confirmed, head.size)


def _read(body: str) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, TypeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _unlike(row: _Entry) -> str | None:
    """What is wrong with an entry by itself; None when nothing is."""
    found = _read(row.body)
    try:
        same = canonical(found).decode() == row.body
    except (ValueError, RecursionError):
        same = False
    if not same or set(found) != _FIELDS:
        return "is no entry in canonical form"
    for name in ("number", "time", "actor", "action", "subject"):
        if found[name] != getattr(row, name):
            return f"says another {name} in its body than in the log's column: it was edited or moved"
    return None
