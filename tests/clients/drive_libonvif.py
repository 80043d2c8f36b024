"""Asks a device by libonvif's onvif-util for profiles and stream: drive_libonvif.py UTIL HOST PORT USER."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys


def main() -> int:
    util, host, _, user = sys.argv[1:5]
    command = [util, "-u", user, "-p", os.environ["ONVIF_PASSWORD"], host]
    asked = "get profiles\nget rtsp\nquit\n"
    done = subprocess.run(command, input=asked, capture_output=True, text=True, timeout=50, check=False)
    stream = re.search(r"rtsp://\S+", done.stdout)
    ok = stream is not None
    result = {"client": "onvif-util", "ok": ok, "model": None, "stream": stream and stream[0], "snapshot": None}
    sys.stdout.write((done.stdout + done.stderr if not ok else "") + json.dumps(result) + "\n")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
