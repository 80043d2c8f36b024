"""The log's tables. Rows are added and never changed: triggers refuse anything else."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, LargeBinary, String, Table, Text

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
    Column("key", LargeBinary(32), nullable=False, comment="Ed25519 public key that signed it"),
    Column("signature", LargeBinary(64), nullable=False, comment="Over the head's canonical JSON"),
    comment="Signed tree heads",
)
