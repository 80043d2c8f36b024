"""Epochs, signed chain and legal holds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "m0002"
down_revision = "m0001"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_HOUR = 3_600_000_000


def upgrade() -> None:
    """From segments alone to segments that are chained, held and sealed by epochs."""
    with op.batch_alter_table("camera") as table:
        table.add_column(
            sa.Column(
                "recorder",
                sa.String(40),
                nullable=True,
                comment="The recorder that keeps its footage, once one has",
            )
        )
        table.add_column(
            sa.Column(
                "head",
                sa.String(64),
                nullable=False,
                server_default="",
                comment="Digest of its last row in the chain",
            )
        )
    op.drop_index("ix_segment_due", table_name="segment")
    with op.batch_alter_table("segment") as table:
        table.add_column(
            sa.Column(
                "epoch",
                sa.String(60),
                nullable=False,
                server_default="",
                comment="Whose key opens it; empty without",
            )
        )
        table.add_column(
            sa.Column(
                "holds",
                sa.Integer(),
                nullable=False,
                server_default="0",
                comment="Legal holds on its hour and camera",
            )
        )
        table.add_column(
            sa.Column(
                "previous",
                sa.String(64),
                nullable=False,
                server_default="",
                comment="Digest of its camera's row before",
            )
        )
        table.add_column(
            sa.Column(
                "digest", sa.String(64), nullable=False, server_default="", comment="SHA-256 of what is signed"
            )
        )
        table.add_column(
            sa.Column(
                "signature",
                sa.String(88),
                nullable=False,
                server_default="",
                comment="Ed25519 of the digest, base64",
            )
        )
        table.add_column(
            sa.Column("entry", _BIG, nullable=True, comment="Number of the log's entry of its purge")
        )
        table.create_check_constraint(op.f("ck_segment_holds"), "holds >= 0")
    for name, columns, where in (
        ("ix_segment_due", ["expires"], "state = 'PRESENT' AND holds = 0"),
        ("ix_segment_oldest", ["start"], "state = 'PRESENT' AND holds = 0"),
        ("ix_segment_epoch", ["epoch"], "epoch <> '' AND state <> 'DELETED'"),
    ):
        op.create_index(name, "segment", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    op.create_table(
        "hold",
        sa.Column("id", _BIG, autoincrement=True, nullable=False, comment="Number of the hold"),
        sa.Column("camera_id", sa.Integer(), nullable=False, comment="The camera that it covers"),
        sa.Column("start", _BIG, nullable=False, comment="First instant that it covers, a whole hour, us UTC"),
        sa.Column("end", _BIG, nullable=False, comment="First instant after it, a whole hour, us UTC"),
        sa.Column("reason", sa.Text(), nullable=False, comment="Why, in the words of who placed it"),
        sa.Column(
            "request", sa.String(20), nullable=True, comment="Number of the request that it serves, if one"
        ),
        sa.Column("placed", _BIG, nullable=False, comment="When it was placed, us UTC"),
        sa.Column("placed_by", sa.String(64), nullable=False, comment="Who placed it"),
        sa.Column("lifted", _BIG, nullable=True, comment="When it was lifted, us UTC"),
        sa.Column("lifted_by", sa.String(64), nullable=True, comment="Who lifted it"),
        sa.CheckConstraint('"end" > start', name=op.f("ck_hold_length")),
        sa.CheckConstraint(f'start % {_HOUR} = 0 AND "end" % {_HOUR} = 0', name=op.f("ck_hold_hours")),
        sa.CheckConstraint("(lifted IS NULL) = (lifted_by IS NULL)", name=op.f("ck_hold_lifted")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_hold_reason")),
        sa.PrimaryKeyConstraint("id", name="pk_hold"),
        sa.ForeignKeyConstraint(["camera_id"], ["camera.id"], name="fk_hold_camera_id"),
        comment="Legal holds: what they cover is not purged",
    )
    op.create_index("ix_hold_cover", "hold", ["camera_id", "start"])
