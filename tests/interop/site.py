"""`garim run` with two cameras, serving for clients: the demo's drawn one as a file, and another beside it."""

from __future__ import annotations

import contextlib
import re
import secrets
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.interop.place import Place
from tests.support.portrait import wall, write
from vcam.demo.folder import USER, DemoFolder
from vcam.demo.process import Process
from vcam.demo.run import write_config

_START = 120.0


@dataclass(frozen=True, slots=True)
class Site:
    """A site. `port` is the first camera's port of ONVIF and `rtsp` its main stream's URL, `devices` are the URLs of
    the Device services of all cameras, `streams` those of their main streams."""

    place: Place
    port: int
    rtsp: str
    devices: frozenset[str]
    streams: frozenset[str]
    user: str
    password: str
    folder: Path

    @property
    def base(self) -> str:
        """URL of the web server."""
        return f"http://{self.place.address}:{self.port}"


@contextlib.contextmanager
def site(place: Place, folder: Path) -> Iterator[Site]:
    """Run it until the end of the block. Raises GarimError."""
    config = folder / "garim.toml"
    write_config(config, folder / "demo")
    demo = DemoFolder.make(folder / "demo")
    # Some clients take a password that begins with a hyphen for an option.
    demo.onvif_password_file.write_text(secrets.token_hex(12) + "\n", encoding="ascii")
    ports = "port = 80\nrtsp_port = 554\n" if place.apart else "port = 0\nrtsp_port = 0\n"
    text = config.read_text(encoding="utf-8").replace("port = 8081\nrtsp_port = 8554\n", ports)
    text = text.replace(
        "[onvif]\n", f'[onvif]\nbind = "{place.address}"\ndiscovery = {str(place.apart).lower()}\n'
    )
    clip = write(folder / "yard.mp4", [wall((320, 180))] * 50)
    text += f'\n[[camera]]\nname = "yard"\nsource = {{ url = "file:{clip}" }}\n'
    config.write_text(re.sub(r"(?m)^segment = .*", "segment = 10", text), encoding="utf-8")
    command = [*place.site, sys.executable, "-m", "vcam.cli", "run", "--config", str(config), "--print-json"]
    with Process("'garim run'", command, folder / "garim.log") as running:
        found = [running.line(_START) for _ in range(2)]
        first = next(told for told in found if told["name"] != "yard")
        devices = frozenset(str(told["onvif_url"]) for told in found)
        streams = frozenset(str(told["rtsp_url"]) for told in found)
        port, rtsp = int(first["port"]), str(first["rtsp_url"])
        yield Site(place, port, rtsp, devices, streams, USER, demo.onvif_password, folder)
