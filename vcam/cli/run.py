"""`garim run`: what a site runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vcam.cli.site import DEFAULT, Config, read


def run(
    config: Config = DEFAULT,
    print_json: Annotated[
        bool, typer.Option("--print-json", help="Print one JSON line for each camera once it serves.")
    ] = False,
    stats_json: Annotated[
        Path | None, typer.Option("--stats-json", help="File for each camera's counters at the end.")
    ] = None,
) -> None:
    """Run a site: every camera, its virtual device, and the recorder, until SIGTERM or Ctrl-C."""
    settings = read(config)
    from vcam import app

    app.run(settings, print_json=print_json, stats_json=stats_json, config=config)
