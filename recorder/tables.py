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

HOUR = 3_600_000_000
"""Microseconds. Keys and holds go by whole hours UTC, from their first instant."""

PRESENT = "PRESENT"
PURGING = "PURGING"
DELETED = "DELETED"

BIG = BigInteger().with_variant(Integer(), "sqlite")

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
    Column("recorder", String(40), nullable=True, comment="The recorder that keeps its footage, once one has"),
    Column(
        "head", String(64), nullable=False, server_default="", comment="Digest of its last row in the chain"
    ),
    comment="Cameras that ever recorded",
)

segment = Table(
    "segment",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=True, comment="Number of the segment in this index"),
    Column(
        "uid",
        String(16),
        nullable=False,
        unique=True,
        comment="The segment's lasting name, in its files' names",
    ),
    Column("camera_id", ForeignKey("camera.id"), nullable=False, comment="The camera that it shows"),
    Column("kind", String(8), nullable=False, comment="original (encrypted) or masked"),
    Column("start", BIG, nullable=False, comment="Capture of the first access unit, us UTC"),
    Column("end", BIG, nullable=False, comment="End of the last access unit's display, us UTC"),
    Column("expires", BIG, nullable=False, comment="When it is due for purging, us UTC"),
    Column(
        "state", String(8), nullable=False, comment="PRESENT, PURGING (being deleted) or DELETED (tombstone)"
    ),
    Column("deleted", BIG, nullable=True, comment="When its files were gone, us UTC"),
    Column("damage", Text, nullable=True, comment="What the last check found wrong with its files"),
    Column("path", Text, nullable=False, comment="Its files without suffix, relative to the media folder"),
    Column("suite", String(32), nullable=False, comment="Cipher suite of an original, else empty"),
    Column(
        "recipients", Text, nullable=False, comment="Public keys that it was first encrypted to, one a line"
    ),
    Column("sha256", String(64), nullable=False, comment="SHA-256 of the body (original) or mp4 (masked)"),
    Column("size", BIG, nullable=False, comment="Bytes of the body or mp4"),
    Column("header_size", BIG, nullable=False, comment="Bytes of the header as first written"),
    Column("plain_size", BIG, nullable=False, comment="Bytes of an original's plaintext"),
    Column("side_sha256", String(64), nullable=False, comment="SHA-256 of the units' table or the regions"),
    Column("side_size", BIG, nullable=False, comment="Bytes of the units' table or the regions"),
    Column("codec", String(32), nullable=False, comment="FFmpeg's name of the codec"),
    Column("width", Integer, nullable=False, comment="Width of the picture in pixels"),
    Column("height", Integer, nullable=False, comment="Height of the picture in pixels"),
    Column("frames", Integer, nullable=False, comment="Access units of video"),
    Column("starts_with_key", Integer, nullable=False, comment="1 when it decodes without the segment before"),
    Column("origin", BIG, nullable=False, comment="The stream's time stamp (1/90000 s) that counts as 0 in it"),
    Column("parameter_sets", Text, nullable=False, comment="Parameter sets in Annex B, in base64"),
    Column("epoch", String(60), nullable=False, server_default="", comment="Whose key opens it; empty without"),
    Column("holds", Integer, nullable=False, server_default="0", comment="Legal holds on its hour and camera"),
    Column(
        "previous", String(64), nullable=False, server_default="", comment="Digest of its camera's row before"
    ),
    Column("digest", String(64), nullable=False, server_default="", comment="SHA-256 of what is signed"),
    Column("signature", String(88), nullable=False, server_default="", comment="Ed25519 of the digest, base64"),
    Column("entry", BIG, nullable=True, comment="Number of the log's entry of its purge"),
    CheckConstraint("holds >= 0", name="holds"),
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
    sqlite_where=text("state = 'PRESENT' AND holds = 0"),
    postgresql_where=text("state = 'PRESENT' AND holds = 0"),
)
Index(
    "ix_segment_oldest",
    segment.c.start,
    sqlite_where=text("state = 'PRESENT' AND holds = 0"),
    postgresql_where=text("state = 'PRESENT' AND holds = 0"),
)
Index(
    "ix_segment_purging",
    segment.c.id,
    sqlite_where=text("state = 'PURGING'"),
    postgresql_where=text("state = 'PURGING'"),
)

Index(
    "ix_segment_epoch",
    segment.c.epoch,
    sqlite_where=text("epoch <> '' AND state <> 'DELETED'"),
    postgresql_where=text("epoch <> '' AND state <> 'DELETED'"),
)

hold = Table(
    "hold",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=True, comment="Number of the hold"),
    Column("camera_id", ForeignKey("camera.id"), nullable=False, comment="The camera that it covers"),
    Column("start", BIG, nullable=False, comment="First instant that it covers, a whole hour, us UTC"),
    Column("end", BIG, nullable=False, comment="First instant after it, a whole hour, us UTC"),
    Column("reason", Text, nullable=False, comment="Why, in the words of who placed it"),
    Column("request", String(20), nullable=True, comment="Number of the request that it serves, if one"),
    Column("placed", BIG, nullable=False, comment="When it was placed, us UTC"),
    Column("placed_by", String(64), nullable=False, comment="Who placed it"),
    Column("lifted", BIG, nullable=True, comment="When it was lifted, us UTC"),
    Column("lifted_by", String(64), nullable=True, comment="Who lifted it"),
    CheckConstraint('"end" > start', name="length"),
    CheckConstraint(f'start % {HOUR} = 0 AND "end" % {HOUR} = 0', name="hours"),
    CheckConstraint("(lifted IS NULL) = (lifted_by IS NULL)", name="lifted"),
    CheckConstraint("reason <> ''", name="reason"),
    comment="Legal holds: what they cover is not purged",
)

Index("ix_hold_cover", hold.c.camera_id, hold.c.start)
