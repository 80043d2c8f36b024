"""ONVIF clients that add a device or search for one."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import Any

from tests.clients import clients
from tests.interop.site import Site
from tests.interop.verdict import Verdict

_LIMIT = 120


def have(name: str) -> Any:
    """The installed client, or the Verdict that it is absent."""
    try:
        return clients.install(name)
    except clients.Absent as error:
        tool = str(error).removesuffix(" is not installed")
        return Verdict(
            name, "absent", str(error), obtainable=tool == str(error) or shutil.which(tool) is not None
        )


def run(site: Site, command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """`command` on the client's host, which waits `_LIMIT` seconds at most."""
    words = [f"{key}={value}" for key, value in environment.items()]
    try:
        return subprocess.run(
            [*site.place.client, "env", *words, *command],
            capture_output=True,
            text=True,
            timeout=_LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        return subprocess.CompletedProcess(error.cmd, 124, "", f"no end in {_LIMIT} s")


def add(site: Site, name: str) -> Verdict:
    """Let the client add the device."""
    client = have(name)
    if isinstance(client, Verdict):
        return client
    if not client.command and not site.place.apart:
        return Verdict(
            name, "absent", "it takes devices at port 80 only, and that needs root", obtainable=False
        )
    command = [*(client.command or client.alone), site.place.address, str(site.port), site.user]
    done = run(site, command, {**client.environment, "ONVIF_PASSWORD": site.password})
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    told = json.loads(lines[-1]) if lines else {}
    if done.returncode != 0 or told.get("ok") is not True:
        return Verdict(name, "failed", _end(done))
    if told["stream"].partition("@")[2]:
        told["stream"] = "rtsp://" + told["stream"].partition("@")[2]
    # One that asks for no port takes whichever camera of that address answers first.
    right = {site.rtsp} if client.command else site.streams
    if told["stream"] not in {*right, *(each.replace(":554/", "/") for each in right)}:
        return Verdict(name, "failed", f"its stream is {told['stream']}, not {' or '.join(sorted(right))}")
    parts = [f"added {told['model']}" if told["model"] else "added it", f"stream {told['stream']}"]
    parts += ["snapshot"] * bool(told["snapshot"])
    parts += [f"{key} {told[key]}" for key in ("mac", "events", "size") if told.get(key)]
    return Verdict(name, "passed", ", ".join(parts))


def find(site: Site, name: str) -> Verdict:
    """Let the client search the network."""
    label = f"{name} (search)"
    client = have(name)
    if isinstance(client, Verdict):
        return client
    if not site.place.apart:
        return Verdict(label, "absent", "a second host needs root and the command ip", obtainable=False)
    done = run(site, [*client.find, site.place.interface], client.environment)
    found = set(re.findall(r"http://[^\s,\]\"']+/onvif/device_service", done.stdout))
    told = ", ".join(sorted(found)) or "nothing"
    if found != site.devices:
        wanted = ", ".join(sorted(site.devices))
        return Verdict(label, "failed", f"found {told}, not {wanted}: {_end(done)}")
    return Verdict(label, "passed", f"found {told}")


def _end(done: subprocess.CompletedProcess[str]) -> str:
    """The last thing that a client said."""
    said = (done.stderr.strip() or done.stdout.strip()).splitlines()
    return f"status {done.returncode}: {' '.join(said[-3:])[-300:]}"
