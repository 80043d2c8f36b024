"""New shares for epochs that exist, after the custodians or the threshold have changed. Segments stay as they are.

A rotation is asked for like a release, of every living epoch. Once k custodians have answered, each epoch's key is
joined in memory, split anew between today's custodians, and forgotten.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from recorder.audit.append import append
from recorder.audit.entry import Action, Entry
from recorder.database import Database
from recorder.release.asking import LIFE, ROTATION, Asked, asks_of
from recorder.release.document import Case
from recorder.release.opening import answerers, joined
from recorder.release.runtime import Runtime
from recorder.scope import Scope
from recorder.shares.records import Release
from recorder.shares.store import ShareStore
from recorder.signing import SigningKey
from recorder.vault import epoch as vault
from recorder.vault.envelope import check_recipient, one_form
from recorder.vault.keys import Identity
from vcam.base.canonical import Json, canonical
from vcam.base.clock import Clock
from vcam.base.errors import CustodyError

_LAST = 253_402_300_799_000_000
"""The last second of the year 9999 in us UTC: canonical JSON has no larger times to tell."""


@dataclass(frozen=True, slots=True)
class Rotated:
    """How many epochs have new shares, and those that keep their old ones and why."""

    epochs: int
    left: dict[str, str]


def begin(
    *,
    by: str,
    database: Database,
    store: ShareStore,
    runtime: Runtime,
    institution: SigningKey,
    clock: Clock,
) -> Asked:
    """Ask today's custodians for their shares of every living epoch, on record before any ask leaves.

    Raises CustodyError when there is none.
    """
    epochs = store.epochs()
    cameras = tuple(sorted({epoch.id.partition("/")[0] for epoch in epochs}))
    if not epochs:
        raise CustodyError(
            "There are no epochs yet", mend="New custodians are used from the next hour on by itself"
        )
    now = clock.utc()
    release = secrets.token_hex(8)
    case = Case(
        release=release,
        request=ROTATION,
        basis=ROTATION,
        purpose="new shares for the custodians of today; nothing is opened",
        scope=Scope(cameras, 0, min(_LAST, (1 << 53) - 1)),
        recipient=runtime.new(release),
        created=now,
        expires=now + LIFE,
    )
    asks, threshold = asks_of(case, [epoch.id for epoch in epochs], store, institution)
    document = canonical(case.json()).decode()
    store.begin(Release(release, ROTATION, now, case.expires, case.recipient, document))
    told: dict[str, Json] = {
        "request": ROTATION,
        "release": release,
        "custodians": sorted(asks),
        "threshold": threshold,
        "epochs": len(epochs),
    }
    with database.write() as connection:
        append(connection, Entry(now, by, Action.RELEASE_ASKED, f"request/{ROTATION}", told, "host"))
    return Asked(release, asks, threshold, ())


def finish(
    release: str,
    threshold: int,
    *,
    replace: Mapping[str, str] | None = None,
    by: str,
    database: Database,
    store: ShareStore,
    runtime: Runtime,
    clock: Clock,
) -> Rotated:
    """Split the answered epochs' keys between today's custodians, `threshold` of whom will be needed.

    `replace` gives custodians new recipients. Epochs for which too few have answered keep their shares. Raises
    CustodyError, VaultError.
    """
    kept = store.release(release)
    if kept.request != ROTATION:
        raise CustodyError(f"{release} is a release, no rotation", mend="See 'garim release status'")
    people = {each.name: each.recipient for each in store.custodians() if each.active}
    changed = {name: one_form(recipient) for name, recipient in (replace or {}).items()}
    for name, recipient in changed.items():
        if name not in people:
            raise CustodyError(f"{name!r} is no custodian", mend="See 'garim custodian list'")
        check_recipient(recipient)
    if len(changed) >= threshold:
        raise CustodyError(
            f"{len(changed)} new keys at once are as many as open an original",
            mend="Replace fewer, and the others in another rotation: whoever gives the new keys must never alone "
            "hold enough of them",
        )
    people |= changed
    if len(people) < threshold or len(set(map(one_form, people.values()))) < len(people):
        raise CustodyError(
            f"{len(people)} custodians with keys of their own are needed to be {threshold} at least",
            mend="Add custodians, or lower custody.threshold",
        )
    wanted, counted = [epoch.id for epoch in store.epochs()], answerers(store, release)
    keys, left = joined(release, wanted, store, runtime.identity(release), counted)
    shares = []
    for epoch_id, secret in keys.items():
        new = vault.share_out(Identity.parse(secret), epoch_id, threshold, people)
        shares.append((epoch_id, threshold, [(one.number, one.custodian, one.sealed) for one in new]))
    keys.clear()
    with database.write() as connection:
        append(
            connection,
            Entry(
                clock.utc(),
                by,
                Action.CUSTODIANS_ROTATED,
                "custodians",
                {
                    "release": release,
                    "custodians": sorted(people),
                    "new keys": sorted(changed),
                    "threshold": threshold,
                    "answers": sorted(counted),
                    "epochs": len(shares),
                    "left": len(left),
                },
                "host",
            ),
        )
        count = store.rotate(list(changed.items()), shares)
    runtime.destroy(release)
    store.forget(release)
    return Rotated(count, left)
