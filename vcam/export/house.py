"""The site that exports: its folders, keys, settings and clock."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from models.imported import shelf_of
from models.manifest import read_manifest
from recorder.database import Database
from recorder.evidence.claims import Credentials
from recorder.signing import PublicKey, SigningKey
from vcam.base.clock import Clock
from vcam.base.settings import CameraSettings, EncodeSettings, MaskSettings, SiteSettings
from vcam.export.marks import Marking, VisibleMark

_PACKAGES = ("garim", "av", "cryptography", "numpy", "onnxruntime", "opencv-python-headless", "openvino")
FINE = 20_000_000
"""Bits a second at 1920x1080 and 25 pictures a second, at the least, for copies that are encoded anew."""
_MOST = 100_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What every export needs. `media` is the recorder's folder."""

    database: Database
    media: Path
    exports: Path
    runtime: Path
    institution: str
    officer: str
    signing: SigningKey
    recorder: PublicKey
    cameras: Mapping[str, CameraSettings]
    site: SiteSettings
    clock: Clock
    segment_seconds: float = 60
    """How long the recorder writes one segment, within which its footage is not there yet."""
    marking: Marking = VisibleMark
    credentials: Credentials | None = None
    """What C2PA claims in viewing copies are signed with; no claims without."""

    def mask(self, camera: str) -> MaskSettings:
        """How the camera is masked; the defaults for one that is not there any more."""
        return self.cameras[camera].mask if camera in self.cameras else MaskSettings()

    def encode(self, camera: str) -> EncodeSettings:
        """How copies of the camera's pictures are encoded: finer than live, for nothing is late here."""
        live = self._live(camera)
        return live.model_copy(update={"bit_rate": max(live.bit_rate, FINE), "preset": "medium"})

    def again(self, camera: str) -> EncodeSettings:
        """How what is masked and encoded already is encoded again: soon, since somebody waits, at twice the rate."""
        live = self._live(camera)
        return live.model_copy(update={"bit_rate": min(2 * live.bit_rate, _MOST), "preset": "ultrafast"})

    def _live(self, camera: str) -> EncodeSettings:
        return self.cameras[camera].encode if camera in self.cameras else EncodeSettings()

    def software(self) -> dict[str, str]:
        """Versions of what makes an export."""
        found = {"python": platform.python_version()}
        for package in _PACKAGES:
            try:
                found[package] = metadata.version(package)
            except metadata.PackageNotFoundError:
                continue
        return found

    def detectors(self) -> dict[str, str]:
        """SHA-256 of each detector's file that may look, in hexadecimal."""
        shipped = {entry.name: entry.sha256 for entry in read_manifest().file if entry.input is not None}
        wanted = {name for camera in self.cameras.values() for name in camera.mask.models}
        shelf = shelf_of(self.site) if wanted else None
        return shipped if shelf is None else shipped | {name: shelf.entry(name).sha256 for name in wanted}
