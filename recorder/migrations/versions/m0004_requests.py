"""People and requests."""

from __future__ import annotations

revision = "m0004"
down_revision = "m0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
