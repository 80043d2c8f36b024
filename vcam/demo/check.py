"""The demo's checks of itself, all through public interfaces: RTSP, ONVIF, and the files that the recorder keeps."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console

import vcam
from models.manifest import weights
from vcam.base.errors import WorkerError
from vcam.demo.clients import Device, Outcome, run_clients
from vcam.demo.custody import Kept, inspect
from vcam.demo.folder import CAMERA, USER, DemoFolder
from vcam.demo.leaks import Count, Judge, expectations, tally
from vcam.demo.process import Process
from vcam.demo.receive import Received, receive
from vcam.demo.scene import FPS, Scene
from vcam.demo.stamp import read_index
from vcam.demo.standin import DUMP

CLIENTS: Final = Path(vcam.__file__).parents[1] / ".clients"
"""Where other people's ONVIF clients are installed."""

_NAMED: Final = 12
"""Unmasked pictures that are named."""
_LEAST_RATE: Final = 0.5
"""Least share of the camera's pictures that must arrive over RTSP."""


@dataclass(frozen=True, slots=True)
class Site:
    """A running demo. `since` is its start in microseconds UTC, `dump` the folder with what the camera sent."""

    folder: DemoFolder
    addresses: dict[str, Any]
    garim: Process
    stats: Path
    dump: Path
    since: int


def count_unmasked(received: Received, scene: Scene) -> Count:
    """Judge every picture of a received stream against the scene."""
    judge = Judge(scene)
    expected = expectations([(read_index(picture), time) for picture, time in received.pictures()])
    # Decoded twice: a minute of pictures takes more room than it takes time to decode it again.
    judged = zip(received.pictures(), expected, strict=True)
    return tally([judge.judge(picture, index) for (picture, _), index in judged])


def check(site: Site, seconds: float, console: Console) -> tuple[dict[str, Any], list[str]]:
    """Watch the running demo for `seconds`, end it, and judge it.

    Returns the figures, and what is not well in words; that is empty when all is. Raises GarimError.
    """
    addresses, password = site.addresses, site.folder.onvif_password
    device = Device(str(addresses["host"]), int(addresses["port"]), USER, password)
    console.print(f"Receiving for {seconds:g} s, while ONVIF clients add the device ...")
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="clients") as aside:
        adding = aside.submit(run_clients, device, CLIENTS)
        received = receive(str(addresses["rtsp_url"]), seconds, credentials=(USER, password))
        clients = adding.result()
    console.print("Ending 'garim run', and judging what came ...")
    status = site.garim.end()
    count = count_unmasked(received, Scene(weights("astronaut")))
    camera = (site.dump / DUMP).read_bytes()
    folder = site.folder
    kept = inspect(folder.media, folder.stored(), folder.identity, camera, site.since)
    counters = _counters(site.stats)
    figures = {
        "frames_in": counters["frames_in"],
        "frames_out": counters["frames_out"],
        "rtsp_frames_received": count.frames,
        "unmasked_frames": count.unmasked_frames,
        "whole_frames": count.whole_frames,
        "regions_masked": count.regions_masked,
        "regions_shown": count.regions_shown,
        "onvif_clients_ok": list(clients.ok),
        "onvif_clients_failed": sorted(clients.failed),
        "raw_segments": kept.raw_segments,
        "masked_segments": kept.masked_segments,
        "raw_readable_without_key": kept.raw_readable_without_key,
        "raw_readable_with_key": kept.raw_readable_with_key,
    }
    problems = _problems(counters, count, clients, kept, seconds)
    if status:
        problems.append(f"'garim run' ended with status {status}")
    return figures, problems


def _counters(path: Path) -> dict[str, int]:
    """What `garim run` counted for the demo's camera. Raises WorkerError when it left nothing."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))[CAMERA]
        return {name: int(found[name]) for name in ("frames_in", "frames_out", "whole")}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WorkerError(
            f"'garim run' left no counters ({type(error).__name__})", mend="Read garim.log in the demo's folder"
        ) from None


def _problems(
    counters: dict[str, int], count: Count, clients: Outcome, kept: Kept, seconds: float
) -> list[str]:
    """What is not well, in words."""
    tests = (
        (counters["frames_in"] == 0, "no picture came from the camera"),
        (counters["frames_out"] == 0, "no picture was masked"),
        (count.frames < _LEAST_RATE * FPS * seconds, f"only {count.frames} pictures came over RTSP"),
        (
            count.unmasked_frames > 0,
            f"{count.unmasked_frames} pictures show a face or plate ({'; '.join(count.unmasked_at[:_NAMED])})",
        ),
        (count.regions_masked == 0, "no face or plate was seen masked"),
        (bool(clients.failed), f"ONVIF clients failed: {', '.join(sorted(clients.failed))}"),
        (kept.raw_segments == 0, "no original was kept"),
        (kept.masked_segments == 0, "no masked segment was kept"),
        (kept.raw_readable_without_key, "an original can be read without the key"),
        (not kept.raw_readable_with_key, "an original cannot be read with the key, or is not the camera's"),
    )
    return [problem for wrong, problem in tests if wrong]
