"""The table of exports. Times are integer microseconds UTC."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Integer, String, Table, Text

from recorder.tables import BIG, metadata

export = Table(
    "export",
    metadata,
    Column("id", String(20), primary_key=True, comment="The export's name: E, its day, and its mark"),
    Column("mark", Integer, nullable=False, unique=True, comment="What its invisible marks carry, 31 bits"),
    Column("kind", String(10), nullable=False, comment="original, masked, selective, stills or share"),
    Column("request", String(20), nullable=True, comment="Number of the request; none for a share"),
    Column("reason", Text, nullable=False, comment="Why a share was made; empty where a request says so"),
    Column("cameras", Text, nullable=False, comment="Cameras in it, one a line"),
    Column("start", BIG, nullable=False, comment="First instant asked for, us UTC"),
    Column("end", BIG, nullable=False, comment="First instant after it, us UTC"),
    Column("created", BIG, nullable=False, comment="When it was made, us UTC"),
    Column("created_by", String(64), nullable=False, comment="Who made it"),
    Column("manifest_sha256", String(64), nullable=False, comment="SHA-256 of its manifest"),
    Column("reviewed_by", String(64), nullable=True, comment="Who looked through it before it left"),
    Column("receiver", Text, nullable=False, comment="Who gets it"),
    Column("folder", Text, nullable=False, comment="Where its files were put on this machine"),
    Column("destroyed", BIG, nullable=True, comment="When its files were removed here, us UTC"),
    CheckConstraint("kind IN ('original', 'masked', 'selective', 'stills', 'share')", name="kind"),
    CheckConstraint("(kind = 'share') = (request IS NULL)", name="request"),
    CheckConstraint("kind <> 'share' OR reason <> ''", name="reason"),
    CheckConstraint("kind = 'original' OR reviewed_by IS NOT NULL", name="review"),
    CheckConstraint('"end" > start', name="length"),
    CheckConstraint("mark >= 0", name="mark"),
    comment="What has left: each export and each share of masked footage",
)
