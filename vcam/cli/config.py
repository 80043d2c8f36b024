"""`garim config`: settings files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vcam.base.settings_example import example as example_text
from vcam.base.settings_example import reference as reference_text
from vcam.base.settings_file import load
from vcam.cli.site import CHECKS

app = typer.Typer(help="Settings files.", no_args_is_help=True)


@app.command()
def check(file: Annotated[Path, typer.Argument(help="The settings file.")]) -> None:
    """Name every mistake in a settings file: its line, key, value and mend."""
    settings = load(file, CHECKS)
    cameras = len(settings.camera)
    typer.echo(f"{file} is right: {cameras} camera{'s' if cameras > 1 else ''}")


@app.command()
def example(
    recipient: Annotated[
        str | None, typer.Option(help="Public key (age1...) for originals, as 'garim keys new' prints it.")
    ] = None,
) -> None:
    """Print a settings file with every setting, what it means, and its default."""
    typer.echo(example_text(recipient), nl=False)


@app.command()
def reference() -> None:
    """Print every setting as Markdown tables."""
    typer.echo(reference_text(), nl=False)
