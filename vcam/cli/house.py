"""The site as exports need it, out of its settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from vcam.base.errors import ConfigError
from vcam.base.settings import Settings

if TYPE_CHECKING:
    from recorder.database import Database
    from recorder.evidence.claims import Credentials
    from vcam.base.settings_custody import CustodySettings
    from vcam.export.house import House


def house(settings: Settings, database: Database, exports: Path | None = None) -> House:
    """The house of this site, exporting into `exports` or else the site's own folder. Raises RecordError."""
    from recorder.signing import INSTITUTION, SigningKey
    from vcam.app import signing_key
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
        recorder=signing_key(settings).public,
        cameras={camera.name: camera for camera in settings.camera},
        site=settings.site,
        clock=SystemClock(),
        segment_seconds=settings.recorder.segment,
        marking=both(open_key(keys)),
        credentials=_credentials(custody),
    )


def _credentials(custody: CustodySettings) -> Credentials | None:
    """What C2PA claims are signed with. Raises ConfigError when only half of it is given."""
    from recorder.evidence.claims import Credentials

    if custody.c2pa_chain is None and custody.c2pa_key is None:
        return None
    if custody.c2pa_chain is None or custody.c2pa_key is None:
        raise ConfigError("custody.c2pa_chain and custody.c2pa_key go together", mend="Give both, or neither")
    return Credentials.read(custody.c2pa_chain, custody.c2pa_key)
