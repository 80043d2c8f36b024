"""What recorder and purge do while they are killed: old footage goes, held footage stays, new footage comes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from recorder.ballast import Ballast
from recorder.chain import verify
from recorder.check import check
from recorder.descriptor import SegmentDescriptor
from recorder.epochs import Epochs
from recorder.findings import Finding
from recorder.holds import Holds
from recorder.index import DAY, Index
from recorder.masked import MaskedWriter
from recorder.purge import Purge
from recorder.raw import RawWriter
from recorder.shares.store import FILE, ShareStore
from recorder.signing import RECORDER, SigningKey
from recorder.tables import HOUR
from recorder.vault.keys import Identity
from tests.recorder.support import START, encode, masked
from vcam.base.clock import ManualClock
from vcam.base.errors import GarimError
from vcam.base.media import AccessUnit, MaskedUnit, StreamInfo

OLD = START - START % HOUR
"""First instant of the hours of old footage: one that goes, one that is held, one whose hold is lifted."""
NOW = OLD + 40 * DAY
CAMERA = "gate"
THRESHOLD = 2
CUSTODIANS = 3
BALLAST = 1 << 16


@dataclass(frozen=True)
class Footage:
    """Access units of two recordings that have no bytes in common but their form: the raw one and the masked one."""

    info: StreamInfo
    raw: list[AccessUnit]
    masked: list[MaskedUnit]

    @classmethod
    def drawn(cls) -> Footage:
        """Two seconds in segments of one second, small."""
        info, raw = encode(50, width=64, height=48, gop=25, seed=1)
        _, other = encode(50, width=64, height=48, gop=25, seed=2)
        return cls(info, raw, masked(other, 64, 48))

    def at(self, time: int) -> tuple[list[AccessUnit], list[MaskedUnit]]:
        """The same at another time."""
        return (
            [replace(unit, time=unit.time - START + time) for unit in self.raw],
            [replace(unit, time=unit.time - START + time) for unit in self.masked],
        )


class Place:
    """A recorder's folders, with its databases open."""

    def __init__(self, root: Path, clock: ManualClock) -> None:
        self.root = root
        self.clock = clock
        self.media = root / "media"
        self.state = root / "state"
        self.media.mkdir(parents=True, exist_ok=True)
        self.key = SigningKey.open(self.state / "keys", RECORDER)
        self.index = Index.open(f"sqlite:///{self.state / 'index.sqlite'}", signer=self.key)
        self.shares = ShareStore.open(self.state / FILE, clock=clock)
        self.holds = Holds(self.index.database, clock)
        self.ballast = Ballast(self.state / "ballast", BALLAST)

    def close(self) -> None:
        """Close the databases."""
        self.index.close()
        self.shares.close()

    def purge(self) -> Purge:
        """The purge of this place, two segments at a time so that epochs span batches."""
        return Purge(self.index, self.media, self.clock, shares=self.shares, ballast=self.ballast, batch=2)

    def check(self, *, mend: bool) -> list[Finding]:
        """All that a start compares."""
        return check(
            self.media,
            self.index,
            mend=mend,
            deep=True,
            clock=self.clock,
            key=self.key.public,
            shares=self.shares,
        )

    def faults(self) -> list[str]:
        """Faults of the chain."""
        return [str(fault) for fault in verify(self.index.all(), self.key.public, self.index.heads())]

    def record(self, footage: Footage, time: int) -> None:
        """Record both kinds with the product's own writers."""
        add = self._add
        epochs = Epochs(self.state / FILE, CAMERA, THRESHOLD, (), ManualClock(time))
        raw = RawWriter(self.media, CAMERA, (), 1, add, self.clock, epochs=epochs)
        copy = MaskedWriter(self.media, CAMERA, 1, add, self.clock)
        originals, covers = footage.at(time)
        raw.stream(footage.info)
        for unit, cover in zip(originals, covers, strict=True):
            raw.raw(unit)
            copy.masked(cover)
        raw.close()
        copy.close()

    def _add(self, descriptor: SegmentDescriptor) -> None:
        self.index.add(descriptor)


def prepare(root: Path, footage: Footage) -> None:
    """The state before the story: three hours of old footage, two of them held."""
    place = Place(root, ManualClock(OLD))
    for number in range(CUSTODIANS):
        place.shares.put_custodian(f"custodian-{number}", Identity.generate().recipient)
    for hour in range(3):
        place.record(footage, OLD + hour * HOUR)
    for hour in (1, 2):
        start = OLD + hour * HOUR
        place.holds.place([CAMERA], start, start + 1, reason="a case", by="officer-1")
    place.ballast.make()
    place.close()


def play(root: Path, footage: Footage, told: Callable[[str], None]) -> None:
    """The story. Each step that fails for want of room is passed over, as the recorder does."""
    try:
        place = Place(root, ManualClock(NOW))
    except GarimError as error:
        told(f"open: {error}")
        return
    steps: list[tuple[str, Callable[[], object]]] = [
        ("purge", lambda: place.purge().run()),
        ("record", lambda: place.record(footage, NOW)),
        ("hold", lambda: place.holds.place([CAMERA], NOW, NOW + 1, reason="a case", by="officer-1")),
        ("lift", lambda: place.holds.lift(2, by="approver-1", reason="closed")),
        ("purge", lambda: place.purge().run()),
        ("record", lambda: place.record(footage, NOW + HOUR)),
        ("check", lambda: place.check(mend=True)),
    ]
    for name, step in steps:
        try:
            step()
        except (GarimError, OSError) as error:
            told(f"{name}: {error}")
    place.close()
