"""`make interop`: every client that others wrote, against a running site.

    python tests/interop/interop.py [--only NAME...]

Installs what is not there yet, prints one line for each client, and JSON as the last line of stdout. Exit 0 only if
all pass; a client that this machine cannot have is named as absent and does not count.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.interop.site import Site
    from tests.interop.verdict import Verdict

ROOT = Path(__file__).resolve().parents[2]
ADDERS = (
    "onvif-zeep-async",
    "onvif-zeep",
    "npm-onvif",
    "node-onvif",
    "onveef",
    "zoneminder",
    "onvif-python",
    "brainframe",
    "onvif-util",
)
SEARCHERS = ("npm-onvif", "zoneminder", "wsdiscovery")


def _checks() -> dict[str, Callable[[Site], Verdict]]:
    from tests.interop.adders import add, find
    from tests.interop.players import PLAYERS, play
    from tests.interop.suite import NAME, suite

    checks: dict[str, Callable[[Site], Verdict]] = {name: partial(add, name=name) for name in ADDERS}
    checks |= {f"{name} (search)": partial(find, name=name) for name in SEARCHERS}
    for player in PLAYERS:
        for transport in player.transports:
            checks[f"{player.name} {transport}"] = partial(play, player=player, transport=transport)
    checks[NAME] = suite
    return checks


def main(given: Sequence[str] | None = None) -> int:
    """Run all checks; see the module."""
    sys.path.insert(0, str(ROOT))
    from tests.interop.place import place
    from tests.interop.site import site

    checks = _checks()
    parser = argparse.ArgumentParser(prog="interop", description="Clients of others against a running site.")
    parser.add_argument("--only", nargs="*", choices=list(checks), help="these alone")
    wanted = parser.parse_args(given).only or list(checks)
    verdicts: list[Verdict] = []
    scratch = tempfile.TemporaryDirectory(prefix="garim-interop-")
    with scratch as folder, place() as where, site(where, Path(folder)) as running:
        for name in wanted:
            verdict = checks[name](running)
            verdicts.append(verdict)
            print(verdict, flush=True)  # noqa: T201
    told = {verdict.client: {"outcome": verdict.outcome, "what": verdict.what} for verdict in verdicts}
    bad = [verdict.client for verdict in verdicts if verdict.bad]
    print(json.dumps({"ok": not bad, "failed": bad, "clients": told}), flush=True)  # noqa: T201
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
