"""Begins a release: one ask for each custodian, holding his shares of the epochs in scope and no others."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from recorder.audit.append import append
from recorder.audit.entry import Action, Entry
from recorder.database import Database
from recorder.index import Index, Segment
from recorder.release.document import Ask, Case
from recorder.release.runtime import Runtime
from recorder.scope import Scope
from recorder.shares.records import Release
from recorder.shares.store import ShareStore
from recorder.signing import SigningKey
from vcam.base.canonical import canonical
from vcam.base.clock import Clock
from vcam.base.errors import CustodyError

LIFE = 14 * 24 * 3_600_000_000
"""Microseconds after which a release that was not opened is no longer answered."""

ROTATION = "rotation"
"""What stands in place of a request's number where new shares are asked for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A release that has begun. `asks` holds each custodian's file; `missing` the epochs whose keys are destroyed."""

    release: str
    asks: dict[str, bytes]
    threshold: int
    missing: tuple[str, ...]


def originals(index: Index, scope: Scope) -> list[Segment]:
    """Present originals that share an instant with the scope, camera by camera, in order of time."""
    return [
        row for camera in scope.cameras for row in index.overlapping(camera, "original", scope.start, scope.end)
    ]


def ask(
    scope: Scope,
    *,
    request: str,
    basis: str,
    purpose: str,
    by: str,
    database: Database,
    index: Index,
    store: ShareStore,
    runtime: Runtime,
    institution: SigningKey,
    clock: Clock,
) -> Asked:
    """Begin the release of an approved request's scope, on record before any ask leaves.

    The epochs are those that the rows of the originals in scope name. Raises CustodyError when there is nothing that
    custodians could open.
    """
    rows = originals(index, scope)
    wanted = sorted({row.epoch for row in rows if row.epoch})
    alive = store.alive(wanted)
    missing = tuple(epoch for epoch in wanted if epoch not in alive)
    if not alive:
        raise CustodyError(
            "There is no original in that scope that custodians can open",
            mend="See 'garim footage list'; what was purged is gone for good"
            if not rows or missing
            else "It is sealed to recorder.recipients: use 'garim footage original'",
        )
    now = clock.utc()
    release = secrets.token_hex(8)
    case = Case(
        release=release,
        request=request,
        basis=basis,
        purpose=purpose,
        scope=scope,
        recipient=runtime.new(release),
        created=now,
        expires=now + LIFE,
    )
    asks, threshold = asks_of(case, alive, store, institution)
    store.begin(Release(release, request, now, case.expires, case.recipient, canonical(case.json()).decode()))
    with database.write() as connection:
        append(
            connection,
            Entry(
                now,
                by,
                Action.RELEASE_ASKED,
                f"request/{request}",
                {
                    "request": request,
                    "release": release,
                    "basis": basis,
                    "cameras": list(scope.cameras),
                    "start": scope.start,
                    "end": scope.end,
                    "custodians": sorted(asks),
                    "threshold": threshold,
                    "epochs": len(alive),
                    "missing": list(missing),
                },
                "host",
            ),
        )
    return Asked(release, asks, threshold, missing)


def asks_of(
    case: Case, epochs: Iterable[str], store: ShareStore, institution: SigningKey
) -> tuple[dict[str, bytes], int]:
    """The file for each custodian who is one today, and how many must answer."""
    active = {each.name for each in store.custodians() if each.active}
    shares: dict[str, dict[str, bytes]] = {}
    threshold = 0
    for name in sorted(epochs):
        epoch = store.epoch(name)
        threshold = max(threshold, epoch.threshold if epoch else 0)
        for share in store.shares(name):
            if share.custodian not in active:
                continue
            shares.setdefault(share.custodian, {})[name] = share.sealed
    asks = {custodian: Ask(case, custodian, his).dump(institution) for custodian, his in shares.items()}
    return asks, threshold


def cancel(
    release: str,
    *,
    by: str,
    why: str,
    database: Database,
    store: ShareStore,
    runtime: Runtime,
    clock: Clock,
) -> None:
    """Give a release up, or end it once its export is made: its answers and its one-time key are destroyed."""
    kept = store.release(release)
    runtime.destroy(release)
    store.forget(release)
    with database.write() as connection:
        append(
            connection,
            Entry(
                clock.utc(),
                by,
                Action.RELEASE_ENDED,
                f"request/{kept.request}",
                {"release": release, "why": why},
                "host",
            ),
        )
