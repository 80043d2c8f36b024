"""The index's tables. Times are integer microseconds UTC; every column says what it holds."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    text,
)

from recorder.layout import LONGEST

PRESENT = "PRESENT"
PURGING = "PURGING"
DELETED = "DELETED"

_BIG = BigInteger().with_variant(Integer(), "sqlite")

metadata = MetaData(
    naming_convention={
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

camera = Table(
    "camera",
    metadata,
    Column("id", Integer, primary_key=True, comment="Number of the camera in this index"),
    Column("name", String(40), nullable=False, unique=True, comment="The camera's lasting name"),
    comment="Cameras that ever recorded",
)

segment = Table(
    "segment",
    metadata,
    Column("id", _BIG, primary_key=True, autoincrement=True, comment="Number of the segment in this index"),
    Column(
        "uid",
        String(16),
        nullable=False,
        unique=True,
        comment="The segment's lasting name, in its files' names",
    ),
    Column("camera_id", ForeignKey("camera.id"), nullable=False, comment="The camera that it shows"),
    Column("kind", String(8), nullable=False, comment="original (encrypted) or masked"),
    Column("start", _BIG, nullable=False, comment="Capture of the first access unit, us UTC"),
    Column("end", _BIG, nullable=False, comment="End of the last access unit's display, us UTC"),
    Column("expires", _BIG, nullable=False, comment="When it is due for purging, us UTC"),
    Column(
        "state", String(8), nullable=False, comment="PRESENT, PURGING (being deleted) or DELETED (tombstone)"
    ),
    Column("deleted", _BIG, nullable=True, comment="When its files were gone, us UTC"),
    Column("damage", Text, nullable=True, comment="What the last check found wrong with its files"),
    Column("path", Text, nullable=False, comment="Its files without suffix, relative to the media folder"),
    Column("suite", String(32), nullable=False, comment="Cipher suite of an original, else empty"),
    Column(
        "recipients", Text, nullable=False, comment="Public keys that it was first encrypted to, one a line"
    ),
    Column("sha256", String(64), nullable=False, comment="SHA-256 of the body (original) or mp4 (masked)"),
    Column("size", _BIG, nullable=False, comment="Bytes of the body or mp4"),
    Column("header_size", _BIG, nullable=False, comment="Bytes of the header as first written"),
    Column("plain_size", _BIG, nullable=False, comment="Bytes of an original's plaintext"),
    Column("side_sha256", String(64), nullable=False, comment="SHA-256 of the units' table or the regions"),
    Column("side_size", _BIG, nullable=False, comment="Bytes of the units' table or the regions"),
    Column("codec", String(32), nullable=False, comment="FFmpeg's name of the codec"),
    Column("width", Integer, nullable=False, comment="Width of the picture in pixels"),
    Column("height", Integer, nullable=False, comment="Height of the picture in pixels"),
    Column("frames", Integer, nullable=False, comment="Access units of video"),
    Column("starts_with_key", Integer, nullable=False, comment="1 when it decodes without the segment before"),
    Column(
        "origin", _BIG, nullable=False, comment="The stream's time stamp (1/90000 s) that counts as 0 in it"
    ),
    Column("parameter_sets", Text, nullable=False, comment="Parameter sets in Annex B, in base64"),
    CheckConstraint("kind IN ('original', 'masked')", name="kind"),
    CheckConstraint("state IN ('PRESENT', 'PURGING', 'DELETED')", name="state"),
    CheckConstraint("(state = 'DELETED') = (deleted IS NOT NULL)", name="deleted"),
    CheckConstraint(f'"end" > start AND "end" - start <= {LONGEST}', name="length"),
    CheckConstraint('expires >= "end"', name="expires"),
    CheckConstraint(
        "size >= 0 AND header_size >= 0 AND plain_size >= 0 AND side_size >= 0 AND frames >= 0", name="sizes"
    ),
    CheckConstraint("starts_with_key IN (0, 1)", name="starts_with_key"),
    comment="Finished segments, and tombstones of purged ones",
)

Index("ix_segment_lookup", segment.c.camera_id, segment.c.kind, segment.c.start)
Index(
    "ix_segment_due",
    segment.c.expires,
    sqlite_where=text("state = 'PRESENT'"),
    postgresql_where=text("state = 'PRESENT'"),
)
Index(
    "ix_segment_purging",
    segment.c.id,
    sqlite_where=text("state = 'PURGING'"),
    postgresql_where=text("state = 'PURGING'"),
)
