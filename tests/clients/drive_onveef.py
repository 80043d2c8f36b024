"""Adds a device with onveef, which builds its own SOAP."""

from __future__ import annotations

import json
import os
import sys

from onveef import OnvifClient  # type: ignore[import-not-found]  # It lives in an environment of its own.


def main() -> int:
    host, port, user = sys.argv[1:4]
    with OnvifClient(host, int(port), user, os.environ["ONVIF_PASSWORD"]) as camera:
        information = camera.get_device_information()
        token = camera.get_profiles()[0]["token"]
        still, _ = camera.get_snapshot(profile_token=token)
        result = {
            "client": "onveef",
            "ok": still[:2] == b"\xff\xd8",
            "model": information["Model"],
            "stream": camera.get_stream_uri(profile_token=token),
            "snapshot": camera.get_snapshot_uri(profile_token=token),
        }
    sys.stdout.write(json.dumps(result) + "\n")
    return 0 if result["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
