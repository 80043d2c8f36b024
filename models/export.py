"""Turns a YOLO checkpoint (.pt) into ONNX by Ultralytics, in a process of its own: `python -m models.export IN OUT`.

Ultralytics is under the AGPL and comes with the extra `train` alone. A checkpoint is a Python pickle: opening one
runs what its maker put into it, so the process gets neither the caller's environment nor leave to install packages.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from vcam.base.errors import WeightsError

EXPORTER = (sys.executable, "-m", "models.export")
"""The exporter's command; the checkpoint and the file to write are added."""
TIMEOUT = 900.0
"""Seconds that an export may take."""
_ABSENT = 3
_KEPT = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH")
"""What the exporter needs to know of the environment. Secrets may stand in the rest."""
_MEND = "Install it with: pip install 'garim[train]'"
_HERE = str(Path(__file__).resolve().parents[1])


def export(checkpoint: Path, out: Path, command: Sequence[str] = EXPORTER, timeout: float = TIMEOUT) -> None:
    """Write the network of `checkpoint` to `out` as ONNX. Raises WeightsError with the exporter's last words."""
    with tempfile.TemporaryDirectory(prefix="export-") as folder:
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        paths = [_HERE, *environment.get("PYTHONPATH", "").split(os.pathsep)]
        environment |= {
            "PYTHONPATH": os.pathsep.join(path for path in paths if path),
            "HOME": folder,
            "YOLO_CONFIG_DIR": folder,
            "YOLO_AUTOINSTALL": "false",
            "YOLO_OFFLINE": "true",
        }
        try:
            done = subprocess.run(
                [*command, str(checkpoint.resolve()), str(out.resolve())],
                check=False,
                capture_output=True,
                stdin=subprocess.DEVNULL,
                timeout=timeout,
                cwd=folder,
                env=environment,
            )
        except subprocess.TimeoutExpired:
            raise WeightsError(
                f"{checkpoint.name} was not exported within {timeout:.0f} s", mend="Export it to ONNX yourself"
            ) from None
    words = _last_line(done.stderr)
    if done.returncode == _ABSENT:
        raise WeightsError(f"Ultralytics is needed to open {checkpoint.name}: {words}", mend=_MEND)
    if done.returncode or not out.is_file():
        raise WeightsError(
            f"Ultralytics cannot export {checkpoint.name}: {words}",
            mend="Check that it is a YOLO detector's checkpoint, or export it to ONNX yourself",
        )


def _last_line(output: bytes) -> str:
    lines = output.decode(errors="replace").split("\n")
    words = next((line.strip() for line in reversed(lines) if line.strip()), "it gave no reason")
    return "".join(letter for letter in words if letter.isprintable())[:300]


def main(arguments: Sequence[str]) -> int:
    """Export the checkpoint at the first path to the second; 3 when Ultralytics cannot be imported."""
    checkpoint, out = map(Path, arguments)
    try:
        from ultralytics import YOLO
    except ImportError as error:
        sys.stderr.write(f"{error}\n")
        return _ABSENT
    with tempfile.TemporaryDirectory() as folder:
        # the exporter writes beside the checkpoint, where nothing may be changed
        copy = Path(folder) / checkpoint.name
        shutil.copyfile(checkpoint, copy)
        written = YOLO(str(copy)).export(format="onnx", dynamic=True, simplify=False, half=False)
        shutil.copyfile(written, out)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
