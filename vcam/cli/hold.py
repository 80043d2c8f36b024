"""`garim hold`: footage that must not be purged, whatever its age."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from vcam.base.errors import ConfigError
from vcam.base.settings import Settings
from vcam.cli.instants import iso, microseconds
from vcam.cli.signin import As, signed_in
from vcam.cli.site import DEFAULT, Config, database, read
from vcam.cli.table import show

if TYPE_CHECKING:
    from recorder.database import Database
    from recorder.holds import Hold

app = typer.Typer(help="Keep footage beyond its time: legal holds on cameras and hours.", no_args_is_help=True)

_HEADINGS = ("Hold", "Camera", "From", "To", "Reason", "Request", "Placed", "By", "Lifted", "By")


def _named(settings: Settings, opened: Database, cameras: list[str]) -> None:
    """A slip in a name would hold nothing. Raises ConfigError."""
    from sqlalchemy import select

    from recorder.tables import camera

    with opened.read() as connection:
        known = {entry.name for entry in settings.camera} | set(connection.scalars(select(camera.c.name)))
    for name in cameras:
        if name not in known:
            raise ConfigError(f"There is no camera {name!r}", mend=f"Cameras are: {', '.join(sorted(known))}")


def _row(hold: Hold) -> tuple[str, ...]:
    ended = iso(hold.lifted) if hold.lifted is not None else ""
    return (
        str(hold.id),
        hold.camera,
        iso(hold.start),
        iso(hold.end),
        hold.reason,
        hold.request or "",
        iso(hold.placed),
        hold.placed_by,
        ended,
        hold.lifted_by or "",
    )


@app.command()
def place(
    *,
    camera: Annotated[list[str], typer.Option("--camera", help="The camera's name; may be given again.")],
    start: Annotated[str, typer.Option("--from", metavar="TIME", help="ISO 8601; widened to whole hours.")],
    end: Annotated[str, typer.Option("--to", metavar="TIME", help="ISO 8601; widened to whole hours.")],
    reason: Annotated[str, typer.Option("--reason", help="Why it must be kept.")],
    person: As,
    config: Config = DEFAULT,
    request: Annotated[str | None, typer.Option("--request", help="Number of the request it serves.")] = None,
) -> None:
    """Hold cameras and hours, those to come too: nothing of them is purged until the hold is lifted."""
    settings = read(config)
    from recorder.holds import Holds
    from recorder.requests.people import HOST
    from recorder.requests.role import Role
    from vcam.base.clock import SystemClock

    first, last = microseconds(start), microseconds(end)
    with database(settings) as opened:
        _named(settings, opened, camera)
        by = signed_in(settings, opened, person, Role.OFFICER, Role.APPROVER).name
        placed = Holds(opened, SystemClock()).place(
            camera, first, last, reason=reason, by=by, request=request, origin=HOST
        )
    show(_HEADINGS, map(_row, placed))


@app.command()
def lift(
    number: Annotated[int, typer.Argument(metavar="HOLD", help="The hold's number.")],
    reason: Annotated[str, typer.Option("--reason", help="Why it is over.")],
    person: As,
    config: Config = DEFAULT,
) -> None:
    """End a hold. What no other hold covers goes when its time is over."""
    settings = read(config)
    from recorder.holds import Holds
    from recorder.requests.people import HOST
    from recorder.requests.role import Role
    from vcam.base.clock import SystemClock

    with database(settings) as opened:
        by = signed_in(settings, opened, person, Role.APPROVER).name
        lifted = Holds(opened, SystemClock()).lift(number, by=by, reason=reason, origin=HOST)
    show(_HEADINGS, [_row(lifted)])


@app.command("list")
def list_holds(
    config: Config = DEFAULT,
    lifted: Annotated[bool, typer.Option("--all", help="Those that have been lifted too.")] = False,
) -> None:
    """List holds. Times are UTC."""
    settings = read(config)
    from recorder.holds import Holds
    from vcam.base.clock import SystemClock

    with database(settings) as opened:
        found = Holds(opened, SystemClock()).list(lifted=lifted)
    show(_HEADINGS, map(_row, found))
