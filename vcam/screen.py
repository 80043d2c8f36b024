"""Where a picture is held back, proven and masked: the one place through which every picture must pass.

    push -> (owed -> analyst -> learn) -> release -> mask

A picture leaves in one of two ways only: with every family of detectors proven to have looked close enough before and
after it, or masked whole. The screen has no thread and no clock of its own: `vcam.live` drives it for a camera,
`vcam.offline` for files and stills, and all get the same masks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from vcam.base.media import TICKS, Analysis, Picture, Region, StreamInfo
from vcam.base.settings import MaskSettings, Zone
from vcam.mask.choice import Choice
from vcam.mask.masker import Masker
from vcam.track.buffer import DelayBuffer, Released
from vcam.track.scene import Cells, SceneCut
from vcam.track.settings import LOOKED_AT
from vcam.track.tracker import Tracker

PLAN_RATE = 25
"""Steps a second of the analyst's plan. Pictures take the steps that have come due, whatever their own rate."""


class Analysing(Protocol):
    """The analyst as the screen knows it; `models.analyst.Analyst` is one."""

    @property
    def families(self) -> dict[str, frozenset[str]]:
        """For each family of kinds, the passes of which any one proves it."""

    @property
    def always(self) -> frozenset[str]:
        """Names of the passes that every picture gets."""

    def period(self, family: str, fps: float) -> float:
        """Longest time in seconds between proving passes of `family`."""

    def plan(self, index: int, fps: float, size: tuple[int, int]) -> tuple[str, ...]:
        """Names of the passes due at step `index` of the plan for pictures of `size`."""

    def load(self, width: int, height: int) -> None:
        """Get ready for pictures of that size. Raises DetectError."""

    def analyse(self, picture: Picture, passes: tuple[str, ...], tracked: Sequence[Region]) -> Analysis:
        """Run `passes` on `picture`. Raises DetectError."""


class Clearing(Protocol):
    """Who decides what stays clear; `vcam.track.clearing.Clearing` is one."""

    def clear(self, released: Released) -> tuple[Region, ...]:
        """Those of a picture's regions that are not masked. It is asked once for each picture, in their order."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What a person has decided about single regions of one video; by default nothing.

    What stays clear are the regions that `clearing` chooses, and of zone `keep` all but regions: whatever lies
    outside it is masked as a whole picture is, what is cleared there too. `added`, by a picture's index, is masked
    besides, and is never cleared.
    """

    clearing: Clearing | None = None
    keep: Zone | None = None
    added: Mapping[int, tuple[Region, ...]] = field(default_factory=dict)


NOTHING = Decided()


@dataclass(frozen=True, slots=True)
class Work:
    """What the analyst is asked: which passes on which picture, and where objects are expected."""

    picture: Picture
    passes: tuple[str, ...]
    tracked: tuple[Region, ...]


@dataclass(frozen=True, slots=True)
class Masked:
    """A picture whose planes have been masked, with the boxes that lie wholly inside masked pixels.
    `proven` is false when the whole picture is masked because nobody looked in time; `reason` then says why.
    """

    picture: Picture
    regions: tuple[Region, ...]
    proven: bool
    reason: str = ""


class Screen:
    """One stream's pictures: held back, then masked by what was learnt of them meanwhile.

    `on_cells` is given every picture that comes in, with its coarse luma as `vcam.track.scene.SceneCut` sees it.
    """

    def __init__(
        self,
        settings: MaskSettings,
        analyst: Analysing,
        decided: Decided = NOTHING,
        on_cells: Callable[[Picture, Cells], None] | None = None,
    ) -> None:
        self._analyst = analyst
        self._on_cells = on_cells
        self._masker = Masker(settings.style, shape=settings.shape, keep=decided.keep)
        self._choice = Choice(settings)
        self._clearing = decided.clearing
        self._cropped = decided.keep is not None
        self._added = decided.added
        self._scene = SceneCut()
        self._proving = frozenset[str]().union(*analyst.families.values())
        self._tracker = Tracker(LOOKED_AT if analyst.always else None, self._proving)
        periods = {family: analyst.period(family, PLAN_RATE) for family in analyst.families}
        self._buffer = DelayBuffer(
            self._tracker,
            analyst.families,
            periods,
            settings.delay,
            evidence=decided.clearing is not None,
        )
        self._info = StreamInfo("", 0, 0, 0.0)
        self._owed: set[str] = set()
        self._step = -1
        self._base = 0
        self._count = 0
        self._released = -1
        self._offset: int | None = 0
        self._last = (-1, 0.0)

    @property
    def offset(self) -> int:
        """Ticks that the stream's own time lies behind the output's."""
        return self._offset or 0

    def open(self, info: StreamInfo) -> Iterator[Masked]:
        """A stream begins. What is held of an earlier one goes out, and all that was learnt is forgotten."""
        yield from self.drain()
        self._buffer.reset()
        self._scene.reset()
        self._info = info
        self._owed.clear()
        self._step = -1
        self._offset = None

    def push(self, picture: Picture, now: float) -> None:
        """Take one picture in. `now` in seconds: monotonic for a camera, the picture's own time for a file."""
        self._continue_time_line(picture, now)
        picture.index = self._count
        self._count += 1
        cut = self._scene.observe(picture)
        if self._on_cells is not None and self._scene.cells is not None:
            self._on_cells(picture, self._scene.cells)
        self._buffer.push(picture, now, cut=cut)
        self._owe(picture)
        if cut:
            # Nothing that was seen before the cut proves anything after it.
            self._owed |= self._proving

    def owed(self, picture: Picture) -> Work | None:
        """The passes that have come due, to be run on `picture`, or None. Asking settles the debt."""
        if not self._owed:
            return None
        work = Work(picture, tuple(sorted(self._owed)), self._tracker.regions(picture.pts))
        self._owed.clear()
        return work

    def proof(self, picture: Picture) -> Work:
        """Every proving pass on `picture`, as the end of a file needs it."""
        return Work(picture, tuple(sorted(self._proving)), self._tracker.regions(picture.pts))

    def learn(self, analysis: Analysis) -> None:
        """Take in what the analyst saw. An answer that comes after its picture has left is void."""
        if analysis.index <= self._released or not self._buffer.analysed(analysis):
            self._fail(analysis.pts, analysis.passes)

    def failed(self, work: Work) -> None:
        """The analyst could not do `work`. Until each of its passes has succeeded, nothing is proven."""
        self._fail(work.picture.pts, frozenset(work.passes))

    def release(self, now: float) -> Iterator[Masked]:
        """Mask every picture whose delay is over at `now`."""
        return self._mask(self._buffer.release(now))

    def drain(self) -> Iterator[Masked]:
        """Mask every picture still held."""
        return self._mask(self._buffer.drain())

    def _fail(self, pts: int, passes: frozenset[str]) -> None:
        # Tried again at once, but once only: what is broken must not keep the analyst busy between its turns.
        self._owed |= self._buffer.failed(pts, passes)

    def _mask(self, pictures: Iterable[Released]) -> Iterator[Masked]:
        for released in pictures:
            picture = released.picture
            self._released = picture.index
            clear = () if self._clearing is None else self._clearing.clear(released)
            # Making it writable copies only while the decoder still predicts from it: after the delay hardly ever.
            if not released.proven:
                self._choice.blind(picture)
                picture.frame.make_writable()
                yield Masked(picture, self._masker.whole(picture), proven=False, reason=released.reason)
                continue
            chosen, zones = self._choice.wanted(picture, released.regions)
            regions = tuple(region for region in chosen if region not in clear)
            regions += self._added.get(picture.index, ())
            if regions or zones or self._cropped:
                picture.frame.make_writable()
                regions = self._masker.apply(picture, regions, zones)
            yield Masked(picture, regions, proven=True)

    def _continue_time_line(self, picture: Picture, now: float) -> None:
        # A camera that comes back starts at 0 again; receivers must see time go on by as much as really passed.
        last_pts, last_now = self._last
        if self._offset is None:
            gap = max(round((now - last_now) * TICKS), round(TICKS / (self._info.fps or PLAN_RATE)))
            self._offset = 0 if last_pts < 0 or picture.pts > last_pts else last_pts + gap - picture.pts
        picture.pts = max(picture.pts + self._offset, last_pts + 1)
        self._last = (picture.pts, now)

    def _owe(self, picture: Picture) -> None:
        # The plan starts with each stream; after a jump it owes a second of itself, not the whole backlog.
        step = picture.pts * PLAN_RATE // TICKS
        if self._step < 0:
            self._base = step
        size = (picture.width, picture.height)
        first = max(self._step + 1, step - PLAN_RATE, self._base)
        for due in range(first, step + 1):
            self._owed.update(self._analyst.plan(due - self._base, PLAN_RATE, size))
        self._step = max(step, self._step)
        self._owed |= self._analyst.always
