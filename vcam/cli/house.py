"""The site as exports need it, out of its settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from vcam.base.settings import Settings

if TYPE_CHECKING:
    from recorder.database import Database
    from vcam.export.house import House


def house(settings: Settings, database: Database, exports: Path | None = None) -> House:
    """The house of this site, exporting into `exports` or else the site's own folder. Raises RecordError."""
    from recorder.signing import INSTITUTION, RECORDER, SigningKey
    from vcam.base.clock import SystemClock
    from vcam.export.house import House
    from vcam.export.marks import both
    from vcam.export.watermark import open_key

    keys, custody = settings.site.state / "keys", settings.custody
    return House(
        database=database,
        media=settings.recorder.folder,
        exports=(exports or custody.exports).resolve(),
        runtime=custody.runtime,
        institution=custody.institution or settings.site.name,
        officer=custody.officer,
        signing=SigningKey.open(keys, INSTITUTION),
        recorder=SigningKey.open(keys, RECORDER).public,
        cameras={camera.name: camera for camera in settings.camera},
        site=settings.site,
        clock=SystemClock(),
        marking=both(open_key(keys)),
    )
