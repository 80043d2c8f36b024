"""The log's tables. Rows are added and never changed: triggers refuse anything else."""

from __future__ import annotations

from sqlalchemy import DDL, CheckConstraint, Column, LargeBinary, String, Table, Text, event

from recorder.tables import BIG, metadata

entry = Table(
    "audit",
    metadata,
    Column("number", BIG, primary_key=True, autoincrement=False, comment="Position in the log, from 0"),
    Column("time", BIG, nullable=False, comment="When it happened, us UTC"),
    Column("actor", String(64), nullable=False, comment="Who did it: a person's name, or 'garim' itself"),
    Column("action", String(40), nullable=False, comment="What was done, from a closed list"),
    Column("subject", String(200), nullable=False, comment="To what: camera/x, request/2026-0001, export/…"),
    Column(
        "body", Text, nullable=False, comment="The whole entry as canonical JSON: what the leaf's hash covers"
    ),
    Column("leaf", LargeBinary(32), nullable=False, comment="SHA-256 of 0x00 and the body (RFC 6962, 2.1)"),
    CheckConstraint("number >= 0", name="number"),
    comment="Everything that must stay on record",
)

head = Table(
    "audit_head",
    metadata,
    Column("size", BIG, primary_key=True, autoincrement=False, comment="Entries that the head covers"),
    Column("time", BIG, nullable=False, comment="When it was signed, us UTC"),
    Column(
        "root", LargeBinary(32), nullable=False, comment="Merkle tree hash of those entries (RFC 6962, 2.1)"
    ),
    Column(
        "frontier",
        LargeBinary,
        nullable=False,
        comment="Hashes of the tree's perfect subtrees, largest first, from which the next head goes on",
    ),
    Column("key", LargeBinary(32), nullable=False, comment="Ed25519 public key that signed it"),
    Column("signature", LargeBinary(64), nullable=False, comment="Over the head's canonical JSON"),
    comment="Signed tree heads",
)

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


def _refusals(table: str, key: str) -> None:
    """Let the database itself refuse to change or delete what is in the log."""
    for verb in ("UPDATE", "DELETE"):
        _after(table, "sqlite", _REFUSE.format(table=table, verb=verb))
    _after(table, "sqlite", _REFUSE_REPLACE.format(table=table, key=key))
    _after(table, "postgresql", _FUNCTION)
    _after(table, "postgresql", _REFUSE_ANY.format(table=table))


def _after(table: str, dialect: str, statement: str) -> None:
    ddl = DDL(statement.replace("%", "%%")).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]
    event.listen(metadata.tables[table], "after_create", ddl)


_refusals("audit", "number")
_refusals("audit_head", "size")
