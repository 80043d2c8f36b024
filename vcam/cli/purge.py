"""`garim purge`: footage whose time is over."""

from __future__ import annotations

from typing import Annotated

import typer

from vcam.cli.instants import iso
from vcam.cli.site import DEFAULT, Config, index, read

_MOST = 1_000_000
"""Segments that a dry run lists at the most."""


def purge(
    config: Config = DEFAULT,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List what would be deleted, delete nothing.")
    ] = False,
) -> None:
    """Delete footage whose retention is over now, as the running recorder does by itself.

    Footage that was recorded under another retention first takes on that of the settings.
    """
    settings = read(config)
    from recorder.purge import Purge
    from vcam.base.clock import SystemClock

    with index(settings) as opened:
        opened.fate.reschedule()
        work = Purge(opened, settings.recorder.folder, SystemClock())
        if dry_run:
            rows = work.candidates(_MOST)
            for row in rows:
                typer.echo(f"{row.camera} {row.kind} {iso(row.start)} {row.path}")
            typer.echo(f"{len(rows)} segments would be deleted")
            return
        done = work.run()
    typer.echo(f"{done.segments} segments deleted, {done.size} bytes")
    for path in done.failed:
        typer.echo(f"{path} could not be deleted", err=True)
    if done.failed:
        raise typer.Exit(1)
