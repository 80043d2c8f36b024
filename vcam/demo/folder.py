"""The demo's folder: its credentials, its key pair and its configuration. What is there already is kept."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from recorder.keys import new_identity
from recorder.vault.keys import Identity
from vcam.base.clock import SystemClock
from vcam.base.errors import ConfigError
from vcam.demo.loop import encode
from vcam.demo.scene import FPS, Scene
from vcam.encode.mux import Muxer

CAMERA: Final = "entrance"
USER: Final = "garim"
CAMERA_USER: Final = "camera"

_TEMPLATE: Final = """\
# {about}

[site]
name = "Garim demo"
state = {state}
log = "info"

[onvif]
{ports}user = {user}
password = {{ file = {onvif_password} }}
{console}
[recorder]
folder = {media}
# The private half is {identity}: at a real site it never comes near the recorder.
recipients = [{recipient}]
segment = {segment}

[[camera]]
name = {camera}
title = "Service centre"

[camera.source]
{source}
"""

_CONSOLE: Final = """
[console]
enabled = true
port = 0
"""


def _quoted(text: object) -> str:
    """A TOML basic string."""
    return json.dumps(str(text), ensure_ascii=False)


def _password(path: Path) -> str:
    """The password in `path`, made on the first call and readable by the owner only."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        password = secrets.token_urlsafe(18)
        file.write(password + "\n")
    return password


@dataclass(frozen=True, slots=True)
class DemoFolder:
    """The files of a demo. Passwords and keys lie in files of mode 0600."""

    root: Path

    @classmethod
    def make(cls, root: Path) -> DemoFolder:
        """Make what is not there yet. Raises ConfigError when the folder cannot be written."""
        folder = cls(root.resolve())
        try:
            folder.root.mkdir(parents=True, exist_ok=True)
            for path in (folder.onvif_password_file, folder.camera_password_file):
                _password(path)
            folder.media.mkdir(exist_ok=True)
            folder.state.mkdir(exist_ok=True)
        except OSError as error:
            raise ConfigError(
                f"The demo's folder {root} cannot be written ({type(error).__name__})",
                mend="Give another one with --folder",
            ) from None
        if not folder.identity_file.exists():
            new_identity(folder.identity_file, SystemClock())
        return folder

    @property
    def onvif_password_file(self) -> Path:
        return self.root / "onvif.password"

    @property
    def camera_password_file(self) -> Path:
        return self.root / "camera.password"

    @property
    def identity_file(self) -> Path:
        return self.root / "identity.txt"

    @property
    def config_file(self) -> Path:
        return self.root / "demo.toml"

    @property
    def footage_file(self) -> Path:
        return self.root / "camera.mp4"

    @property
    def people_file(self) -> Path:
        """How the demo's people sign in at the console."""
        return self.root / "people.txt"

    @property
    def index(self) -> str:
        """URL of the index of a site whose state is here."""
        return f"sqlite:///{self.state / 'index.sqlite'}"

    @property
    def media(self) -> Path:
        return self.root / "media"

    @property
    def state(self) -> Path:
        return self.root / "state"

    @property
    def onvif_password(self) -> str:
        return _password(self.onvif_password_file)

    @property
    def camera_password(self) -> str:
        return _password(self.camera_password_file)

    @property
    def identity(self) -> str:
        """The private key, `AGE-SECRET-KEY-1...`."""
        lines = self.identity_file.read_text(encoding="ascii").splitlines()
        return next((line.strip() for line in lines if line.startswith("AGE-SECRET-KEY-")), "")

    def stored(self) -> list[Path]:
        """Every file that a thief of the recorder would have: all but the identity, which lies here for the demo."""
        files = [path for part in (self.media, self.state) for path in part.rglob("*") if path.is_file()]
        return [*files, self.config_file, self.onvif_password_file, self.camera_password_file]

    def rtsp_config(self, url: str, *, segment: float, loopback: bool) -> str:
        """The configuration of the running demo, whose camera answers at `url`. Free ports are chosen."""
        source = (
            f"url = {_quoted(url)}\nuser = {_quoted(CAMERA_USER)}\n"
            f"password = {{ file = {_quoted(self.camera_password_file)} }}"
        )
        ports = ('bind = "127.0.0.1"\n' if loopback else "") + "port = 0\nrtsp_port = 0\n"
        return self._config(
            "The demo, whose camera is drawn. Written anew at each start.", ports, source, segment, _CONSOLE
        )

    def file_config(self) -> str:
        """A configuration that stands alone: the demo's camera is a file in this folder."""
        source = (
            "# Put your camera here, such as rtsp://192.0.2.10/stream1, with its user and password:\n"
            '# user = "admin"\n# password = { file = "camera.password" }\n'
            f"url = {_quoted(f'file:{self.footage_file}')}"
        )
        about = "A site with one camera, as a starting point: garim run --config THIS-FILE"
        return self._config(about, "port = 8081\nrtsp_port = 8554\n", source, 60)

    def _config(self, about: str, ports: str, source: str, segment: float, console: str = "") -> str:
        return _TEMPLATE.format(
            about=about,
            console=console,
            state=_quoted(self.state),
            ports=ports,
            user=_quoted(USER),
            onvif_password=_quoted(self.onvif_password_file),
            media=_quoted(self.media),
            identity=self.identity_file,
            recipient=_quoted(Identity.parse(self.identity).recipient),
            segment=f"{segment:g}",
            camera=_quoted(CAMERA),
            source=source,
        )

    def write_footage(self, scene: Scene) -> None:
        """Write one loop of the drawn scene as a file that stands for a camera, unless it is there."""
        if self.footage_file.exists():
            return
        part = self.footage_file.with_suffix(".part.mp4")
        write_clip(part, scene)
        part.replace(self.footage_file)


def write_clip(path: Path, scene: Scene, length: int | None = None) -> None:
    """Write the loop, or its first `length` pictures, to `path` as H.264. Raises EncodeError, OSError."""
    units = encode(scene) if length is None else encode(scene, length)
    muxer: Muxer | None = None
    for unit in units:
        sent = unit.at(unit.index, 0, scene)
        muxer = muxer or Muxer(path, sent, FPS)
        muxer.add(sent)
    if muxer is not None:
        muxer.close()
