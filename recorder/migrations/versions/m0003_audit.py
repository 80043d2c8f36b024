"""The audit log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "m0003"
down_revision = "m0002"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the log's tables."""
    op.create_table(
        "audit",
        sa.Column("number", _BIG, autoincrement=False, nullable=False, comment="Position in the log, from 0"),
        sa.Column("time", _BIG, nullable=False, comment="When it happened, us UTC"),
        sa.Column(
            "actor", sa.String(64), nullable=False, comment="Who did it: a person's name, or 'garim' itself"
        ),
        sa.Column("action", sa.String(40), nullable=False, comment="What was done, from a closed list"),
        sa.Column(
            "subject", sa.String(200), nullable=False, comment="To what: camera/x, request/2026-0001, export/…"
        ),
        sa.Column(
            "body",
            sa.Text(),
            nullable=False,
            comment="The whole entry as canonical JSON: what the leaf's hash covers",
        ),
        sa.Column(
            "leaf", sa.LargeBinary(32), nullable=False, comment="SHA-256 of 0x00 and the body (RFC 6962, 2.1)"
        ),
        sa.CheckConstraint("number >= 0", name=op.f("ck_audit_number")),
        sa.PrimaryKeyConstraint("number", name="pk_audit"),
        comment="Everything that must stay on record",
    )
    op.create_table(
        "audit_head",
        sa.Column("size", _BIG, autoincrement=False, nullable=False, comment="Entries that the head covers"),
        sa.Column("time", _BIG, nullable=False, comment="When it was signed, us UTC"),
        sa.Column(
            "root",
            sa.LargeBinary(32),
            nullable=False,
            comment="Merkle tree hash of those entries (RFC 6962, 2.1)",
        ),
        sa.Column("key", sa.LargeBinary(32), nullable=False, comment="Ed25519 public key that signed it"),
        sa.Column("signature", sa.LargeBinary(64), nullable=False, comment="Over the head's canonical JSON"),
        sa.PrimaryKeyConstraint("size", name="pk_audit_head"),
        comment="Signed tree heads",
    )
