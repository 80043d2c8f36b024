"""`make bench [CLIP=FILE] [QUICK=1] [JSON=FILE]`: CPU milliseconds a picture of three pipelines on one clip."""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.clip import Clip, drawn, inspect
from bench.meter import Cost
from vcam.base.errors import GarimError, WorkerError

TITLES = {
    "floor": "floor: decode, encode with our settings, nothing between",
    "ours": "Garim at its defaults: detect, track, mask, encode, record twice, serve",
    "opencv": "OpenCV: decode, YuNet 640 in every picture, mosaic, write mp4v",
}
TARGET = 1.6
"""Garim is to cost at most so many times the floor."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured: pictures of the clip, and how often each contender runs, by turns."""

    pictures: int
    warm: int
    repeats: int


FULL = Effort(pictures=500, warm=50, repeats=3)
QUICK = Effort(pictures=175, warm=25, repeats=1)


def measure(name: str, clip: Clip, effort: Effort) -> Cost:
    """Run one contender once in a process of its own. Raises WorkerError when it fails."""
    arguments = [name, str(clip.path), str(effort.pictures), str(effort.warm)]
    done = subprocess.run(
        [sys.executable, "-m", "bench.contender", *arguments], capture_output=True, text=True, check=False
    )
    lines = done.stdout.splitlines()
    if done.returncode or not lines:
        last = done.stderr.strip().splitlines()[-1:] or ["it printed nothing"]
        raise WorkerError(f"The contender {name!r} failed: {last[0]}", mend="Give a clip that it can read")
    found = json.loads(lines[-1])
    cost = Cost(float(found["seconds"]), int(found["pictures"]))
    if cost.pictures < effort.warm:
        raise WorkerError(
            f"The clip has only {cost.pictures + effort.warm} pictures",
            mend=f"Give one of {2 * effort.warm} or more",
        )
    return cost


def compare(clip: Clip, effort: Effort, console: Console) -> dict[str, float]:
    """Milliseconds of CPU a picture by contender, the median of the repeats."""
    found: dict[str, list[float]] = {name: [] for name in TITLES}
    for turn in range(effort.repeats):
        for name in TITLES:
            console.print(f"{turn + 1}/{effort.repeats} {name} ...", style="dim")
            found[name].append(measure(name, clip, effort).milliseconds)
    return {name: statistics.median(times) for name, times in found.items()}


def table(costs: dict[str, float], clip: Clip) -> Table:
    """The costs beside the floor."""
    title = f"CPU a picture: {clip.path.name}, {clip.codec} {clip.width}x{clip.height} at {clip.fps:g} a second"
    out = Table(title=title)
    out.add_column("pipeline")
    for heading in ("ms", "times the floor", "streams a core"):
        out.add_column(heading, justify="right")
    for name, cost in costs.items():
        out.add_row(
            TITLES[name], f"{cost:.1f}", f"{cost / costs['floor']:.2f}", f"{1000 / (cost * clip.fps):.1f}"
        )
    return out


def figures(costs: dict[str, float], clip: Clip, effort: Effort) -> dict[str, object]:
    """What `--json` writes. Milliseconds are CPU, user and system, a picture."""
    return {
        "floor_ms": round(costs["floor"], 3),
        "ours_busy_ms": round(costs["ours"], 3),
        "opencv_ms": round(costs["opencv"], 3),
        "ours_to_floor": round(costs["ours"] / costs["floor"], 3),
        "opencv_to_floor": round(costs["opencv"] / costs["floor"], 3),
        "clip": clip.path.name,
        "width": clip.width,
        "height": clip.height,
        "fps": clip.fps,
        "codec": clip.codec,
        "pictures": effort.pictures - effort.warm,
        "repeats": effort.repeats,
    }


def run(options: argparse.Namespace, console: Console) -> None:
    """Measure, print and write. Raises GarimError."""
    effort = QUICK if options.quick else FULL
    with tempfile.TemporaryDirectory(prefix="garim-bench-") as folder:
        if options.clip is None:
            console.print("Drawing the clip ...", style="dim")
        path = options.clip or drawn(Path(folder), effort.pictures)
        clip = inspect(path)
        costs = compare(clip, effort, console)
    console.print(table(costs, clip))
    console.print(f"Target: at most {TARGET} times the floor.")
    if options.json is not None:
        text = json.dumps(figures(costs, clip, effort), indent=2)
        options.json.write_text(text + "\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; the exit status is 1 when something cannot be measured."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--clip", type=Path, help="a video file; by default the demo's scene is drawn at 1080p")
    parser.add_argument("--quick", action="store_true", help="one repeat on a short piece, within a minute")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    options = parser.parse_args(arguments)
    try:
        run(options, Console(soft_wrap=True))
    except GarimError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
