"""`verify.pyz`: the verifier as one file that needs only Python."""

from __future__ import annotations

import io
import zipfile
from importlib import resources
from pathlib import Path

from vcam.base.partfile import write_whole

_PACKAGE = "garim_verify"
_MAIN = f"import sys\nfrom {_PACKAGE}.cli import main\nsys.exit(main(sys.argv[1:]))\n"
_WHEN = (1980, 1, 1, 0, 0, 0)  # the same bytes whenever it is made


def verifier() -> bytes:
    """The zip application (PEP 441). The same sources give the same bytes."""
    sources = resources.files("recorder.evidence.verifier")
    parts = {
        f"{_PACKAGE}/{each.name}": each.read_bytes()
        for each in sources.iterdir()
        if each.name.endswith(".py") and each.name != "__main__.py"
    }
    parts["__main__.py"] = _MAIN.encode()
    data = io.BytesIO(b"#!/usr/bin/env python3\n")
    data.seek(0, io.SEEK_END)
    with zipfile.ZipFile(data, "a", zipfile.ZIP_STORED) as archive:
        for name in sorted(parts):
            archive.writestr(zipfile.ZipInfo(name, _WHEN), parts[name])
    return data.getvalue()


def write_verifier(path: Path) -> None:
    """Write `verify.pyz` to `path`, whole or not at all. Raises OSError."""
    write_whole(path, verifier(), mode=0o755)
