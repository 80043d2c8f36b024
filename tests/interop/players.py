"""Players that receive the main stream for ten seconds, over each transport, without a lost or damaged picture."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from tests.interop.adders import run
from tests.interop.site import Site
from tests.interop.verdict import Verdict

SECONDS = 10
LEAST = 0.9
"""Share of the pictures of that time that must come: a player opens within it, and starts at an IDR picture."""


@dataclass(frozen=True, slots=True)
class Player:
    """One player, which decodes. `command` makes its words of URL and transport, `times` takes the times of whole
    pictures in seconds out of what it prints. A `quiet` one has nothing to say on stderr but of damage."""

    name: str
    tool: str
    transports: tuple[str, ...]
    command: Callable[[str, str], list[str]]
    times: Callable[[str], list[float]]
    quiet: bool = True


def _ffprobe(url: str, transport: str) -> list[str]:
    words = ["ffprobe", "-v", "error", "-rtsp_transport", transport, "-read_intervals", f"%+{SECONDS}"]
    return [*words, "-select_streams", "v", "-show_entries", "frame=pts_time", "-of", "csv=p=0", url]


def _pyav(url: str, transport: str) -> list[str]:
    code = (
        "import av\n"
        f"c = av.open({url!r}, options={{'rtsp_transport': {transport!r}}}, timeout=20)\n"
        "first = None\n"
        "for packet in c.demux(c.streams.video[0]):\n"
        "    for frame in packet.decode():\n"
        "        if frame.pts is None or frame.is_corrupt: continue\n"
        "        time = float(frame.pts * frame.time_base)\n"
        "        first = time if first is None else first\n"
        "        print(f'{time:.6f}')\n"
        f"    if first is not None and time - first >= {SECONDS}: break\n"
    )
    return [sys.executable, "-c", code]


def _gst(url: str, transport: str) -> list[str]:
    parts = urlsplit(url)
    scheme = "rtsph" if transport == "http" else "rtsp"
    place = f"{scheme}://{parts.hostname}:{parts.port or 554}{parts.path}"
    # Without buffer-mode=none the time of arrival would move the times of pictures.
    protocol = "tcp+http" if transport == "http" else transport
    return [
        *("timeout", "-s", "INT", str(SECONDS + 3), "gst-launch-1.0", "-e", "-v"),
        *("rtspsrc", f"location={place}", f"user-id={parts.username}", f"user-pw={parts.password}"),
        *(
            f"protocols={protocol}",
            "latency=200",
            "buffer-mode=none",
            "!",
            "rtph264depay",
            "!",
            "h264parse",
            "!",
            "avdec_h264",
            "output-corrupt=false",
            "!",
        ),
        *("identity", "silent=false", "!", "fakesink", "sync=false"),
    ]


def _numbers(text: str) -> list[float]:
    return [float(each) for each in re.findall(r"(?m)^(\d+\.\d+),?$", text)]


def _buffers(text: str) -> list[float]:
    found = re.findall(r"chain\s+\*+.*?pts: (\d+):(\d+):(\d+\.\d+)", text)
    return [int(hour) * 3600 + int(minute) * 60 + float(second) for hour, minute, second in found]


PLAYERS = (
    Player("gstreamer", "gst-launch-1.0", ("tcp", "udp", "http"), _gst, _buffers, quiet=False),
    Player("ffprobe", "ffprobe", ("tcp", "udp", "http"), _ffprobe, _numbers),
    Player("pyav", "python3", ("tcp", "udp", "http"), _pyav, _numbers),
)


def play(site: Site, player: Player, transport: str) -> Verdict:
    """Receive; passed when the pictures come one after another, none left out."""
    label = f"{player.name} {transport}"
    if shutil.which(player.tool) is None:
        return Verdict(label, "absent", f"{player.tool} is not installed")
    parts = urlsplit(site.rtsp)
    port = parts.port or 554
    if transport == "http":
        # The tunnel is at the web server's port.
        port = site.port
    url = f"rtsp://{site.user}:{quote(site.password, safe='')}@{parts.hostname}:{port}{parts.path}"
    done = run(site, player.command(url, transport), {})
    times = sorted(player.times(done.stdout))
    if len(times) < 3:
        return Verdict(label, "failed", f"{len(times)} pictures: {(done.stderr or done.stdout).strip()[-300:]}")
    gaps = sorted(after - before for before, after in itertools.pairwise(times))
    usual, worst = gaps[len(gaps) // 2], gaps[-1]
    told = json.dumps(
        {"pictures": len(times), "seconds": round(times[-1] - times[0], 2), "longest gap": round(worst, 3)}
    )
    if player.quiet and done.stderr.strip():
        return Verdict(label, "failed", f"{told}; {done.stderr.strip()[-300:]}")
    lost = worst > 1.5 * usual or times[-1] - times[0] < LEAST * SECONDS
    return Verdict(label, "failed" if lost else "passed", told)
