"""`garim trace`: from which export does a copy come that has turned up somewhere?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vcam.cli.instants import iso
from vcam.cli.site import DEFAULT, Config, database, read


def trace(
    video: Annotated[Path, typer.Argument(help="The copy: encoded again, cut, cropped or made smaller.")],
    config: Config = DEFAULT,
) -> None:
    """Look for the invisible mark of an export. Exit status 1 when none of this site's is found.

    A mark helps an inquiry; who holds the institution's keys could forge one.
    """
    settings = read(config)
    from recorder.evidence.register import Exports
    from vcam.export.trace import Tracer
    from vcam.export.watermark import open_key
    from vcam.review.footage import lumas

    tracer = Tracer(open_key(settings.site.state / "keys"))
    for luma, seconds in lumas(video):
        tracer.add(luma, seconds)
    with database(settings) as opened:
        exports = {export.mark: export for export in Exports(opened).list()}
    found = tracer.find(exports)
    if found is None or found.number not in exports:
        typer.echo("No mark of an export of this site was found")
        raise typer.Exit(1)
    export = exports[found.number]
    case = f"request {export.request}" if export.request else export.reason
    typer.echo(f"{export.id}: {export.kind}, {iso(export.created)}, by {export.created_by}, {case}")
    typer.echo(f"given to: {export.receiver or 'nobody named'}")
    typer.echo(f"the mark stands out by {found.certainty:.1f} standard deviations", err=True)
