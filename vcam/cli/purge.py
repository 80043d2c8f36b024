"""`garim purge`: footage whose time is over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from vcam.cli.instants import iso
from vcam.cli.site import DEFAULT, Config, index, read, shares

if TYPE_CHECKING:
    from recorder.index import Index
    from recorder.purge import Purge

_MOST = 1_000_000
"""Segments that a dry run lists at the most."""


def purge(
    config: Config = DEFAULT,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List what would be deleted and what is held, delete nothing.")
    ] = False,
) -> None:
    """Delete footage whose retention is over now, as the running recorder does by itself.

    Footage that was recorded under another retention first takes on that of the settings.
    """
    settings = read(config)
    from recorder.purge import Purge
    from vcam.app import ballast
    from vcam.base.clock import SystemClock

    with index(settings) as opened, shares(settings) as store:
        opened.fate.reschedule()
        work = Purge(opened, settings.recorder.folder, SystemClock(), shares=store, ballast=ballast(settings))
        if dry_run:
            _tell(opened, work)
            return
        done = work.run()
    typer.echo(f"{done.segments} segments deleted, {done.size} bytes")
    for path in done.failed:
        typer.echo(f"{path} could not be deleted", err=True)
    if done.failed:
        raise typer.Exit(1)


def _tell(opened: Index, work: Purge) -> None:
    from recorder.holds import Holds
    from vcam.base.clock import SystemClock

    clock = SystemClock()
    rows = work.candidates(_MOST)
    for row in sorted(rows, key=lambda row: (row.camera, row.start)):
        typer.echo(f"{row.camera} {row.kind} {iso(row.start)} {row.path} expired {iso(row.expires)}")
    for hold in Holds(opened.database, clock).list():
        count, size = opened.fate.kept_by(hold.camera, hold.start, hold.end, clock.utc())
        if count:
            typer.echo(
                f"{hold.camera} {iso(hold.start)} to {iso(hold.end)}: {count} expired segments, {size} bytes, "
                f"stay: held by hold {hold.id} of {hold.placed_by} ({hold.reason})"
            )
    totals: dict[str, tuple[int, int]] = {}
    for row in rows:
        count, size = totals.get(row.camera, (0, 0))
        totals[row.camera] = count + 1, size + row.bytes
    for name, (count, size) in sorted(totals.items()):
        typer.echo(f"{name}: {count} segments, {size} bytes")
    typer.echo(f"{len(rows)} segments would be deleted")
