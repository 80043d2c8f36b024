"""The tests that the npm package onvif ships, run against the device: a meter of how complete it is."""

from __future__ import annotations

import json
from pathlib import Path

from tests.interop.adders import have, run
from tests.interop.site import Site
from tests.interop.verdict import Verdict

NAME = "onvif-mocha"
FILES = ("common", "device", "media", "ptz", "events", "imaging", "_linerase")
"""Files of the suite. `discovery` asks only the mock-up that it brings along, `zzzterminate` ends the process."""

EXPECTED: dict[str, str] = {}
"""Tests that fail by their full titles, and why."""


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
    new = {title: text for title, text in failed.items() if title not in EXPECTED}
    figures = f"{told['stats']['passes']} of {told['stats']['tests']} pass"
    if new:
        return Verdict(
            NAME, "failed", f"{figures}; " + "; ".join(f"{key}: {value[:100]}" for key, value in new.items())
        )
    known = "; ".join(f"not '{title}': {EXPECTED[title]}" for title in failed)
    return Verdict(NAME, "passed", f"{figures}{'; ' + known if known else ''}")
