"""The register of what has left. A row and its entry in the log are one commit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, cast

from sqlalchemy import Connection, Row, insert, select, update

from recorder.audit.append import append
from recorder.audit.entry import Entry
from recorder.database import Database
from recorder.evidence.ids import export_id, new_mark
from recorder.evidence.manifest import Kind
from recorder.evidence.tables import export
from recorder.scope import Scope
from vcam.base.errors import CustodyError

_ATTEMPTS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One row. Times in us UTC; `destroyed` is when its files were removed here."""

    id: str
    mark: int
    kind: Kind
    request: str | None
    reason: str
    scope: Scope
    created: int
    created_by: str
    manifest_sha256: str
    reviewed_by: str | None
    receiver: str
    folder: str
    destroyed: int | None = None


class Exports:
    """What has left, by name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def new_name(self, time: int) -> tuple[str, int]:
        """A name that no export has, for one made at `time` (us UTC), and its mark."""
        with self._database.read() as connection:
            for _ in range(_ATTEMPTS):
                mark = new_mark()
                if connection.scalar(select(export.c.id).where(export.c.mark == mark)) is None:
                    return export_id(mark, time), mark
        raise CustodyError("No free name for an export was found", mend="Try again")

    def record(self, made: Export, log: Callable[[Connection], object]) -> None:
        """Write the row, and in the same commit whatever `log` puts on record. Raises RecordError."""
        with self._database.write() as connection:
            connection.execute(
                insert(export).values(
                    id=made.id,
                    mark=made.mark,
                    kind=made.kind,
                    request=made.request,
                    reason=made.reason,
                    cameras="\n".join(made.scope.cameras),
                    start=made.scope.start,
                    end=made.scope.end,
                    created=made.created,
                    created_by=made.created_by,
                    manifest_sha256=made.manifest_sha256,
                    reviewed_by=made.reviewed_by,
                    receiver=made.receiver,
                    folder=made.folder,
                )
            )
            log(connection)

    def get(self, name: str) -> Export:
        """The export of that name. Raises CustodyError."""
        found = self.find(name)
        if found is None:
            raise CustodyError(f"There is no export {name!r}", mend="See 'garim exports list'")
        return found

    def find(self, name: str) -> Export | None:
        """The export of that name, if there is one."""
        with self._database.read() as connection:
            row = connection.execute(select(export).where(export.c.id == name)).first()
        return None if row is None else _export(row)

    def list(self, request: str | None = None) -> list[Export]:
        """All, or those of one request, the oldest first."""
        query = select(export).order_by(export.c.created, export.c.id)
        if request is not None:
            query = query.where(export.c.request == request)
        with self._database.read() as connection:
            return [_export(row) for row in connection.execute(query)]

    def destroy(self, name: str, time: int, entry: Entry) -> Export:
        """Note that the files are about to be removed, with its entry. Raises CustodyError when they were."""
        with self._database.write() as connection:
            unless = (export.c.id == name, export.c.destroyed.is_(None))
            done = connection.execute(update(export).where(*unless).values(destroyed=time))
            if not done.rowcount:
                raise CustodyError(f"Export {name} is not there any more", mend="See 'garim exports list'")
            append(connection, entry)
        return replace(self.get(name), destroyed=time)


def _export(row: Row[Any]) -> Export:
    values = dict(row._mapping)
    scope = Scope(tuple(values.pop("cameras").split("\n")), values.pop("start"), values.pop("end"))
    values["kind"] = cast(Kind, values["kind"])
    return Export(**values, scope=scope)
