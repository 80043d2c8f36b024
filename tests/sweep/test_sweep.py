"""The sweep in short, and that it would notice."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

SWEEP = Path(__file__).with_name("sweep.py")

SPOILT = """
import sys
sys.path[:0] = [{root!r}, {folder!r}]
{spoil}
import sweep
sys.exit(sweep.main(["--points", "2", "--seed", "5"]))
"""


def test_power_cuts_and_a_full_disk_break_no_invariant() -> None:
    """Threat: power cut, full disk: no early or lost purge, a hold wins, masked never becomes raw."""
    done = subprocess.run(
        [sys.executable, str(SWEEP), "--points", "16", "--seed", "3"],
        capture_output=True,
        text=True,
        check=False,
    )
    line = json.loads(done.stdout.splitlines()[-1])
    assert (done.returncode, line["broken"]) == (0, 0), done.stderr
    assert line["killed"] >= 12  # a late kill may come after the end
    assert line["full"] == 4 or line["skipped"]
    assert line["points"] > 300


def spoilt(spoil: str) -> str:
    """What the sweep says of a purge that is made wrong."""
    root = str(SWEEP.parents[2])
    text = SPOILT.format(root=root, folder=str(SWEEP.parent), spoil=spoil)
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    return done.stderr


def test_it_notices_a_purge_that_forgets_the_keys() -> None:
    said = spoilt("from recorder.purge import Purge\nPurge._shred = lambda self, rows: set()")
    assert "outlived its last segment" in said


def test_it_notices_a_purge_that_does_not_ask_for_holds() -> None:
    said = spoilt(
        "import recorder.fate as f, sqlalchemy as sa\nf.NOT_HELD = sa.true()\n"
        "f.DUE = f._CANDIDATES.where(f.IS_PRESENT, f.segment.c.expires <= sa.bindparam('now', type_=sa.BigInteger()))"
        ".order_by(f.segment.c.expires).limit(f._LIMIT)"
    )
    assert "under a hold" in said
