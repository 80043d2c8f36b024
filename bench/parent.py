"""The parent's share of one camera: `python -m bench.parent FD WARM`.

It takes the masked stream off the socket as the supervisor does, publishes it over RTSP and keeps the snapshot's
picture. At the end it prints its own milliseconds of CPU a picture.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys

from bench.meter import Meter
from onvif_server.rtsp import Mount, RtspServer
from vcam.base.channel import Unit, Unpacker
from vcam.encode.still import StillKeeper


async def serve(connection: socket.socket, meter: Meter) -> None:
    """Serve what comes until the worker hangs up."""
    mount = Mount()
    server = RtspServer({"/main": mount}, None)
    await server.start("127.0.0.1", 0)
    still = StillKeeper()
    unpacker = Unpacker()
    reader, writer = await asyncio.open_connection(sock=connection)
    while data := await reader.read(65536):
        for message in unpacker.feed(data):
            if isinstance(message, Unit):
                mount.publish(message.unit)
                still.offer(message.unit)
                meter.picture()
    writer.close()
    await writer.wait_closed()
    await server.stop()


def main() -> int:
    """Serve the socket whose descriptor is the first argument."""
    meter = Meter(int(sys.argv[2]))
    asyncio.run(serve(socket.socket(fileno=int(sys.argv[1])), meter))
    sys.stdout.write(json.dumps(meter.cost().milliseconds) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
