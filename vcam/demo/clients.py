"""ONVIF clients that nobody here wrote, run against a virtual device.

onvif-zeep-async is a dependency and runs in this process. Every other client is run when it is installed: a folder
under `.clients` whose `installed.json` holds the command of its driver, to which host, port and user are added, and
the environment that it needs. The password goes by the environment, and exit status 0 says that the device was added.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp
import structlog
from onvif import ONVIFCamera
from onvif.exceptions import ONVIFError
from zeep.exceptions import Error as ZeepError

log = structlog.get_logger()

IN_PROCESS: Final = "onvif-zeep-async"
MARKER: Final = "installed.json"

_TIMEOUT: Final = 60.0
_BEHIND: Final = ("nice", "-n", "10") if shutil.which("nice") else ()
_JPEG: Final = b"\xff\xd8"


@dataclass(frozen=True, slots=True)
class Device:
    """A virtual device and who may use it."""

    host: str
    port: int
    user: str
    password: str

    def __repr__(self) -> str:
        return f"Device({self.host}:{self.port})"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Which clients could add the device, and which could not and why."""

    ok: tuple[str, ...]
    failed: dict[str, str]


async def _add(device: Device) -> str:
    """Add the device as Home Assistant does; what is wrong, or an empty string."""
    camera: Any = ONVIFCamera(device.host, device.port, device.user, device.password, no_cache=True)
    try:
        await camera.update_xaddrs()
        management = await camera.create_devicemgmt_service()
        information = await management.GetDeviceInformation()
        if not information.SerialNumber:
            return "the device has no serial number"
        media = await camera.create_media_service()
        token = (await media.GetProfiles())[0].token
        setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
        stream = await media.GetStreamUri({"StreamSetup": setup, "ProfileToken": token})
        if not stream.Uri.startswith("rtsp://"):
            return "the stream's address is not rtsp://"
        await camera.get_snapshot_uri(token)
        still = await camera.get_snapshot(token)
        return "" if still is not None and still[:2] == _JPEG else "the snapshot is no JPEG"
    finally:
        await camera.close()


async def run_in_process(device: Device) -> str:
    """Run onvif-zeep-async: device information, profiles, stream and snapshot. What is wrong, or an empty string."""
    try:
        async with asyncio.timeout(_TIMEOUT):
            return await _add(device)
    except (ONVIFError, ZeepError, aiohttp.ClientError, OSError, AttributeError, IndexError) as error:
        return f"{type(error).__name__}: {error}"


def run_driver(folder: Path, device: Device) -> str:
    """Run the driver of the client installed in `folder`. What is wrong, or an empty string."""
    try:
        found = json.loads((folder / MARKER).read_text(encoding="utf-8"))
        # An NVR is another machine: here its client must not take the processor from the recorder.
        done = subprocess.run(
            [*_BEHIND, *found["command"], device.host, str(device.port), device.user],
            env={**os.environ, **found["environment"], "ONVIF_PASSWORD": device.password},
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            check=False,
        )
    except (OSError, ValueError, KeyError) as error:
        return f"its driver cannot be run ({type(error).__name__})"
    except subprocess.TimeoutExpired:
        return f"it took longer than {_TIMEOUT:.0f} s"
    if done.returncode == 0:
        return ""
    lines = (done.stdout + done.stderr).strip().splitlines()
    return lines[-1][:200].replace(device.password, "***") if lines else f"exit status {done.returncode}"


def installed(root: Path) -> list[Path]:
    """The folders of the clients installed under `root` that can add a device, by name.

    One that only discovers devices has no command.
    """
    return sorted(marker.parent for marker in root.glob(f"*/{MARKER}") if _adds(marker))


def _adds(marker: Path) -> bool:
    try:
        found = json.loads(marker.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return True  # its run will say what is wrong
    return not (isinstance(found, dict) and found.get("command") == [])


def run_clients(device: Device, root: Path) -> Outcome:
    """Run all clients, one after the other."""
    problems = {IN_PROCESS: asyncio.run(run_in_process(device))}
    for folder in installed(root):
        if folder.name != IN_PROCESS:
            problems[folder.name] = run_driver(folder, device)
    failed = {name: problem for name, problem in problems.items() if problem}
    for name, problem in failed.items():
        log.error("an ONVIF client cannot add the device", client=name, problem=problem)
    return Outcome(tuple(sorted(set(problems) - set(failed))), failed)
