"""`python -m bench.crowd [--clients N] [--seconds S] [--json FILE]`: CPU of the RTSP server, one client and many.

The server publishes a stream as an encoder of 1080p makes it, 25 pictures a second; the clients are processes of
their own, whose work is not counted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console

from bench.meter import busy
from onvif_server.rtsp import Limits, Mount, RtspServer
from vcam.base.logs import configure
from vcam.base.media import TICKS, MaskedUnit

FPS = 25
GOP = 50
IDR, OTHER = 80_000, 15_000
"""Bytes of an IDR picture and of another: 3.3 Mbit a second."""
TARGET = 0.10
"""Cores that the crowd may cost on top of one client, by either transport."""

_SETS = bytes.fromhex("000000016742c0288c0000000168ce3c80")


@dataclass(frozen=True, slots=True)
class Share:
    """What a number of clients cost: `core` is the share of one core that the server used."""

    transport: str
    clients: int
    core: float
    received: float
    """Of what was sent, the share that the client with the least of it got."""


def unit(number: int) -> MaskedUnit:
    """One access unit, of no content."""
    key = number % GOP == 0
    body = (b"\x00\x00\x01\x65" if key else b"\x00\x00\x01\x41") + b"\x80" * (IDR if key else OTHER)
    pts = number * TICKS // FPS
    return MaskedUnit((_SETS if key else b"") + body, pts, pts, pts * 100 // 9, key, number, 1920, 1080)


async def measure(transport: str, clients: int, seconds: float) -> Share:
    """Serve that many clients for so long."""
    mount = Mount(metadata=False)
    server = RtspServer({"/main": mount}, None, limits=Limits(clients=clients))
    port = await server.start("127.0.0.1", 0)
    mount.publish(unit(0))
    command = (sys.executable, "-m", "bench.audience", str(port), str(clients), transport)
    audience = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
    try:
        assert audience.stdout is not None
        await audience.stdout.readline()
        loop = asyncio.get_running_loop()
        units = [unit(number) for number in range(1, round(seconds * FPS) + 1)]
        start, before = loop.time(), busy()
        for place, one in enumerate(units):
            await asyncio.sleep(max(0.0, start + place / FPS - loop.time()))
            mount.publish(one)
        await asyncio.sleep(max(0.0, start + len(units) / FPS - loop.time()))
        core = (busy() - before) / (loop.time() - start)
        out, _ = await audience.communicate(b"")
    finally:
        await server.stop()
    sent = sum(len(one.data) for one in units)
    return Share(transport, clients, core, min(json.loads(out)) / sent)


async def compare(clients: int, seconds: float, console: Console) -> list[Share]:
    """One client and the crowd, over TCP and UDP."""
    found = []
    for transport in ("tcp", "udp"):
        for number in (1, clients):
            share = await measure(transport, number, seconds)
            console.print(
                f"{transport}: {number} client{'s' if number > 1 else ''}: {100 * share.core:.1f}% of a core"
            )
            found.append(share)
        console.print(
            f"{transport}: {100 * (found[-1].core - found[-2].core):.1f}% of a core on top of one client"
        )
    console.print(f"Target: under {100 * TARGET:.0f}% on top.")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.crowd", description=__doc__)
    parser.add_argument("--clients", type=int, default=50, help="how many clients make a crowd")
    parser.add_argument("--seconds", type=float, default=10, help="how long each of the four runs lasts")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    options = parser.parse_args(arguments)
    found = asyncio.run(compare(options.clients, options.seconds, Console(soft_wrap=True)))
    if options.json is not None:
        text = json.dumps([asdict(share) for share in found], indent=2)
        options.json.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    configure("warning")
    sys.exit(main())
