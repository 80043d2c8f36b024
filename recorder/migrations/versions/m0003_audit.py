"""The audit log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "m0003"
down_revision = "m0002"
branch_labels = None
depends_on = None

_REFUSE = """CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} only grows'); END"""
# INSERT OR REPLACE deletes without asking the trigger of DELETE.
_REFUSE_REPLACE = """CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}
WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})
BEGIN SELECT RAISE(ABORT, '{table} only grows'); END"""
_FUNCTION = """CREATE OR REPLACE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% only grows', TG_TABLE_NAME; END $$"""
_REFUSE_ANY = """CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()"""

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the log's tables, and let the database refuse to change what is in them."""
    _entries()
    _heads()
    _refusals("audit", "number")
    _refusals("audit_head", "size")


def _refusals(table: str, key: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_FUNCTION)
        op.execute(_REFUSE_ANY.format(table=table))
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(_REFUSE.format(table=table, verb=verb))
    op.execute(_REFUSE_REPLACE.format(table=table, key=key))


def _entries() -> None:
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


def _heads() -> None:
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
        sa.Column(
            "frontier",
            sa.LargeBinary(),
            nullable=False,
            comment="Hashes of the tree's perfect subtrees, largest first, from which the next head goes on",
        ),
        sa.Column("key", sa.LargeBinary(32), nullable=False, comment="Ed25519 public key that signed it"),
        sa.Column("signature", sa.LargeBinary(64), nullable=False, comment="Over the head's canonical JSON"),
        sa.PrimaryKeyConstraint("size", name="pk_audit_head"),
        comment="Signed tree heads",
    )
