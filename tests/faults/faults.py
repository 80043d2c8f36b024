"""`make faults [FRAMES=n] [SEED=n]`: faults at random, at every seam, until so many pictures have been judged.

    python tests/faults/faults.py --frames 10000 --seed 1 [--footage DIR] [--cache DIR]

Clips of the evaluation footage and the drawn scene are played through the product's own live threads. The stories of
unmasked pictures go to stderr; the last line of stdout is JSON. Exit 1 when a picture was unmasked, 2 when nothing
could be played.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import secrets
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="faults", description="Search for pictures that a fault leaves unmasked."
    )
    parser.add_argument("--frames", type=int, default=10_000, help="pictures to judge")
    parser.add_argument("--seed", type=int, default=None, help="the same seed gives the same faults")
    footage = Path(os.environ.get("GARIM_EVAL", ROOT.parent / "shared" / "eval")) / "clips"
    parser.add_argument("--footage", type=Path, default=footage, help="folder of the evaluation clips")
    cache = Path(tempfile.gettempdir()) / f"garim-faults-{os.getuid()}"
    parser.add_argument("--cache", type=Path, default=cache, help="folder for what is known of the clips")
    parser.add_argument("--run", type=int, default=None, help="play this run of the seed alone")
    return parser.parse_args(given)


def main(given: Sequence[str] | None = None) -> int:
    """Run the campaign; see the module."""
    sys.path.insert(0, str(ROOT))
    import cv2
    import structlog

    from tests.faults.campaign import campaign
    from tests.faults.clip import library
    from vcam.base.errors import GarimError

    arguments = _arguments(given)
    seed = arguments.seed if arguments.seed is not None else secrets.randbelow(1_000_000)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    cv2.setNumThreads(1)

    def tell(text: str) -> None:
        print(text, file=sys.stderr, flush=True)  # noqa: T201

    try:
        clips = library(arguments.footage, arguments.cache, tell)
    except GarimError as error:
        tell(str(error))
        return 2
    tally = campaign(clips, arguments.frames, seed, tell, only=arguments.run)
    print(json.dumps(tally.line()), flush=True)  # noqa: T201
    return 1 if tally.unmasked else 0


if __name__ == "__main__":
    sys.exit(main())
