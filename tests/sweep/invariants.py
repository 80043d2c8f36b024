"""What must hold after a kill or a full disk, before and after the restart has mended. See docs/design/custody.md."""

from __future__ import annotations

from pathlib import Path

from recorder.audit.verify import verify
from recorder.layout import BODY, HEADER, PART, SUFFIXES, VIDEO, with_suffix
from recorder.scope import epoch_id
from recorder.tables import DELETED, HOUR, PRESENT, PURGING
from tests.sweep.story import CAMERA, CUSTODIANS, OLD, Footage, Place

_PIECE = 48
"""Bytes of an access unit that are sought everywhere."""


def before(place: Place) -> list[str]:
    """What even an unmended state must keep."""
    wrong = []
    now = place.clock.utc()
    for row in place.index.all():
        stem = place.media / row.path
        files = [suffix for suffix in SUFFIXES[row.kind] if with_suffix(stem, suffix).exists()]
        if row.state == PRESENT and len(files) != len(SUFFIXES[row.kind]):
            wrong.append(f"{row.path} is present and has {files}")
        if row.state != PRESENT and row.expires > now:
            wrong.append(f"{row.path} was purged early")
        if row.state == DELETED and files:
            wrong.append(f"{row.path} is a tombstone and has {files}")
        if row.holds and row.state != PRESENT:
            wrong.append(f"{row.path} was purged under a hold")
        if row.epoch and row.state == PRESENT and row.epoch not in place.shares.alive([row.epoch]):
            wrong.append(f"{row.path} is present and its key is destroyed")
        if row.epoch and row.state == DELETED and _spent(place, row.epoch) and place.shares.shares(row.epoch):
            wrong.append(f"the key of {row.path} outlived its last segment")
        if row.state == PURGING and HEADER not in files and row.kind == "original" and row.holds:
            wrong.append(f"{row.path} lost its header under a hold")
    return wrong + place.faults()


def _spent(place: Place, epoch: str) -> bool:
    return all(row.state == DELETED for row in place.index.all() if row.epoch == epoch)


def after(place: Place, footage: Footage) -> list[str]:
    """What a restart must have made good: nothing is lost, left over, held wrongly, or in the clear."""
    wrong = before(place)
    now = place.clock.utc()
    held = {epoch_id(CAMERA, hold.start) for hold in place.holds.list()}
    rows = list(place.index.all())
    for row in rows:
        here = epoch_id(CAMERA, row.start)
        if row.state == PURGING:
            wrong.append(f"the purge of {row.path} was lost")
        if row.state == PRESENT and here not in held and row.expires <= now:
            wrong.append(f"{row.path} outlived its time")
        if row.state != PRESENT and here in held:
            wrong.append(f"{row.path} was held")
        if row.kind == "original" and not row.epoch:
            wrong.append(f"{row.path} is an original without an epoch")
        if (
            row.kind == "original"
            and row.state == PRESENT
            and len(place.shares.shares(row.epoch)) != CUSTODIANS
        ):
            wrong.append(f"{row.path} has lost shares")
    kept = [row for row in rows if OLD + HOUR <= row.start < OLD + 2 * HOUR]
    if [row.state for row in kept] != [PRESENT] * 4:
        wrong.append("held footage is gone")
    wrong += [str(finding) for finding in place.check(mend=False)]
    with place.index.database.read() as connection:
        audit = verify(connection, [place.key.public.raw])
    wrong += [str(finding) for finding in audit.findings]
    return wrong + plain(place.root, footage)


def plain(root: Path, footage: Footage) -> list[str]:
    """Places where a piece of an original, or a key, lies in the clear; and originals that are none."""
    wrong = []
    pieces = [unit.data[len(unit.data) // 2 :][:_PIECE] for unit in footage.raw[:: len(footage.raw) // 5]]
    for path in sorted(root.rglob("*")):
        if not path.is_file():
            continue
        data = path.read_bytes()
        if any(piece in data for piece in pieces):
            wrong.append(f"{path.name} holds an original in the clear")
        if b"AGE-SECRET-KEY" in data:
            wrong.append(f"{path.name} holds a private key")
        name = path.name.removesuffix(PART)
        if name.endswith(VIDEO) and len(data) > 8 and data[4:8] != b"ftyp":
            wrong.append(f"{path.name} is no masked copy")
        if name.endswith(HEADER) and data and not data.startswith(b"age-encryption.org/v1\n"):
            wrong.append(f"{path.name} is no header of age")
        if name.endswith(BODY) and b"\x00\x00\x00\x01\x67" in data:
            wrong.append(f"{path.name} holds parameter sets")
    return wrong
