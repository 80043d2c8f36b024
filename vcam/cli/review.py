"""`garim review`: look through masked footage before it leaves, and mend its masks."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

from vcam.base.errors import ConfigError
from vcam.cli.instants import From, To, microseconds
from vcam.cli.signin import As, signed_in
from vcam.cli.site import DEFAULT, Config, database, index, read
from vcam.cli.table import show

app = typer.Typer(
    help="Look through masked footage before it leaves, and mend its masks.", no_args_is_help=True
)

Place = Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder of the review.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it stays on record.")]


@app.command()
def start(
    folder: Place,
    camera: Annotated[str, typer.Option("--camera", help="The camera's name.")],
    start: From = None,
    end: To = None,
    config: Config = DEFAULT,
) -> None:
    """Begin the review of a camera's masked footage, and list what to look at first.

    The folder receives the video as it would be shared; look at it with any player.
    """
    settings = read(config)
    if start is None or end is None:
        raise ConfigError("A review needs a beginning and an end", mend="Give --from and --to")
    from recorder.footage import find_finished, join_masked, regions_masked
    from vcam.base.clock import SystemClock
    from vcam.review.folder import VIDEO, Folder, beginning

    begin, stop = microseconds(start), microseconds(end)
    media = settings.recorder.folder
    with beginning(folder), index(settings) as opened:
        segments = find_finished(
            opened, camera, begin, stop, now=SystemClock().utc(), longest=settings.recorder.segment
        )
        join_masked(media, segments, folder / VIDEO, start=begin, end=stop)
        Folder.begin(folder, camera, regions_masked(media, segments, start=begin, end=stop))
    points(folder)


@app.command()
def points(folder: Place) -> None:
    """List what to look at, gravest first. Masks that look right need a look too."""
    from vcam.review.folder import Folder

    found = Folder(folder).points()
    columns = ("from s", "to s", "track", "box", "why")
    show(
        columns,
        (
            (
                f"{point.start:.2f}",
                f"{point.end:.2f}",
                str(point.track or ""),
                ",".join(f"{edge:.0f}" for edge in point.box),
                str(point.why),
            )
            for point in found
        ),
    )
    typer.echo(f"{len(found)} places to look at", err=True)


@app.command()
def add(
    folder: Place,
    at: Annotated[float, typer.Option("--at", help="Seconds into the video at which the box is right.", min=0)],
    box: Annotated[str, typer.Option("--box", help="Left, top, right and bottom in pixels: 10,20,50,80.")],
    reason: Reason,
    back: Annotated[float, typer.Option(help="Seconds to follow it backward, at most 10.", min=0, max=10)] = 5,
    ahead: Annotated[float, typer.Option(help="Seconds to follow it forward.", min=0)] = 5,
) -> None:
    """Mask something more. It is followed forward and back until it is lost or gone."""
    from vcam.review.folder import Folder

    edges = _edges(box)
    opened = Folder(folder)
    pictures = opened.add(at, edges, reason, back=back, ahead=ahead)
    last = opened.review.changes[-1]
    typer.echo(f"masked in {pictures} pictures, change {len(opened.review.changes) - 1} ({last.reason})")


@app.command()
def remove(
    folder: Place,
    track: Annotated[int, typer.Option("--track", help="The track to leave clear.")],
    reason: Reason,
) -> None:
    """Leave a track clear that masks nobody and no plate.

    Only an export from the original can do that: a share never shows what the recording has masked.
    """
    from vcam.review.folder import Folder

    Folder(folder).remove(track, reason)


@app.command()
def undo(
    folder: Place, change: Annotated[int, typer.Argument(help="Its number in 'garim review show'.")]
) -> None:
    """Take a change back."""
    from vcam.review.folder import Folder

    Folder(folder).undo(change)


@app.command("show")
def show_changes(folder: Place) -> None:
    """List the changes, and who has approved them."""
    from vcam.review.folder import Folder
    from vcam.review.review import Added

    review = Folder(folder).review
    rows = []
    for number, change in enumerate(review.changes):
        if isinstance(change, Added):
            what = f"{len(change.boxes)} pictures from {change.first}"
        else:
            what = f"track {change.track}"
        rows.append((str(number), change.change, what, change.reason))
    show(("change", "kind", "what", "reason"), rows)
    typer.echo(f"approved by {review.reviewer}" if review.reviewer else "not approved yet", err=True)


@app.command()
def approve(folder: Place, acting: As, config: Config = DEFAULT) -> None:
    """Say that you have looked through all of it, with the changes made. Only then may it leave."""
    settings = read(config)
    from recorder.requests.role import Role
    from vcam.base.clock import SystemClock
    from vcam.review.folder import Folder

    with database(settings) as opened:
        person = signed_in(settings, opened, acting, Role.OFFICER)
        Folder(folder).approve(person.name, SystemClock().utc())
    typer.echo(f"approved by {person.name}")


def _edges(text: str) -> tuple[float, float, float, float]:
    try:
        x1, y1, x2, y2 = (float(part) for part in text.split(","))
    except ValueError:
        x1 = y1 = x2 = y2 = math.nan
    if not all(map(math.isfinite, (x1, y1, x2, y2))):
        raise ConfigError(f"--box {text!r} is no box", mend="Write it as 10,20,50,80")
    if x2 <= x1 or y2 <= y1:
        raise ConfigError(f"--box {text!r} has no area", mend="Give left, top, right and bottom, in pixels")
    return x1, y1, x2, y2
