"""`garim mask`: a file of footage, masked as a live camera is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from vcam.base.errors import ConfigError
from vcam.base.logs import configure
from vcam.base.settings import Zone
from vcam.cli.camera import Config, Name, chosen
from vcam.cli.progress import seconds


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
    clear: Annotated[
        str,
        typer.Option(metavar="N,...", help="Tracks that stay clear wherever they are certain; needs --tracks."),
    ] = "",
    tracks: Annotated[
        Path | None, typer.Option(help="File of tracks that 'garim tracks' has made of the same video.")
    ] = None,
    keep_zone: Annotated[
        str,
        typer.Option(
            metavar="'X,Y X,Y ...'",
            help="Mask everything outside this polygon; corners as fractions of width and height.",
        ),
    ] = "",
    config: Config = None,
    camera: Name = None,
) -> None:
    """Mask a video file with the steps of a live camera, looking at every picture. Sound is left out.

    With --clear, everybody but the chosen tracks is masked; they are masked too wherever it is not certain where
    they are.
    """
    how = chosen(config, camera)
    numbers, kept = _numbers(clear), zone(keep_zone)
    configure("warning")
    from vcam.offline import mask_file

    with seconds("masked", source) as report:
        outcome = mask_file(
            source,
            out,
            regions=regions,
            mask=how.mask,
            encode=how.encode,
            site=how.site,
            live=live,
            progress=report,
            clear=numbers,
            tracks=tracks,
            keep=kept,
        )
    whole = f", {outcome.whole} of them masked whole" if outcome.whole else ""
    typer.echo(f"{out}: {outcome.frames} pictures{whole}, {outcome.regions} regions masked", err=True)
    if numbers:
        typer.echo(
            f"Tracks {clear}: clear in {outcome.cleared} pictures, masked in {outcome.withheld} as uncertain",
            err=True,
        )


def _numbers(text: str) -> frozenset[int]:
    try:
        return frozenset(int(number) for number in text.split(",")) if text else frozenset()
    except ValueError as error:
        raise ConfigError(
            f"--clear {text!r} does not name tracks", mend="Give their numbers, as in --clear 3,7"
        ) from error


def zone(text: str) -> Zone | None:
    """The polygon that `text` gives, None for none. Raises ConfigError."""
    if not text:
        return None
    try:
        points = [corner.split(",") for corner in text.split()]
        return Zone.model_validate({"name": "kept clear", "points": points})
    except ValidationError as error:
        raise ConfigError(
            f"--keep-zone {text!r} is no polygon",
            mend="Give three corners or more between 0 and 1, as in --keep-zone '0.1,0.2 0.6,0.2 0.6,0.9'",
        ) from error
