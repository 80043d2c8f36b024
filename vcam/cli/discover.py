"""`garim discover`: real cameras on the network."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vcam.base.errors import ConfigError
from vcam.base.settings import Secret
from vcam.cli import table

if TYPE_CHECKING:
    from vcam.physical.sighting import Sighting

_COLUMNS = ("Address", "Vendor", "Model", "Profiles", "Streams", "Usable")
_ANSWER = 5.0
"""Seconds that each camera has for each answer."""
_AT_ONCE = 16


def discover(
    timeout: Annotated[
        float, typer.Option(min=0.5, max=60, help="Seconds to wait for cameras to answer.")
    ] = 4.0,
    interface: Annotated[
        str | None, typer.Option(help="IPv4 address of the interface to search by; else all.")
    ] = None,
    user: Annotated[str | None, typer.Option(help="User name at the cameras.")] = None,
    password_file: Annotated[
        Path | None, typer.Option(help="File whose first line is that user's password.")
    ] = None,
    toml: Annotated[bool, typer.Option("--toml", help="Print blocks for a settings file instead.")] = False,
) -> None:
    """List the ONVIF cameras on the network, and whether Garim can use them.

    With a user name and password, their streams too. These are sent to every camera found, as digests only.
    Virtual cameras of Garim are left out.
    """
    credentials = _credentials(user, password_file)
    found = asyncio.run(_find(timeout, interface, credentials))
    if toml:
        from vcam.physical.blocks import blocks

        file = password_file.resolve() if password_file is not None else None
        typer.echo(blocks(found, user, file), nl=False)
        return
    table.show(_COLUMNS, [_row(each) for each in found])
    if not found:
        typer.echo(
            "No camera has answered. Is it on this network, and ONVIF switched on at the camera?", err=True
        )


def _credentials(user: str | None, password_file: Path | None) -> tuple[str, str] | None:
    if user is None:
        if password_file is not None:
            raise ConfigError("--password-file needs --user", mend="Name the user too")
        return None
    if password_file is None:
        return user, ""
    return user, Secret(file=password_file).read("--password-file")


def _row(sighting: Sighting) -> tuple[str, ...]:
    return (
        sighting.address,
        sighting.vendor,
        sighting.model,
        str(len(sighting.profiles)),
        sighting.streams,
        f"no: {sighting.problem}" if sighting.problem else "yes",
    )


async def _find(timeout: float, interface: str | None, credentials: tuple[str, str] | None) -> list[Sighting]:
    from onvif_server.wsdl import types
    from vcam.base.clock import SystemClock
    from vcam.physical.search import Candidate, search
    from vcam.physical.sighting import look

    clock, known = SystemClock(), types()
    turn = asyncio.Semaphore(_AT_ONCE)

    async def one(candidate: Candidate) -> Sighting | None:
        async with turn:
            return await look(candidate, credentials, types=known, clock=clock, timeout=_ANSWER)

    looks = await asyncio.gather(*(one(each) for each in await search(timeout, interface)))
    return [sighting for sighting in looks if sighting is not None]
