"""`garim demo`: a drawn camera, the whole product behind it, and checks of what comes out."""

from __future__ import annotations

import contextlib
import json
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from models.manifest import weights
from vcam.base.errors import ConfigError
from vcam.demo.check import Site, check
from vcam.demo.folder import CAMERA_USER, USER, DemoFolder
from vcam.demo.people import settle
from vcam.demo.process import Process
from vcam.demo.scene import Scene
from vcam.demo.standin import PASSWORD_VARIABLE, USER_VARIABLE

FOLDER: Final = Path("demo")

_START: Final = 90.0
"""Longest wait in seconds for the stand-in, and for `garim run`, to serve."""
_SEGMENT: Final = 60.0
_SEGMENT_CHECKED: Final = 5.0
"""Seconds of a segment when the demo checks itself, so that some are finished."""


@dataclass(frozen=True, slots=True)
class Serving:
    """The demo at work: what `garim run` said, and where its counters will be."""

    addresses: dict[str, Any]
    garim: Process
    stats: Path


@contextlib.contextmanager
def _camera(folder: DemoFolder, dump: Path | None) -> Iterator[str]:
    """The stand-in; gives its address."""
    command = [sys.executable, "-m", "vcam.demo.standin", "--port", "0"]
    if dump is not None:
        command += ["--dump", str(dump)]
    environment = {USER_VARIABLE: CAMERA_USER, PASSWORD_VARIABLE: folder.camera_password}
    with Process("The camera's stand-in", command, folder.root / "camera.log", environment) as camera:
        yield str(camera.line(_START)["url"])


@contextlib.contextmanager
def _garim(folder: DemoFolder, stats: Path) -> Iterator[Serving]:
    command = [sys.executable, "-m", "vcam.cli", "run", "--config", str(folder.config_file), "--print-json"]
    command += ["--stats-json", str(stats)]
    with Process("'garim run'", command, folder.root / "garim.log") as garim:
        yield Serving(garim.line(_START), garim, stats)


def _table(serving: Serving, folder: DemoFolder) -> Table:
    table = Table(title="A virtual camera is serving", title_justify="left", show_header=False)
    for name, key in (("ONVIF", "onvif_url"), ("RTSP", "rtsp_url"), ("Snapshot", "snapshot_url")):
        table.add_row(name, str(serving.addresses[key]))
    table.add_row("User", USER)
    table.add_row("Password", f"in {folder.onvif_password_file}")
    table.add_row("Console", str(serving.addresses["console_url"]))
    table.add_row("Its people", f"in {folder.people_file}")
    table.add_row("Recordings", str(folder.media))
    table.add_row("Log", str(folder.root / "garim.log"))
    return table


def write_config(path: Path, folder: Path = FOLDER) -> None:
    """Write a configuration that `garim run` takes as it is, its camera being a file of the drawn scene.

    Raises ConfigError, WeightsError.
    """
    made = DemoFolder.make(folder)
    made.write_footage(Scene(weights("astronaut")))
    try:
        path.write_text(made.file_config(), encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written ({type(error).__name__})", mend="Give another file with --config-out"
        ) from None


def demo(*, seconds: float | None = None, config_out: Path | None = None, folder: Path = FOLDER) -> int:
    """Run the demo until Ctrl-C, or for `seconds` and then check it; the exit status.

    With `seconds`, the last line of standard output is a JSON object of figures, and the status is 0 only when all
    is well. With `config_out` alone, write the configuration and do no more. Raises GarimError.
    """
    if config_out is not None:
        write_config(config_out, folder)
        if seconds is None:
            sys.stdout.write(f"Written: {config_out}. Start with: garim run --config {config_out}\n")
            return 0
    console = Console(soft_wrap=True)
    with _terminable():
        try:
            return _run(DemoFolder.make(folder), seconds, console)
        except KeyboardInterrupt:
            console.print("Stopped.")
            return 0 if seconds is None else 130


def _run(folder: DemoFolder, seconds: float | None, console: Console) -> int:
    with tempfile.TemporaryDirectory(prefix="garim-demo-") as scratch, contextlib.ExitStack() as stack:
        dump = Path(scratch)
        since = time.time_ns() // 1000
        console.print("Starting the camera's stand-in ...")
        url = stack.enter_context(_camera(folder, dump if seconds is not None else None))
        segment = _SEGMENT if seconds is None else _SEGMENT_CHECKED
        config = folder.rtsp_config(url, segment=segment, loopback=seconds is not None)
        folder.config_file.write_text(config, encoding="utf-8")
        settle(folder.index, folder.people_file, folder.onvif_password)
        console.print("Starting 'garim run' ...")
        serving = stack.enter_context(_garim(folder, dump / "stats.json"))
        console.print(_table(serving, folder))
        if seconds is None:
            console.print(
                "Open the RTSP address in VLC, or add the ONVIF address to an NVR. Ctrl-C ends the demo."
            )
            _wait(serving.garim)
            return 1
        site = Site(folder, serving.addresses, serving.garim, serving.stats, dump, since)
        figures, problems = check(site, seconds, console)
        stack.close()
        for problem in problems:
            console.print(f"[bold red]Not well:[/] {problem}")
        sys.stdout.write(json.dumps(figures) + "\n")
        sys.stdout.flush()
        return 1 if problems else 0


def _wait(garim: Process) -> None:
    """Wait until Ctrl-C; returns when `garim run` ends by itself."""
    while garim.running:
        time.sleep(0.5)


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM ends the demo as Ctrl-C does, so that what it started is ended too."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
