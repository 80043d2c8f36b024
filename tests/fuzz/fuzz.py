"""`make fuzz [N=n] [SEED=n]`: spoilt SOAP, HTTP, RTSP and discovery messages, so many in all.

    python tests/fuzz/fuzz.py --cases 200000 --seed 1

Findings go to stderr; the last line of stdout is JSON. Exit 1 when anything failed, leaked, hung or grew.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main(given: Sequence[str] | None = None) -> int:
    """Run the campaign; see the module."""
    sys.path.insert(0, str(ROOT))
    from tests.fuzz.campaign import campaign

    parser = argparse.ArgumentParser(prog="fuzz", description="Send spoilt messages to a virtual device.")
    parser.add_argument("--cases", type=int, default=200_000, help="messages in all")
    parser.add_argument("--seed", type=int, default=None, help="the same seed makes the same messages")
    arguments = parser.parse_args(given)
    seed = arguments.seed if arguments.seed is not None else secrets.randbelow(1_000_000)

    def tell(text: str) -> None:
        print(text, file=sys.stderr, flush=True)  # noqa: T201

    outcome = asyncio.run(campaign(arguments.cases, seed, tell))
    for finding in outcome.findings:
        tell(finding.text())
    if outcome.grown:
        tell("Memory grew:\n    " + "\n    ".join(outcome.top))
    print(json.dumps(outcome.line()), flush=True)  # noqa: T201
    return 0 if outcome.ok else 1


if __name__ == "__main__":
    sys.exit(main())
