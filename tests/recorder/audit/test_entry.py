"""Entries, and the contract about what they hold."""

from __future__ import annotations

import hashlib
from pathlib import Path

from recorder.audit.entry import SYSTEM, Action, Entry, leaf_hash

DESIGN = Path(__file__).parents[3] / "docs" / "design" / "custody.md"


def test_the_design_says_what_every_action_holds() -> None:
    rows = [line for line in DESIGN.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    first = " ".join(row.split("|")[1] for row in rows)
    assert [action for action in Action if f"`{action}`" not in first] == []


def test_a_body_has_one_form() -> None:
    entry = Entry(7, SYSTEM, Action.STARTED, "site", {"b": "문", "a": [1, None, True]})
    assert entry.body(3).decode() == (
        '{"action":"site.started","actor":"garim","details":{"a":[1,null,true],"b":"문"},'
        '"number":3,"origin":"","subject":"site","time":7}'
    )
    assert leaf_hash(entry.body(3)) == hashlib.sha256(b"\0" + entry.body(3)).digest()
