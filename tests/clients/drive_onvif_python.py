"""Asks a device with the command line of onvif-python, which signs by HTTP Digest here."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

HOST, PORT, USER = sys.argv[1:4]
COMMAND = [sys.executable, "-S", "-P", f"{os.environ['CLIENT_BIN']}/onvif", "--cache", "none", "--digest"]


def ask(*words: str) -> str:
    place = ["--host", HOST, "--port", PORT, "--username", USER, "--password", os.environ["ONVIF_PASSWORD"]]
    done = subprocess.run([*COMMAND, *place, *words], capture_output=True, text=True, timeout=40, check=False)
    return re.sub(r"\x1b\[[\d;]*m", "", done.stdout + done.stderr)


def main() -> int:
    model = re.search(r"'?Model'?: '([^']*)'", ask("devicemgmt", "GetDeviceInformation"))
    # Those further in are of the profile's configurations.
    token = re.search(r"(?m)^    'token': '([^']*)'", ask("media", "GetProfiles"))
    setup = '{"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}'
    chosen = f"ProfileToken={token[1] if token else ''}"
    stream = re.search(r"rtsp://[^'\s]+", ask("media", "GetStreamUri", f"StreamSetup={setup}", chosen))
    result = {
        "client": "onvif-python",
        "ok": bool(model and stream),
        "model": model and model[1],
        "stream": stream and stream[0],
        "snapshot": None,
    }
    sys.stdout.write(json.dumps(result) + "\n")
    return 0 if result["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
