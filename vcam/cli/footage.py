"""`garim footage`: find what was recorded, and take it out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from vcam.base.canonical import Json
from vcam.base.errors import RecordError
from vcam.cli.instants import From, To, iso, microseconds
from vcam.cli.site import DEFAULT, Config, index, read
from vcam.cli.table import show

if TYPE_CHECKING:
    from recorder.index import Index, Segment

app = typer.Typer(help="Find what was recorded, and take it out.", no_args_is_help=True)

Camera = Annotated[str, typer.Option("--camera", help="The camera's name.")]
Kind = Literal["masked", "original"]
_LAST = 253_402_300_799_000_000
"""The last second of the year 9999 in microseconds UTC."""


def _range(start: str | None, end: str | None) -> tuple[int, int]:
    begin = microseconds(start) if start else 0
    stop = microseconds(end) if end else _LAST
    if stop <= begin:
        raise RecordError("The range ends before it begins", mend="Exchange --from and --to")
    return begin, stop


def _told(opened: Index, camera: str, kind: Kind, segments: list[Segment], task: str) -> None:
    """Put on record that footage is taken out, before it is. Whoever is at this machine did it: nobody signs in."""
    from recorder.audit.append import append
    from recorder.audit.entry import SYSTEM, Action, Entry
    from vcam.base.clock import SystemClock

    reach: dict[str, Json] = {
        "cameras": [camera],
        "start": min(each.start for each in segments),
        "end": max(each.end for each in segments),
    }
    details: dict[str, Json] = {**reach, "kind": kind, "task": task}
    with opened.database.write() as connection:
        append(
            connection,
            Entry(SystemClock().utc(), SYSTEM, Action.VIEWED, f"camera/{camera}", details, "host"),
        )


def _found(opened: Index, camera: str, kind: Kind, start: int, end: int) -> list[Segment]:
    from recorder.footage import find

    segments = find(opened, camera, start, end, kind)
    if not segments:
        raise RecordError(
            f"There is no {kind} footage of {camera} in that range", mend="See 'garim footage list'"
        )
    return segments


@app.command("list")
def list_segments(
    config: Config = DEFAULT,
    camera: Annotated[str | None, typer.Option("--camera", help="Only this camera.")] = None,
    kind: Annotated[Kind | None, typer.Option("--kind", help="Only this kind.")] = None,
    start: From = None,
    end: To = None,
) -> None:
    """List recorded segments. Times are UTC."""
    settings = read(config)
    from recorder.footage import find

    begin, stop = _range(start, end)
    kinds: tuple[Kind, ...] = ("masked", "original") if kind is None else (kind,)
    rows = []
    with index(settings) as opened:
        for name in [camera] if camera else opened.cameras():
            for each in kinds:
                for s in find(opened, name, begin, stop, each):
                    state = f"damaged: {s.damage}" if s.damage else s.state
                    times = (iso(s.start), iso(s.end), str(s.frames), str(s.size), iso(s.expires))
                    rows.append((name, each, *times, state))
    show(("Camera", "Kind", "From", "To", "Pictures", "Bytes", "Kept until", "State"), rows)


@app.command()
def masked(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The MP4 file to write; must not exist yet.")],
    camera: Camera,
    config: Config = DEFAULT,
    start: From = None,
    end: To = None,
) -> None:
    """Join masked footage of a time range into one MP4 file, whole GOPs, without encoding it again."""
    settings = read(config)
    from recorder.footage import join_masked

    begin, stop = _range(start, end)
    with index(settings) as opened:
        segments = _found(opened, camera, "masked", begin, stop)
        _told(opened, camera, "masked", segments, "garim footage masked")
    count = join_masked(settings.recorder.folder, segments, out, start=begin, end=stop)
    typer.echo(f"{out}: {count} pictures")


@app.command()
def original(
    out: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder for the encrypted segments.")],
    camera: Camera,
    config: Config = DEFAULT,
    start: From = None,
    end: To = None,
) -> None:
    """Copy original segments, still encrypted, as age files. Who has the key opens them: age -d -i KEYFILE."""
    settings = read(config)
    from recorder.footage import join_original

    begin, stop = _range(start, end)
    with index(settings) as opened:
        segments = _found(opened, camera, "original", begin, stop)
        _told(opened, camera, "original", segments, "garim footage original: copied, still encrypted")
    out.mkdir(parents=True, exist_ok=True)
    for segment in segments:
        file = out / f"{segment.path.name}.age"
        size = join_original(settings.recorder.folder, segment, file)
        typer.echo(f"{file}: {size} bytes")
