"""Puts on record that somebody looks at opened footage, before anything is looked at."""

from __future__ import annotations

from typing import Literal

from recorder.audit.append import append
from recorder.audit.entry import Action, Entry
from vcam.export.house import House
from vcam.export.order import Order


def looked(order: Order, house: House, kind: Literal["original", "masked"], task: str) -> None:
    """Commit the entry. `kind` is what is seen, `task` what for. Raises RecordError."""
    told = {**order.case.case(), "cameras": list(order.scope.cameras), "start": order.scope.start}
    told |= {"end": order.scope.end, "kind": kind, "task": task}
    entry = Entry(
        house.clock.utc(), order.by, Action.VIEWED, f"request/{order.case.number}", told, order.origin
    )
    with house.database.write() as connection:
        append(connection, entry)
