"""The site of the custody story: its settings, its files, and what a thief or a backup would have of it."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from recorder.layout import BODY as BODY_SUFFIX
from recorder.layout import parse
from recorder.vault.age import AGE
from recorder.vault.scan import readable_without_key
from vcam.base.errors import WorkerError
from vcam.demo.folder import DemoFolder
from vcam.demo.staff import Staff

CAMERA: Final = "entrance"
BODY: Final = "police"
CUSTODIANS: Final = ("custodian-1", "custodian-2", "custodian-3")
PEOPLE: Final = (
    ("administrator-1", "--role", "administrator"),
    ("officer-1", "--role", "officer", "--role", "approver"),
    ("officer-2", "--role", "officer"),
    ("approver-1", "--role", "approver"),
    *((name, "--role", "custodian") for name in CUSTODIANS),
)
"""Names and roles, the first administrator first. officer-1 might approve, but never what he asked for."""
LETTER: Final = "수사협조의뢰 (request for cooperation in an investigation)\n"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_SETTINGS: Final = """\
[site]
name = "Garim demo"
state = {state}
log = "warning"
timezone = "UTC"

[onvif]
bind = "127.0.0.1"
port = 0
rtsp_port = 0
discovery = false
password = {{ file = {password} }}

[recorder]
folder = {media}
segment = 4
{retention}
[custody]
threshold = 2
exports = {exports}
runtime = {runtime}

[[camera]]
name = "entrance"
title = "Service centre"
source = {{ url = {source} }}
"""


@dataclass(frozen=True, slots=True)
class StorySite:
    """The files of the story's site, and its staff."""

    folder: DemoFolder
    staff: Staff
    runtime: Path

    @classmethod
    def make(cls, folder: DemoFolder, out: Path) -> StorySite:
        """Write the settings; `out` is where the story's results go."""
        runtime = Path("/dev/shm") / f"garim-story-{out.resolve().name}-{id(folder):x}"  # noqa: S108 - in memory
        site = cls(folder, Staff(folder.root / "story.toml", folder.root), runtime)
        site._write("")
        return site

    @property
    def root(self) -> Path:
        return self.folder.root

    @property
    def config(self) -> Path:
        return self.staff.config

    @property
    def letter(self) -> Path:
        return self.root / "letter.txt"

    def identity(self, custodian: str) -> Path:
        """A custodian's key; at a real site it never comes near the recorder."""
        return self.root / f"{custodian}.identity.txt"

    def originals(self) -> list[datetime]:
        """When each original that lies there begins, in order."""
        media = self.folder.media
        names = [parse(path.relative_to(media)) for path in media.rglob(f"*{BODY_SUFFIX}")]
        return sorted(_EPOCH + timedelta(microseconds=name.start) for name in names if name is not None)

    def nothing_plain(self) -> bool:
        """Whether nothing that a thief of the machine gets opens an original."""
        parts = (self.folder.media, self.folder.state)
        stored = [path for part in parts for path in part.rglob("*") if path.is_file()]
        return not readable_without_key([*stored, self.config])

    def segments(self, exports: Sequence[Path | None], out: Path) -> None:
        """Copy the original out of an encrypted and an unencrypted export."""
        for export, suffix, name in zip(
            exports, (".h264.age", ".h264"), ("segment.age", "segment.h264"), strict=True
        ):
            found = [] if export is None else sorted(export.rglob(f"*{suffix}"))
            if not found:
                raise WorkerError(f"No {suffix} is in the export", mend="Report this as a defect")
            shutil.copy(found[0], out / name)

    def opened(self, segment: Path, identity: Path) -> bytes:
        """What the key in `identity` opens of an age file. Raises VaultError."""
        data = segment.read_bytes()
        end = data.index(b"\n", data.index(b"\n--- ") + 1) + 1
        keys = [line for line in identity.read_text(encoding="ascii").splitlines() if line.startswith("AGE-")]
        return b"".join(AGE.opener(data[:end], io.BytesIO(data[end:]), keys).pieces())

    def backup(self) -> Path:
        """A copy of media and index, as a general backup holds it: without the share store."""
        copy = self.root / "backup"
        shutil.copytree(self.folder.media, copy / "media")
        (copy / "state").mkdir()
        for path in self.folder.state.glob("index.sqlite*"):
            shutil.copy(path, copy / "state" / path.name)
        return copy

    def restore(self, copy: Path) -> None:
        """Put the copy back in place of what is there now."""
        shutil.rmtree(self.folder.media)
        shutil.copytree(copy / "media", self.folder.media)
        for path in self.folder.state.glob("index.sqlite*"):
            path.unlink()
        for path in (copy / "state").iterdir():
            shutil.copy(path, self.folder.state / path.name)

    def expire(self) -> None:
        """Settings by which everything that was recorded is too old."""
        self._write("retention_days = 0.00001\n")

    def clear(self) -> None:
        """Remove what lies in memory."""
        shutil.rmtree(self.runtime, ignore_errors=True)

    def _write(self, retention: str) -> None:
        values = {
            "state": self.folder.state,
            "password": self.folder.onvif_password_file,
            "media": self.folder.media,
            "exports": self.root / "exports",
            "runtime": self.runtime,
            "source": f"file:{self.folder.footage_file}",
        }
        quoted = {name: json.dumps(str(value)) for name, value in values.items()}
        self.config.write_text(_SETTINGS.format(retention=retention, **quoted), encoding="utf-8")
