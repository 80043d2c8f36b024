"""`garim network`: an address and a MAC for each virtual camera that shall have its own."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vcam.cli.site import DEFAULT, Config, read

if TYPE_CHECKING:
    from vcam.network.macvlan import Step

app = typer.Typer(help="Addresses of virtual cameras on this host.", no_args_is_help=True)

Parent = Annotated[
    str | None,
    typer.Option("--parent", help="Interface to hang the cameras on; by default the one in their network."),
]


@app.command()
def plan(
    config: Config = DEFAULT,
    parent: Parent = None,
    apply: Annotated[bool, typer.Option("--apply", help="Run the commands too; needs root.")] = False,
    unit: Annotated[
        bool, typer.Option("--unit", help="Print a systemd unit that does so at every start.")
    ] = False,
) -> None:
    """Print the commands that give each camera with an 'address' an interface of its own; '#' marks what is done."""
    settings = read(config)
    from onvif_server.identity import camera_identity, installation
    from vcam.network import unit as units
    from vcam.network.host import look, need_root
    from vcam.network.macvlan import Wish
    from vcam.network.macvlan import plan as steps_for

    if unit:
        typer.echo(units.unit(_program(), config.absolute(), parent), nl=False)
        return
    if apply:
        need_root()
    site = installation(settings.site.state)
    wishes = [
        Wish(camera.name, camera_identity(site, camera.name).uuid, camera.address)
        for camera in settings.camera
        if camera.address is not None
    ]
    _walk(steps_for(wishes, look(), parent), apply)


@app.command()
def remove() -> None:
    """Take all interfaces away that 'garim network plan --apply' has made; needs root."""
    from vcam.network.host import look, need_root
    from vcam.network.macvlan import removal

    need_root()
    _walk(removal(look()), True)


def _program() -> tuple[str, ...]:
    """How this very installation is called."""
    beside = Path(sys.executable).with_name("garim")
    return (str(beside),) if beside.is_file() else (sys.executable, "-m", "vcam.cli")


def _walk(steps: Sequence[Step], apply: bool) -> None:
    from vcam.network.host import run

    for step in steps:
        typer.echo(f"{'# ' if step.done else ''}{shlex.join(step.command)}")
        if apply and not step.done:
            run(step.command)
    if all(step.done for step in steps):
        typer.echo("# There is nothing to do.")
