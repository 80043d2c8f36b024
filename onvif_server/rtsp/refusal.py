"""Why a request is not granted."""

from __future__ import annotations

from onvif_server.rtsp.message import Response


class Refusal(Exception):
    """A request that is answered with an error; `why` is told to the client and holds no secret."""

    def __init__(self, status: int, *headers: tuple[str, str], why: str = "") -> None:
        super().__init__(why)
        body = f"{why}\r\n".encode() if why else b""
        kind = [("Content-Type", "text/plain")] if why else []
        self.response = Response(status, [*headers, *kind], body)
