"""`garim run` with the demo's drawn camera as a file, serving for clients."""

from __future__ import annotations

import contextlib
import re
import secrets
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.interop.place import Place
from vcam.demo.folder import USER, DemoFolder
from vcam.demo.process import Process
from vcam.demo.run import write_config

_START = 120.0


@dataclass(frozen=True, slots=True)
class Site:
    """A site that serves one camera. `port` is that of ONVIF, `rtsp` the main stream's URL."""

    place: Place
    port: int
    rtsp: str
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
    config.write_text(re.sub(r"(?m)^segment = .*", "segment = 10", text), encoding="utf-8")
    command = [*place.site, sys.executable, "-m", "vcam.cli", "run", "--config", str(config), "--print-json"]
    with Process("'garim run'", command, folder / "garim.log") as running:
        told = running.line(_START)
        yield Site(place, int(told["port"]), str(told["rtsp_url"]), USER, demo.onvif_password, folder)
