"""The recorder's own signing key, which is made only for a recorder that has never signed anything."""

from __future__ import annotations

import contextlib
from pathlib import Path

from sqlalchemy import select

from recorder.database import Database
from recorder.signing import RECORDER, SigningKey, lost
from recorder.tables import camera


def own_key(folder: Path, url: str, recorder: str) -> SigningKey:
    """The key in `folder` of the recorder of that name, whose rows lie in the index at `url`.

    Raises RecordError, also when the key is gone and the index has rows that it signed.
    """
    path = folder / f"{RECORDER}.key"
    if not _there(path) and _signed(url, recorder):
        raise lost(path, RECORDER)
    return SigningKey.open(folder, RECORDER)


def _there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return True  # opening it tells what is wrong


def _signed(url: str, recorder: str) -> bool:
    rows = select(camera.c.id).where(camera.c.recorder == recorder, camera.c.head != "").limit(1)
    with contextlib.closing(Database(url)) as database, database.read() as connection:
        return connection.scalar(rows) is not None
