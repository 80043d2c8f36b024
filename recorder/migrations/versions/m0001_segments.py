"""Cameras and segments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "m0001"
down_revision = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_LONGEST = 900_000_000


def upgrade() -> None:
    """Make both tables and their indexes."""
    _cameras()
    _segments()
    op.create_index("ix_segment_lookup", "segment", ["camera_id", "kind", "start"])
    present, purging = sa.text("state = 'PRESENT'"), sa.text("state = 'PURGING'")
    op.create_index("ix_segment_due", "segment", ["expires"], sqlite_where=present, postgresql_where=present)
    op.create_index("ix_segment_purging", "segment", ["id"], sqlite_where=purging, postgresql_where=purging)


def downgrade() -> None:
    """Remove both tables."""
    op.drop_table("segment")
    op.drop_table("camera")


def _cameras() -> None:
    op.create_table(
        "camera",
        sa.Column("id", sa.Integer(), nullable=False, comment="Number of the camera in this index"),
        sa.Column("name", sa.String(40), nullable=False, comment="The camera's lasting name"),
        sa.PrimaryKeyConstraint("id", name="pk_camera"),
        sa.UniqueConstraint("name", name="uq_camera_name"),
        comment="Cameras that ever recorded",
    )


def _segments() -> None:
    op.create_table(
        "segment",
        sa.Column(
            "id", _BIG, nullable=False, autoincrement=True, comment="Number of the segment in this index"
        ),
        sa.Column(
            "uid", sa.String(16), nullable=False, comment="The segment's lasting name, in its files' names"
        ),
        sa.Column("camera_id", sa.Integer(), nullable=False, comment="The camera that it shows"),
        sa.Column("kind", sa.String(8), nullable=False, comment="original (encrypted) or masked"),
        sa.Column("start", _BIG, nullable=False, comment="Capture of the first access unit, us UTC"),
        sa.Column("end", _BIG, nullable=False, comment="End of the last access unit's display, us UTC"),
        sa.Column("expires", _BIG, nullable=False, comment="When it is due for purging, us UTC"),
        sa.Column(
            "state",
            sa.String(8),
            nullable=False,
            comment="PRESENT, PURGING (being deleted) or DELETED (tombstone)",
        ),
        sa.Column("deleted", _BIG, nullable=True, comment="When its files were gone, us UTC"),
        sa.Column("damage", sa.Text(), nullable=True, comment="What the last check found wrong with its files"),
        sa.Column(
            "path", sa.Text(), nullable=False, comment="Its files without suffix, relative to the media folder"
        ),
        sa.Column("suite", sa.String(32), nullable=False, comment="Cipher suite of an original, else empty"),
        sa.Column(
            "recipients",
            sa.Text(),
            nullable=False,
            comment="Public keys that it was first encrypted to, one a line",
        ),
        sa.Column(
            "sha256", sa.String(64), nullable=False, comment="SHA-256 of the body (original) or mp4 (masked)"
        ),
        sa.Column("size", _BIG, nullable=False, comment="Bytes of the body or mp4"),
        sa.Column("header_size", _BIG, nullable=False, comment="Bytes of the header as first written"),
        sa.Column("plain_size", _BIG, nullable=False, comment="Bytes of an original's plaintext"),
        sa.Column(
            "side_sha256", sa.String(64), nullable=False, comment="SHA-256 of the units' table or the regions"
        ),
        sa.Column("side_size", _BIG, nullable=False, comment="Bytes of the units' table or the regions"),
        sa.Column("codec", sa.String(32), nullable=False, comment="FFmpeg's name of the codec"),
        sa.Column("width", sa.Integer(), nullable=False, comment="Width of the picture in pixels"),
        sa.Column("height", sa.Integer(), nullable=False, comment="Height of the picture in pixels"),
        sa.Column("frames", sa.Integer(), nullable=False, comment="Access units of video"),
        sa.Column(
            "starts_with_key",
            sa.Integer(),
            nullable=False,
            comment="1 when it decodes without the segment before",
        ),
        sa.Column(
            "origin", _BIG, nullable=False, comment="The stream's time stamp (1/90000 s) that counts as 0 in it"
        ),
        sa.Column("parameter_sets", sa.Text(), nullable=False, comment="Parameter sets in Annex B, in base64"),
        sa.CheckConstraint("kind IN ('original', 'masked')", name=op.f("ck_segment_kind")),
        sa.CheckConstraint("state IN ('PRESENT', 'PURGING', 'DELETED')", name=op.f("ck_segment_state")),
        sa.CheckConstraint("(state = 'DELETED') = (deleted IS NOT NULL)", name=op.f("ck_segment_deleted")),
        sa.CheckConstraint(f'"end" > start AND "end" - start <= {_LONGEST}', name=op.f("ck_segment_length")),
        sa.CheckConstraint('expires >= "end"', name=op.f("ck_segment_expires")),
        sa.CheckConstraint(
            "size >= 0 AND header_size >= 0 AND plain_size >= 0 AND side_size >= 0 AND frames >= 0",
            name=op.f("ck_segment_sizes"),
        ),
        sa.CheckConstraint("starts_with_key IN (0, 1)", name=op.f("ck_segment_starts_with_key")),
        sa.PrimaryKeyConstraint("id", name="pk_segment"),
        sa.UniqueConstraint("uid", name="uq_segment_uid"),
        sa.ForeignKeyConstraint(["camera_id"], ["camera.id"], name="fk_segment_camera_id"),
        comment="Finished segments, and tombstones of purged ones",
    )
