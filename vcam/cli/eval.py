"""`garim eval`: how well footage is masked."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from vcam.base.logs import configure
from vcam.cli.camera import Config, Name, chosen


def evaluate(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of labelled pictures and clips.")],
    clips: Annotated[str, typer.Option(help="Only clips whose names begin so, separated by commas.")] = "",
    every: Annotated[int, typer.Option(min=1, help="Judges look at every so many pictures of a clip.")] = 1,
    only: Annotated[str | None, typer.Option(help="One part: faces, plates or clips.")] = None,
    out: Annotated[Path | None, typer.Option("--json", help="File for every figure.")] = None,
    cache: Annotated[
        Path | None, typer.Option(help="Folder that keeps what judges saw, as numbers only.")
    ] = None,
    config: Config = None,
    camera: Name = None,
) -> None:
    """Measure how well footage is masked."""
    how, _ = chosen(config, camera)
    configure("warning")
    from rich.console import Console

    from vcam.quality.evalset import read_set
    from vcam.quality.evaluation import evaluate as measure
    from vcam.quality.judge import judges
    from vcam.quality.verdicts import Cache, default_folder

    found = read_set(folder, clips=tuple(filter(None, clips.split(","))), only=only)
    console = Console(stderr=True)

    class W:
        def step(self, what: str) -> None:
            console.print(what, style="dim")

    result = measure(found, how, judges(), Cache(cache or default_folder()), every=every, watcher=W())
    for f in result.clips:
        print(
            f"{f.name} frames {f.pictures} whole {f.whole} area {f.area:.3f} (max {f.area_most:.3f}) limit {f.limit:.3f} quiet {f.quiet:.4f}/{f.quiet_pictures} starts/min {f.starts_a_minute:.0f} cpu {f.cpu_ms:.1f} ms"
        )
        for n, t in f.tallies.items():
            print(
                f"    {n:12} leaked {t.leaked}/{t.seen} = {t.per_thousand:.1f}/1000 through {t.through} in {t.leaky_pictures} pictures, run {t.longest_run}, flicker {t.dropped}/{t.tracked}"
            )
    print("ALL")
    for n in result.judges:
        ts = [f.tallies[n] for f in result.clips]
        seen, leaked = sum(t.seen for t in ts), sum(t.leaked for t in ts)
        print(f"    {n:12} leaked {leaked}/{seen} = {1000 * leaked / max(1, seen):.2f}/1000")
    if out:
        out.write_text(json.dumps(asdict(result)))
