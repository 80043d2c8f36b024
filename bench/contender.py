"""One contender in a process of its own: `python -m bench.contender NAME CLIP PICTURES WARM` prints its cost."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import structlog

from bench import floor, opencv, ours
from bench.meter import Cost

CONTENDERS: dict[str, Callable[[Path, int, int], Cost]] = {
    "floor": floor.run,
    "ours": ours.run,
    "opencv": opencv.run,
}


def main() -> int:
    """Run the contender that the arguments name."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    name, path, limit, warm = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    cost = CONTENDERS[name](path, limit, warm)
    sys.stdout.write(json.dumps({"seconds": cost.seconds, "pictures": cost.pictures}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
