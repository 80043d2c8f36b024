"""Run by Alembic: applies the steps on the connection that the index hands over."""

from __future__ import annotations

from alembic import context

from recorder.audit import tables as _audit  # noqa: F401 - so that the metadata is whole
from recorder.evidence import tables as _evidence  # noqa: F401
from recorder.requests import tables as _requests  # noqa: F401
from recorder.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
