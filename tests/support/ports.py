"""Ports for servers that are started by others and cannot choose their own."""

from __future__ import annotations

import random
import socket
from contextlib import ExitStack, suppress
from typing import Final

BELOW: Final = range(15_000, 32_000)
"""Under those that hosts give to outgoing connections: nobody gets one of them by chance before it is used."""


def free_ports(count: int, host: str = "127.0.0.1") -> list[int]:
    """So many different TCP ports of `host` that nobody used a moment ago."""
    dice = random.SystemRandom()
    with ExitStack() as stack:
        found: list[int] = []
        while len(found) < count:
            port = dice.choice(BELOW)
            with suppress(OSError):
                stack.enter_context(socket.create_server((host, port)))
                found.append(port)
        return found
