"""`garim demo`: the whole product on a drawn camera."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vcam.base.logs import configure


def demo(
    seconds: Annotated[
        float | None, typer.Option(min=1, help="End after so many seconds, check, and print a JSON summary.")
    ] = None,
    config_out: Annotated[
        Path | None, typer.Option("--config-out", help="Write the demo's settings as a starting point.")
    ] = None,
    folder: Annotated[Path, typer.Option(help="Folder for the demo's recordings, keys and logs.")] = Path(
        "demo"
    ),
) -> None:
    """Show the product at work on a camera that it draws itself; needs no camera and no network."""
    configure("warning")  # before libraries that would tell of themselves are imported
    from vcam.demo.run import demo as play

    raise typer.Exit(play(seconds=seconds, config_out=config_out, folder=folder))
