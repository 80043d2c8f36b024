"""The bench of many clients, in small."""

from __future__ import annotations

import json
from pathlib import Path

from bench import crowd


def test_every_client_of_the_crowd_is_served(tmp_path: Path) -> None:
    out = tmp_path / "crowd.json"
    assert crowd.main(["--clients", "5", "--seconds", "0.4", "--json", str(out)]) == 0
    found = json.loads(out.read_text())
    assert [(share["transport"], share["clients"]) for share in found] == [
        ("tcp", 1),
        ("tcp", 5),
        ("udp", 1),
        ("udp", 5),
    ]
    # Framing comes on top, and the first picture; what is on its way when the time is up may be missing.
    assert all(share["received"] > 0.8 for share in found)
    assert all(share["core"] > 0 for share in found)
