"""The index's rows of cameras: whose they are, and where their chains end."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, insert, select, text

from recorder.tables import camera
from vcam.base.errors import RecordError


class Place(NamedTuple):
    """A camera's row: its number, the recorder that keeps its footage, and the digest of its last chained row."""

    id: int
    recorder: str | None
    head: str


def claim(connection: Connection, name: str, recorder: str | None = None) -> Place:
    """The row of camera `name`, made when there is none, and held until the transaction ends.

    So what is counted or chained for one camera never interleaves. `recorder` is who is about to record it:
    a camera belongs to the first that did. Raises RecordError when it belongs to another.
    """
    query = select(camera.c.id, camera.c.recorder, camera.c.head).where(camera.c.name == name).with_for_update()
    found = connection.execute(query).one_or_none()
    if found is None:
        connection.execute(insert(camera).values(name=name, recorder=recorder))
        if connection.dialect.name == "postgresql":
            # Its own daemon never counts so small a table, and plans by a guess of whose the cameras are.
            connection.execute(text("ANALYZE camera"))
        found = connection.execute(query).one()
    elif recorder is not None and found.recorder is None:
        connection.execute(camera.update().where(camera.c.id == found.id).values(recorder=recorder))
    elif recorder is not None and found.recorder != recorder:
        raise RecordError(
            f"Camera {name} belongs to recorder {found.recorder!r} in this index, and this one is {recorder!r}",
            mend="Recorders that share an index need different names of cameras, and a lasting recorder.name each",
        )
    return Place(*found)
