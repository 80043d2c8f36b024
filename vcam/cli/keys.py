"""`garim keys`: the keys of those who may open originals."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Keys of those who may open originals.", no_args_is_help=True)


@app.callback()
def _keys() -> None:
    """Keys of those who may open originals."""


@app.command()
def new(
    out: Annotated[Path, typer.Option("--out", "-o", help="File for the private half; must not exist yet.")],
) -> None:
    """Make a key pair. Prints the public half, for 'recipients'. Keep the file away from the recorder."""
    from recorder.keys import new_identity
    from vcam.base.clock import SystemClock

    typer.echo(new_identity(out, SystemClock()))
