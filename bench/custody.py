"""`python -m bench.custody [--rows N] [--json FILE]`: what custody costs: sealing, opening, finding, purging.

Every figure is taken through the product's own code, on one core, on this machine's disk. Times are milliseconds.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.million import BEGIN, KEPT, MINUTE, Million
from recorder.database import Database
from recorder.index import Index
from recorder.shares.store import ShareStore
from recorder.vault import epoch as vault
from recorder.vault.age import AGE
from recorder.vault.keys import Identity

_SEGMENT = 30 << 20
"""Bytes of a minute of video at 4 Mbit/s."""
_READ = _SEGMENT // 6
"""Bytes of ten seconds of it."""
_PIECE = 64 << 10
_CANDIDATES = 500


@dataclass(frozen=True, slots=True)
class Figure:
    """One line: what was measured, its unit, and the half and the hundredth that was slowest."""

    name: str
    unit: str
    p50: float
    p99: float


def _times(name: str, deed: Callable[[], object], count: int) -> Figure:
    """Milliseconds of `count` deeds."""
    found = []
    for _ in range(count):
        began = time.perf_counter()
        deed()
        found.append((time.perf_counter() - began) * 1000)
    found.sort()
    return Figure(name, "ms", found[count // 2], found[min(count - 1, count * 99 // 100)])


def _rate(figure: Figure, size: int, name: str) -> Figure:
    """Megabytes a second out of milliseconds for `size` bytes."""
    return Figure(name, "MB/s", size / 1000 / figure.p50, size / 1000 / figure.p99)


def sealing(folder: Path) -> list[Figure]:
    """Encryption of a minute, a seek into it with ten seconds read, and an epoch's making and joining."""
    identity = Identity.generate()
    plain = os.urandom(_PIECE)
    sealed = io.BytesIO()
    header = b""

    def seal() -> None:
        nonlocal header
        sealed.seek(0)
        sealer = AGE.sealer([identity.recipient])
        header = sealer.header
        for _ in range(_SEGMENT // _PIECE):
            sealed.write(sealer.write(plain))
        sealed.write(sealer.close())

    rate = _rate(_times("", seal, 11), _SEGMENT, "seal a segment of 30 MiB, in memory")
    body = folder / "segment.age-body"
    body.write_bytes(sealed.getvalue())
    draw = random.Random(1)  # noqa: S311 - no secret

    def seek() -> None:
        with body.open("rb") as file:
            opener = AGE.opener(header, file, [identity.secret()])
            opener.read(draw.randrange(_SEGMENT - _READ), _READ)

    custodians = {f"custodian-{number}": Identity.generate().recipient for number in range(5)}
    return [
        rate,
        _times("open a segment, seek, read 10 s of it", seek, 51),
        _times(
            "make an epoch for 3 of 5 custodians", lambda: vault.make("gate/2026-01-01/00", 3, custodians), 51
        ),
    ]


def finding(folder: Path, million: Million) -> list[Figure]:
    """Lookup and purge candidates in an index of `million` rows."""
    url = f"sqlite:///{folder / 'index.sqlite'}"
    database = Database(url)
    million.fill(database)
    database.close()
    index = Index.open(url)
    draw = random.Random(1)  # noqa: S311 - no secret

    def look() -> None:
        start = BEGIN + draw.randrange(million.minutes - 10) * MINUTE + draw.randrange(MINUTE)
        kind = draw.choice(("original", "masked"))
        name = million.name(draw.randrange(million.cameras))
        assert len(index.overlapping(name, kind, start, start + 5 * MINUTE)) == 6  # type: ignore[arg-type]

    def due() -> None:
        now = BEGIN + KEPT + draw.randrange(20, million.minutes) * MINUTE
        assert len(index.fate.due(now, _CANDIDATES)) == _CANDIDATES

    def oldest() -> None:
        now = BEGIN + draw.randrange(200, million.minutes) * MINUTE
        assert len(index.fate.oldest(now, _CANDIDATES)) == _CANDIDATES

    rows = f"{million.rows:,} segments"
    found = [
        _times(f"find what overlaps 5 minutes, {rows}", look, 2000),
        _times(f"{_CANDIDATES} purge candidates, {rows}", due, 500),
        _times(f"{_CANDIDATES} of the oldest without a hold", oldest, 500),
        *_purging(index, folder),
    ]
    index.close()
    return found


def _purging(index: Index, folder: Path) -> list[Figure]:
    """What a purge of 100 segments costs: rows to PURGING, and to tombstones with their entries; and the keys'."""
    now = BEGIN + KEPT + 1_000 * MINUTE
    fate = index.fate
    rows = fate.due(now, 100)

    def begin() -> None:
        nonlocal rows
        rows = fate.begin(fate.due(now, 100), now)

    begun = _times("100 segments to PURGING, committed", begin, 21)
    ended = _times("100 tombstones with their entries, committed", lambda: fate.end(fate.purging(100), now), 21)
    store = ShareStore.open(folder / "shares.sqlite")
    number = 0

    def destroy() -> None:
        nonlocal number
        number += 1
        store.destroy([f"gate/2026-01-{number % 28 + 1:02d}/{number // 28:02d}"])

    destroyed = _times("destroy an epoch's shares, log truncated", destroy, 21)
    store.close()
    return [begun, ended, destroyed]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.custody", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="segments in the index")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    options = parser.parse_args(arguments)
    console = Console(soft_wrap=True)
    with tempfile.TemporaryDirectory(prefix="garim-custody-") as scratch:
        figures = sealing(Path(scratch))
        console.print(f"Writing {options.rows:,} rows ...", style="dim")
        figures += finding(Path(scratch), Million(options.rows))
    table = Table("custody", "unit")
    for heading in ("p50", "p99"):
        table.add_column(heading, justify="right")
    for figure in figures:
        table.add_row(figure.name, figure.unit, f"{figure.p50:.2f}", f"{figure.p99:.2f}")
    console.print(table)
    line = {figure.name: {figure.unit: [round(figure.p50, 3), round(figure.p99, 3)]} for figure in figures}
    if options.json is not None:
        options.json.write_text(json.dumps(line, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
