"""Ends releases that nobody will open any more, so that no answer and no one-time key outlives its case."""

from __future__ import annotations

from recorder.audit.entry import SYSTEM
from recorder.database import Database
from recorder.release.asking import ROTATION, cancel
from recorder.release.runtime import Runtime
from recorder.requests.book import Requests
from recorder.requests.states import MOVES, Deed
from recorder.shares.store import ShareStore
from vcam.base.clock import Clock


def lapse(
    *, database: Database, store: ShareStore, runtime: Runtime, clock: Clock, book: Requests
) -> list[str]:
    """End every release whose time is over, or whose case has no use for it; their names. Raises GarimError."""
    ended = []
    for release in store.releases():
        why = ""
        if clock.utc() > release.expires:
            why = "its time is over"
        elif release.request != ROTATION:
            state = book.get(release.request).state
            why = "" if (state, Deed.RELEASE) in MOVES else f"its case is {state}"
        if why:
            cancel(release.id, by=SYSTEM, why=why, database=database, store=store, runtime=runtime, clock=clock)
            ended.append(release.id)
    return ended
