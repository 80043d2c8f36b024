"""`garim mask`: a file of footage, masked as a live camera is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from vcam.base.logs import configure
from vcam.cli.camera import Config, Name, chosen


def mask(
    source: Annotated[Path, typer.Argument(metavar="IN", help="The video to mask.")],
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="The masked video; MP4, Matroska or TS by its name.")
    ],
    *,
    regions: Annotated[
        Path | None, typer.Option(help="File for the masked regions, one JSON line for each picture.")
    ] = None,
    live: Annotated[
        bool,
        typer.Option("--live", help="Look as seldom as at a live camera: faster, and as its viewers see it."),
    ] = False,
    config: Config = None,
    camera: Name = None,
) -> None:
    """Mask a video file with the steps of a live camera, looking at every picture. Sound is left out."""
    how = chosen(config, camera)
    configure("warning")
    from vcam.offline import mask_file

    seconds = _duration(source)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("Seconds masked", total=seconds)

        def report(_pictures: int, done: float) -> None:
            progress.update(task, completed=round(done))

        outcome = mask_file(
            source,
            out,
            regions=regions,
            mask=how.mask,
            encode=how.encode,
            site=how.site,
            live=live,
            progress=report,
        )
        progress.update(task, completed=seconds)
    whole = f", {outcome.whole} of them masked whole" if outcome.whole else ""
    typer.echo(f"{out}: {outcome.frames} pictures{whole}, {outcome.regions} regions masked", err=True)


def _duration(path: Path) -> int | None:
    """Whole seconds of a video, when its container says; the masking itself tells what is wrong with it."""
    import av

    try:
        with av.open(f"file:{path}", options={"protocol_whitelist": "file"}) as container:
            return None if container.duration is None else round(container.duration / av.time_base)
    except (av.FFmpegError, OSError):
        return None
