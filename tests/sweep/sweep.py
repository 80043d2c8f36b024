"""`make sweep [POINTS=n] [SEED=n]`: kill recorder and purge at that many write points, and fill their disk.

    python tests/sweep/sweep.py --points 200 --seed 1 [--only N]

Each run plays the same story on a copy of the same recordings in a process of its own, is killed at a point that the
seed chooses (a write of a file or of a database; half of a write; a moment after one), is restarted and mended, and
judged. A quarter as many runs play it on a small tmpfs that is nearly full. What broke goes to stderr; the last line
of stdout is JSON. Exit 1 when an invariant broke.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.sweep.points import Kill
    from tests.sweep.story import Footage

ROOT = Path(__file__).resolve().parents[2]
_DISK = 6 << 20
"""Bytes of the small disk."""
_ROOM = 800 << 10
"""Bytes that are free on it at the most: a little more than the story needs."""


@dataclass
class Tally:
    """What has been done and found."""

    points: int = 0
    killed: int = 0
    full: int = 0
    failed_steps: int = 0
    broken: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def forked(child: Callable[[], int]) -> int:
    """Run `child` in a process of its own; its wait status."""
    number = os.fork()
    if number == 0:
        status = 70
        try:
            status = child()
        finally:
            os._exit(status)
    return os.waitpid(number, 0)[1]


def judge(root: Path, footage: Footage) -> list[str]:
    """Restart, mend, purge; what is wrong then or was before."""
    from tests.sweep.invariants import after, before
    from tests.sweep.story import NOW, Place
    from vcam.base.clock import ManualClock
    from vcam.base.errors import GarimError

    try:
        place = Place(root, ManualClock(NOW + 2 * 3_600_000_000))
        try:
            wrong = before(place)
            wrong += [f"not mended: {finding}" for finding in place.check(mend=True) if not finding.mended]
            place.purge().run()
            return wrong + after(place, footage)
        finally:
            place.close()
    except GarimError as error:
        return [f"the restart failed: {error}"]


def killed(base: Path, root: Path, footage: Footage, kill: Kill | None) -> tuple[int, int]:
    """Play the story on a copy of `base`; its wait status, and points passed where it came to the end."""
    from tests.sweep.points import Points
    from tests.sweep.story import play

    shutil.copytree(base, root)
    passed = root.with_name(root.name + "-points")

    def child() -> int:
        points = Points(kill)
        play(root, footage, lambda _: None)
        count = points.count
        with passed.open("w", encoding="ascii") as file:
            file.write(str(count))
        return 0

    status = forked(child)
    count = int(passed.read_text(encoding="ascii") or 0) if passed.exists() else 0
    passed.unlink(missing_ok=True)
    return status, count


@contextmanager
def small_disk(folder: Path) -> Iterator[Path | None]:
    """A tmpfs of `_DISK` bytes; None where it cannot be mounted."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_DISK}", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], capture_output=True, check=False)


def filled(base: Path, root: Path, footage: Footage, room: int) -> int:
    """Play the story on a copy of `base` with `room` bytes to write in; how many steps failed for want of more."""
    from tests.sweep.story import play

    shutil.copytree(base, root)
    filler = root.parent / "filler"
    free = os.statvfs(root)
    with filler.open("wb") as file:
        file.write(bytes(max(0, free.f_bavail * free.f_frsize - room)))
    read, write = os.pipe()

    def child() -> int:
        steps: list[str] = []
        play(root, footage, steps.append)
        os.write(write, len(steps).to_bytes(1, "big"))
        return 0

    status = forked(child)
    os.close(write)
    data = os.read(read, 1)
    os.close(read)
    filler.unlink()
    if status or not data:
        raise RuntimeError(f"a full disk ended the process: {status}")
    return data[0]


def kills(count: int, total: int, seed: int) -> list[Kill]:
    """So many different points of `total`, spread evenly, some torn and some late."""
    from tests.sweep.points import Kill

    draw = random.Random(seed)
    step = total / count
    chosen = []
    for number in range(count):
        point = min(total - 1, int(number * step + draw.random() * step))
        how = draw.randrange(3)
        chosen.append(Kill(point, torn=how == 1, late=draw.random() * 0.004 if how == 2 else 0.0))
    return chosen


def campaign(points: int, seed: int, tell: Callable[[str], None], only: int | None = None) -> Tally:
    """All runs; see the module."""
    from tests.sweep.story import Footage, prepare

    tally = Tally()
    draw = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="garim-sweep-") as scratch:
        folder = Path(scratch)
        footage, base = Footage.drawn(), folder / "base"
        prepare(base, footage)
        status, tally.points = killed(base, folder / "whole", footage, None)
        _take(tally, tell, "whole", [f"ended with {status}"] if status else judge(folder / "whole", footage))
        for number, kill in enumerate(kills(points, tally.points, seed)):
            if only is not None and number != only:
                continue
            root = folder / f"run-{number}"
            status, _ = killed(base, root, footage, kill)
            tally.killed += os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
            _take(tally, tell, f"run {number}, {kill}", judge(root, footage))
            shutil.rmtree(root)
        with small_disk(folder / "disk") as disk:
            if disk is None:
                tally.skipped.append("full disk: a tmpfs cannot be mounted here")
            for number in range(-(-points // 4) if disk is not None and only is None else 0):
                assert disk is not None
                room = draw.randrange(0, _ROOM, 4096)
                tally.failed_steps += filled(base, disk / "run", footage, room)
                tally.full += 1
                _take(tally, tell, f"full disk {number}, {room} bytes", judge(disk / "run", footage))
                shutil.rmtree(disk / "run")
    return tally


def _take(tally: Tally, tell: Callable[[str], None], name: str, wrong: Sequence[str]) -> None:
    for each in wrong:
        tally.broken.append(f"{name}: {each}")
        tell(tally.broken[-1])


def main(given: Sequence[str] | None = None) -> int:
    """Run the campaign; see the module."""
    sys.path.insert(0, str(ROOT))
    import structlog

    parser = argparse.ArgumentParser(prog="sweep", description="Kill recorder and purge at their write points.")
    parser.add_argument("--points", type=int, default=200, help="points to kill at")
    parser.add_argument("--seed", type=int, default=None, help="the same seed gives the same points")
    parser.add_argument("--only", type=int, default=None, help="this run of the seed alone")
    arguments = parser.parse_args(given)
    seed = arguments.seed if arguments.seed is not None else secrets.randbelow(1_000_000)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    began = time.monotonic()

    def tell(text: str) -> None:
        print(text, file=sys.stderr, flush=True)  # noqa: T201

    tally = campaign(arguments.points, seed, tell, arguments.only)
    line = {
        "runs": arguments.points,
        "points": tally.points,
        "killed": tally.killed,
        "full": tally.full,
        "failed_steps": tally.failed_steps,
        "broken": len(tally.broken),
        "skipped": tally.skipped,
        "seed": seed,
        "seconds": round(time.monotonic() - began, 1),
    }
    print(json.dumps(line), flush=True)  # noqa: T201
    return 1 if tally.broken else 0


if __name__ == "__main__":
    sys.exit(main())
