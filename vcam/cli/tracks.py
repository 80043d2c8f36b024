"""`garim tracks`: what there is in a video that may be left clear."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vcam.base.logs import configure
from vcam.cli.camera import Config, Name, chosen
from vcam.cli.progress import seconds
from vcam.cli.table import show

if TYPE_CHECKING:
    from vcam.track.trail import Trail


def tracks(
    source: Annotated[Path, typer.Argument(metavar="IN", help="The video.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="File for the tracks, as JSON lines.")],
    config: Config = None,
    camera: Name = None,
) -> None:
    """List what is tracked in a video, for 'garim mask --clear'.

    A track ends wherever the next picture may show somebody else there: the one that goes on from it has a number of
    its own and names it. Tracks that are certain nowhere are left out of the list.
    """
    how = chosen(config, camera)
    configure("warning")
    from vcam.tracks import track_file

    with seconds("looked at", source) as report:
        trails = track_file(source, out, mask=how.mask, site=how.site, progress=report)
    certain = [trail for trail in trails if trail.certain]
    columns = ("track", "kind", "from s", "to s", "pictures", "certain", "best score", "follows", "within")
    show(columns, map(_row, certain))
    typer.echo(
        f"{out}: {len(certain)} tracks, and {len(trails) - len(certain)} that are certain nowhere", err=True
    )


def _row(trail: Trail) -> tuple[str, ...]:
    return (
        str(trail.number),
        str(trail.kind),
        f"{trail.start:.2f}",
        f"{trail.end:.2f}",
        str(trail.pictures),
        str(trail.certain),
        f"{trail.best:.2f}",
        str(trail.follows or ""),
        ", ".join(map(str, trail.within)),
    )
