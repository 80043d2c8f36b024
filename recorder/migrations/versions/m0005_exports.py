"""Exports and links."""

from __future__ import annotations

revision = "m0005"
down_revision = "m0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
