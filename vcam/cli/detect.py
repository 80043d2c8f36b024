"""`garim detect`: what is masked in still pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from vcam.base.logs import configure
from vcam.base.partfile import distinct
from vcam.cli.camera import Config, Name, chosen


def detect(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Pictures, or folders of pictures.")],
    out: Annotated[
        Path | None, typer.Option("--json", help="File for the regions; else they are printed.")
    ] = None,
    live: Annotated[
        bool, typer.Option("--live", help="Look no closer than a live camera's mask does.")
    ] = False,
    config: Config = None,
    camera: Name = None,
) -> None:
    """Tell which regions of still pictures are masked, as JSON."""
    how = chosen(config, camera)
    configure("warning")
    from vcam.stills import detect_files, pictures

    if out is not None:
        distinct(sorted({path.resolve() for path in pictures(paths)}), [out])

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("Pictures", total=None)
        found = detect_files(
            paths,
            mask=how.mask,
            site=how.site,
            live=live,
            progress=lambda done: progress.update(task, completed=done),
        )
    text = json.dumps(found, ensure_ascii=False)
    if out is None:
        typer.echo(text)
    else:
        out.write_text(text + "\n", encoding="utf-8")
