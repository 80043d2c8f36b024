"""The rows of a release against their signatures and their camera's chain. An altered row opens nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from recorder.chain import authentic
from recorder.index import Index
from recorder.segment import Segment
from recorder.signing import PublicKey
from recorder.tables import camera, segment


@dataclass(frozen=True, slots=True)
class Vetted:
    """By the segments' uid: why a row is `refused`, and what else is to be `told` of one that is not."""

    refused: dict[str, str]
    told: dict[str, str]


def vetted(rows: Sequence[Segment], index: Index, key: PublicKey) -> Vetted:
    """Compare `rows` with their signatures by the recorder's `key`, and with the rows that they name before them.

    Rows from before rows were signed come first in a camera's chain; later ones without a signature are refused.
    """
    since = _signed_since(index, {row.camera for row in rows})
    known = _digests(index, {row.camera for row in rows if row.previous}, {row.previous for row in rows})
    refused: dict[str, str] = {}
    told: dict[str, str] = {}
    for row in rows:
        if not row.digest:
            if row.id > since.get(row.camera, row.id):
                refused[row.uid] = "its row in the index is not signed, but rows before it are"
        elif not _as_signed(row, key):
            refused[row.uid] = "its row in the index is not as it was signed"
        elif row.previous and row.previous not in known:
            told[row.uid] = "the row that came before it in its camera's chain is not in the index any more"
    return Vetted(refused, told)


def _as_signed(row: Segment, key: PublicKey) -> bool:
    try:
        return row.path == row.descriptor().path and authentic(row, key)
    except ValueError:  # a row of which no descriptor can be made
        return False


def _signed_since(index: Index, cameras: set[str]) -> dict[str, int]:
    """The number of each camera's first signed row."""
    query = (
        select(camera.c.name, func.min(segment.c.id))
        .join_from(segment, camera)
        .where(camera.c.name.in_(cameras), segment.c.digest != "")
        .group_by(camera.c.name)
    )
    with index.database.read() as connection:
        return {str(name): int(number) for name, number in connection.execute(query)}


def _digests(index: Index, cameras: set[str], wanted: set[str]) -> set[str]:
    query = (
        select(segment.c.digest)
        .join_from(segment, camera)
        .where(camera.c.name.in_(cameras), segment.c.kind.in_(("original", "masked")))
    )
    with index.database.read() as connection:
        return {digest for digest in connection.scalars(query) if digest in wanted}
