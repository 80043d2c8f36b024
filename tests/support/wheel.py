"""Wheels whose code must never run, for tests of what is taken out of wheels."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path


def make_wheel(folder: Path, files: Mapping[str, bytes]) -> Path:
    """A wheel of fake-carrier 1.2 as PEP 427 wants it, with these files."""
    info = "fake_carrier-1.2.dist-info"
    every = {
        **files,
        "fake_carrier/__init__.py": b"raise SystemExit('imported')",
        f"{info}/METADATA": b"Metadata-Version: 2.1\nName: fake-carrier\nVersion: 1.2\nRequires-Dist: no-such\n",
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},,\n" for name in [*every, f"{info}/RECORD"])
    path = folder / "fake_carrier-1.2-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, data in {**every, f"{info}/RECORD": record.encode()}.items():
            wheel.writestr(name, data)
    return path
