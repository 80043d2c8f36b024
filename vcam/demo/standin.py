"""The camera's stand-in: a process of its own that serves the scene over RTSP, as a camera would.

    python -m vcam.demo.standin --port 0 [--dump DIR]

User and password come from the environment (GARIM_DEMO_USER, GARIM_DEMO_PASSWORD). Once it serves it prints one line
of JSON with its address; it ends on SIGTERM or SIGINT. With `--dump` it first leaves `camera.h264` in DIR: the
access units of one loop, one after the other, which it serves over and over.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from models.manifest import weights
from onvif_server.digest import DigestAuthority
from onvif_server.rtsp import Mount, RtspServer
from vcam.base.clock import Clock, SystemClock
from vcam.base.errors import ConfigError, GarimError
from vcam.demo.loop import LoopUnit, encode
from vcam.demo.scene import FPS, Scene

USER_VARIABLE: Final = "GARIM_DEMO_USER"
PASSWORD_VARIABLE: Final = "GARIM_DEMO_PASSWORD"  # noqa: S105 - the name of a variable
DUMP: Final = "camera.h264"
PATH: Final = "/stream1"


async def _play(loop: Sequence[LoopUnit], scene: Scene, mount: Mount, clock: Clock) -> None:
    """Publish the loop for ever, one picture every 1/25 s."""
    start = clock.monotonic()
    place = 0
    while True:
        wait = start + place / FPS - clock.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        mount.publish(loop[place % len(loop)].at(place, clock.utc(), scene))
        place += 1


async def serve(
    scene: Scene, loop: Sequence[LoopUnit], host: str, port: int, credentials: tuple[str, str]
) -> None:
    """Serve the encoded `loop` of `scene` until SIGTERM or SIGINT. Raises ServeError."""
    clock = SystemClock()
    user, password = credentials
    authority = DigestAuthority("Camera", lambda name: password if name == user else None, clock, lenient=True)
    mount = Mount(title="Camera", clock=clock, metadata=False)
    server = RtspServer({PATH: mount}, authority, clock=clock)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    bound = await server.start(host, port)
    playing = asyncio.create_task(_play(loop, scene, mount, clock))
    stopping = asyncio.create_task(stop.wait())
    try:
        await mount.ready(60)
        _say({"url": f"rtsp://{host}:{bound}{PATH}", "host": host, "port": bound})
        await asyncio.wait((playing, stopping), return_when=asyncio.FIRST_COMPLETED)
        if playing.done():
            playing.result()
    finally:
        for task in (playing, stopping):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await server.stop()


def _say(facts: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def _credentials() -> tuple[str, str]:
    try:
        return os.environ[USER_VARIABLE], os.environ[PASSWORD_VARIABLE]
    except KeyError as error:
        raise ConfigError(
            f"The camera's stand-in has no {error.args[0]}", mend="Set it in the environment"
        ) from None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the stand-in; the exit status is 1 when it cannot serve."""
    parser = argparse.ArgumentParser(prog="python -m vcam.demo.standin", description="The camera's stand-in.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0 chooses a free one")
    parser.add_argument("--dump", type=Path, help="folder that receives the loop's access units")
    options = parser.parse_args(arguments)
    try:
        credentials = _credentials()
        scene = Scene(weights("astronaut"))
        # All of it before serving: drawing beside the pipeline would take the processor from it.
        loop = list(encode(scene))
        if options.dump is not None:
            options.dump.mkdir(parents=True, exist_ok=True)
            (options.dump / DUMP).write_bytes(b"".join(unit.data for unit in loop))
        asyncio.run(serve(scene, loop, options.host, options.port, credentials))
    except GarimError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
