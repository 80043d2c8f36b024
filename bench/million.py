"""An index with a million segments, made quickly: rows as a recorder writes them, but for signatures of zeros."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import insert

from recorder.database import Database
from recorder.layout import stem
from recorder.policy import DAY
from recorder.scope import epoch_id
from recorder.tables import PRESENT, camera, segment

MINUTE = 60_000_000
BEGIN = 1_767_225_600_000_000
"""2026-01-01T00:00:00Z in microseconds."""
KEPT = 30 * DAY
_AT_ONCE = 20_000
_DIGEST = "5e" * 32
_SIGNATURE = base64.b64encode(bytes(64)).decode()


@dataclass(frozen=True, slots=True)
class Million:
    """`rows` segments of a minute, two kinds by turns, on `cameras` cameras from BEGIN on."""

    rows: int = 1_000_000
    cameras: int = 24

    @property
    def minutes(self) -> int:
        """Minutes that every camera has recorded."""
        return self.rows // (2 * self.cameras)

    def name(self, number: int) -> str:
        """A camera's name; numbers begin at 0."""
        return f"camera-{number:02d}"

    def fill(self, database: Database) -> None:
        """Write the rows in order of time, as they would come."""
        with database.write() as connection:
            connection.execute(
                insert(camera), [{"name": self.name(n), "recorder": "main"} for n in range(self.cameras)]
            )
        rows = self._rows()
        while batch := list(itertools.islice(rows, _AT_ONCE)):
            with database.write() as connection:
                connection.execute(insert(segment), batch)
        with database.write() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("ANALYZE segment, camera")

    def _rows(self) -> Iterator[dict[str, object]]:
        number = 0
        for minute in range(self.minutes):
            start = BEGIN + minute * MINUTE
            for at in range(self.cameras):
                for kind in ("original", "masked"):
                    number += 1
                    yield self._row(number, at, kind, start)

    def _row(self, number: int, at: int, kind: str, start: int) -> dict[str, object]:
        uid = f"{number:016x}"
        original = kind == "original"
        return {
            "uid": uid,
            "camera_id": at + 1,
            "kind": kind,
            "start": start,
            "end": start + MINUTE,
            "expires": start + MINUTE + KEPT,
            "state": PRESENT,
            "path": str(stem(self.name(at), start, uid)),
            "suite": "age-v1" if original else "",
            "recipients": "age1" + "q" * 58 if original else "",
            "sha256": _DIGEST,
            "size": 30_000_000,
            "header_size": 200 if original else 0,
            "plain_size": 29_990_000 if original else 0,
            "side_sha256": _DIGEST,
            "side_size": 50_000,
            "codec": "h264",
            "width": 1920,
            "height": 1080,
            "frames": 1500,
            "starts_with_key": 1,
            "origin": 0,
            "parameter_sets": "AAAAAWdkACisLEOQHgCJ+XARAAADAAEAAAMAMg8YMZYAAAABaOvjyyLA",
            "epoch": epoch_id(self.name(at), start) if original else "",
            "previous": _DIGEST,
            "digest": _DIGEST,
            "signature": _SIGNATURE,
        }
