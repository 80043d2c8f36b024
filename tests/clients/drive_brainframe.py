"""Scans a device with brainframe-onvif-tools, which knows port 80 alone and has rules of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile

COMMAND = [sys.executable, "-S", "-P", f"{os.environ['CLIENT_BIN']}/brainframe-onvif-tools", "scan"]


def main() -> int:
    host, _, user = sys.argv[1:4]
    words = ["--host", host, "--user", user, "--password", os.environ["ONVIF_PASSWORD"]]
    # It writes a list of passwords to try into the folder that it is run in.
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [*COMMAND, *words], cwd=folder, capture_output=True, text=True, timeout=50, check=False
        )
    stream = re.search(r"rtsp://[^\"'\s]+", done.stdout)
    model = re.search(r"\"?[Mm]odel\"?: \"([^\"]*)\"", done.stdout)
    ok = done.returncode == 0 and stream is not None
    result = {
        "client": "brainframe",
        "ok": ok,
        "model": model and model[1],
        "stream": stream and stream[0],
        "snapshot": None,
    }
    sys.stdout.write((done.stdout + done.stderr if not ok else "") + json.dumps(result) + "\n")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
