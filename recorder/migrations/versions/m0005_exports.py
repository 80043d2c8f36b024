"""Exports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "m0005"
down_revision = "m0004"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table of exports."""
    op.create_table(
        "export",
        sa.Column("id", sa.String(20), nullable=False, comment="The export's name: E, its day, and its mark"),
        sa.Column("mark", sa.Integer(), nullable=False, comment="What its invisible marks carry, 31 bits"),
        sa.Column(
            "kind", sa.String(10), nullable=False, comment="original, masked, selective, stills or share"
        ),
        sa.Column("request", sa.String(20), nullable=True, comment="Number of the request; none for a share"),
        sa.Column(
            "reason",
            sa.Text(),
            nullable=False,
            comment="Why a share was made; empty where a request says so",
        ),
        sa.Column("cameras", sa.Text(), nullable=False, comment="Cameras in it, one a line"),
        sa.Column("start", _BIG, nullable=False, comment="First instant asked for, us UTC"),
        sa.Column("end", _BIG, nullable=False, comment="First instant after it, us UTC"),
        sa.Column("created", _BIG, nullable=False, comment="When it was made, us UTC"),
        sa.Column("created_by", sa.String(64), nullable=False, comment="Who made it"),
        sa.Column("manifest_sha256", sa.String(64), nullable=False, comment="SHA-256 of its manifest"),
        sa.Column("reviewed_by", sa.String(64), nullable=True, comment="Who looked through it before it left"),
        sa.Column("receiver", sa.Text(), nullable=False, comment="Who gets it"),
        sa.Column("folder", sa.Text(), nullable=False, comment="Where its files were put on this machine"),
        sa.Column("destroyed", _BIG, nullable=True, comment="When its files were removed here, us UTC"),
        sa.CheckConstraint(
            "kind IN ('original', 'masked', 'selective', 'stills', 'share')", name=op.f("ck_export_kind")
        ),
        sa.CheckConstraint("(kind = 'share') = (request IS NULL)", name=op.f("ck_export_request")),
        sa.CheckConstraint("kind <> 'share' OR reason <> ''", name=op.f("ck_export_reason")),
        sa.CheckConstraint("kind = 'original' OR reviewed_by IS NOT NULL", name=op.f("ck_export_review")),
        sa.CheckConstraint('"end" > start', name=op.f("ck_export_length")),
        sa.CheckConstraint("mark >= 0", name=op.f("ck_export_mark")),
        sa.PrimaryKeyConstraint("id", name="pk_export"),
        sa.UniqueConstraint("mark", name="uq_export_mark"),
        comment="What has left: each export and each share of masked footage",
    )
