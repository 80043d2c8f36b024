"""Base64 that comes in pieces (RFC 4648)."""

from __future__ import annotations

import binascii
import re

_RUN = re.compile(rb"[^=]+={0,2}")


class Base64Stream:
    """Decodes what clients of the tunnel send.

    They encode each of their messages by itself, so that padding may stand anywhere between quanta, and the network
    cuts quanta apart.
    """

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> bytes:
        """The bytes of all quanta that are now complete. Raises ValueError for what is no Base64."""
        text = self._rest + data.translate(None, b" \t\r\n")
        whole = len(text) - len(text) % 4
        self._rest = text[whole:]
        out = bytearray()
        at = 0
        while at < whole:
            run = _RUN.match(text, at, whole)
            if run is None:
                raise ValueError("padding without content")
            out += binascii.a2b_base64(run[0], strict_mode=True)
            at = run.end()
        return bytes(out)
