"""The tests that the npm package onvif ships, run against the device: a meter of how complete it is."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

from tests.interop.adders import have, run
from tests.interop.site import Site
from tests.interop.verdict import Verdict

NAME = "onvif-mocha"
FILES = ("common", "device", "media", "ptz", "events", "imaging", "_linerase")
"""Files of the suite. `discovery` asks only the mock-up that it brings along, `zzzterminate` ends the process."""

_NO_PTZ = "the site's camera is a file and cannot be aimed, so there is no PTZ service"
_NO_SOUND = "no sound is served, so there are no operations on it"
_NO_IMAGING = "the site's camera is a file and has no imaging settings, so there is no Imaging service"
_PROFILE = "the suite leaves out tt:H264Profile, which the schema demands"
EXPECTED: tuple[tuple[str, str], ...] = (
    (r"PTZ .*", _NO_PTZ),
    (r"Common functions (getNodes|getConfigurations|getConfigurationOptions) .*", _NO_PTZ),
    (r"Common functions connect should connect to the cam, fill startup properties", _NO_PTZ),
    (r"Common functions getCapabilities should (return|store PTZ link|store uri links) .*", _NO_PTZ),
    (r"Media [gs]etAudio.*", _NO_SOUND),
    (r"Imaging .*", _NO_IMAGING),
    (r"Media setVideoEncoderConfiguration should accept setting .*", _PROFILE),
    (
        r"Common functions setSystemDateAndTime should set system date and time",
        "its time zone 'MSK' is none of IEEE 1003.1, which ONVIF asks for",
    ),
    (
        r"Common functions getServiceCapabilities should return .*",
        "it demands auxiliary commands, which are optional and which a masked stream has no use for",
    ),
    (
        r"Events should request event service capabilities",
        "it demands attributes that the standard leaves optional",
    ),
    (
        r"Events should stop pulling when nobody is listen to `event` event",
        "it expects its library to have stopped within a second, and a pull that waits for events takes longer",
    ),
)
"""Tests that may fail, by patterns of their full titles, and why."""


def _excuse(title: str) -> str | None:
    return next((why for pattern, why in EXPECTED if re.fullmatch(pattern, title)), None)


def suite(site: Site) -> Verdict:
    """Run it; passed when all tests pass but those of EXPECTED."""
    client = have(NAME)
    if isinstance(client, Verdict):
        return client
    if not site.place.apart:
        return Verdict(
            NAME, "absent", "its mock-up takes the device's port, and a second host needs root", False
        )
    modules = Path(client.environment["NODE_PATH"])
    files = [str(modules / "onvif" / "test" / f"{name}.coffee") for name in FILES]
    command = [
        str(modules / ".bin" / "mocha"),
        "--require",
        "coffeescript/register",
        "--exit",
        "--timeout",
        "20000",
    ]
    environment = {
        **client.environment,
        "HOSTNAME": site.place.address,
        "PORT": str(site.port),
        "USERNAME": site.user,
        "PASSWORD": site.password,
    }
    report = site.folder / "mocha.json"
    told_to = ["--reporter", "json", "--reporter-option", f"output={report}"]
    done = run(site, [*command, *told_to, *files], environment)
    try:
        told = json.loads(report.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Verdict(NAME, "failed", f"no report: {(done.stderr or done.stdout)[-300:]}")
    failed = {each["fullTitle"]: each["err"].get("message", "") for each in told["failures"]}
    new = {title: text for title, text in failed.items() if _excuse(title) is None}
    figures = f"{told['stats']['passes']} of {told['stats']['tests']} pass"
    if new:
        return Verdict(
            NAME, "failed", f"{figures}; " + "; ".join(f"{key}: {value[:100]}" for key, value in new.items())
        )
    known = Counter(_excuse(title) for title in failed)
    reasons = "; ".join(f"{count} not, for {why}" for why, count in known.items())
    return Verdict(NAME, "passed", f"{figures}; {reasons}")
