"""Writes the camera's untouched access units into encrypted segments. It holds public keys only."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from recorder.annexb import carries_parameter_sets, parameter_sets
from recorder.cutting import Span
from recorder.descriptor import SegmentDescriptor
from recorder.draft import Draft
from recorder.epochs import Epochs, Key
from recorder.finisher import Finisher
from recorder.layout import HEADER, UNITS
from recorder.losses import Losses
from recorder.tables import HOUR
from recorder.units import UnitTable
from recorder.vault.age import AGE
from recorder.vault.suite import Sealer, Suite
from vcam.base.clock import Clock
from vcam.base.errors import ConfigError, RecordError, VaultError
from vcam.base.media import AccessUnit, StreamInfo

_RETRY = 10.0
"""Longest wait in seconds after a failed segment."""


@dataclass(slots=True)
class _Segment:
    """One segment being written."""

    draft: Draft
    key: Key
    sealer: Sealer
    span: Span
    info: StreamInfo
    starts_with_key: bool
    header_size: int
    parameters: bytes
    units: UnitTable = field(default_factory=UnitTable)


class RawWriter:
    """The vault's writer: a `RawSink` (vcam.base.ports).

    The plaintext of a segment is its access units' bytes, in order. Parameter sets that came outside the
    stream are put in front of the first unit unless it brings its own; the units' table marks them.
    A segment ends at the first key unit after `segment_seconds` or after a full hour, for each hour has keys of its
    own, and when the stream changes. With `epochs` it is sealed to the epoch of its start, else to `recipients`.

    Call it from one thread. `on_segment` is called in a thread of the writer's own once a segment is final on
    the disk. A write error never leaves the writer: the segment is lost, `on_error` hears of it once, and
    the next segment is tried. `header` bytes and key material never meet the log.

    `epochs` is closed with the writer. Raises ConfigError when a recipient is no public key, or there is neither.
    """

    def __init__(  # noqa: PLR0917 - the writers share this order, and each argument has a type of its own
        self,
        folder: Path,
        camera: str,
        recipients: Sequence[str],
        segment_seconds: float,
        on_segment: Callable[[SegmentDescriptor], None],
        clock: Clock,
        *,
        on_error: Callable[[RecordError], None] | None = None,
        suite: Suite = AGE,
        epochs: Epochs | None = None,
    ) -> None:
        self._folder = folder
        self._camera = camera
        self._fixed = Key("", _checked(suite, recipients, needed=epochs is None))
        self._epochs = epochs
        self._seconds = segment_seconds
        self._clock = clock
        self._suite = suite
        self.losses = Losses(camera, "original", on_error)
        self._finisher = Finisher(f"{camera} originals", on_segment, self.losses)
        self._info: StreamInfo | None = None
        self._segment: _Segment | None = None
        self._retry_at = clock.monotonic()

    def stream(self, info: StreamInfo) -> None:
        """A new stream begins: its units go to a new segment."""
        self._end()
        self._info = info

    def raw(self, unit: AccessUnit) -> None:
        """Keep one access unit. Raises RecordError when no stream was announced."""
        if self._info is None:
            raise RecordError(
                f"Camera {self._camera}: an access unit came before its stream", mend="Report this as a defect"
            )
        segment = self._segment
        if segment is not None and (
            segment.span.forced(unit.pts) or (self._due(segment, unit) and self._finisher.room())
        ):
            self._end()
            segment = None
        if segment is None:
            segment = self._begin(unit, self._info)
        if segment is not None:
            self._write(segment, unit)

    def close(self) -> None:
        """Finish the segment being written and wait until it is on the disk."""
        self._end()
        self._finisher.close()
        if self._epochs is not None:
            self._epochs.close()

    @staticmethod
    def _due(segment: _Segment, unit: AccessUnit) -> bool:
        """Whether `unit` would best begin a new segment, or a new hour with it."""
        hours = unit.time // HOUR - segment.span.start // HOUR
        return (unit.key and hours != 0) or segment.span.due(unit.pts, unit.time, key=unit.key)

    def _begin(self, unit: AccessUnit, info: StreamInfo) -> _Segment | None:
        """A new segment, or None while an outage lasts: then the next key unit is tried."""
        if self.losses.outage and (not unit.key or self._clock.monotonic() < self._retry_at):
            return None
        draft = None
        try:
            key = self._epochs.at(unit.time) if self._epochs is not None else self._fixed
            draft = Draft(self._folder, self._camera, "original", unit.time)
            sealer = self._suite.sealer(key.recipients)
            draft.create(HEADER).write(sealer.header)
        except (OSError, RecordError) as error:
            self._lose(draft, unit.time, error)
            return None
        own = carries_parameter_sets(unit.data, info.codec)
        self._segment = _Segment(
            draft=draft,
            key=key,
            sealer=sealer,
            span=Span(self._seconds, unit.pts, unit.time),
            info=info,
            starts_with_key=unit.key,
            header_size=len(sealer.header),
            parameters=parameter_sets(unit.data, info.codec) if own else info.parameter_sets,
        )
        if not own and info.parameter_sets:
            self._segment.units.put_in_front(len(info.parameter_sets), unit)
            self._seal(self._segment, info.parameter_sets)
        return self._segment

    def _write(self, segment: _Segment, unit: AccessUnit) -> None:
        segment.units.add(unit)
        segment.span.add(unit.pts)
        self._seal(segment, unit.data)

    def _seal(self, segment: _Segment, data: bytes) -> None:
        if self._segment is not segment:
            return  # lost while its parameter sets were written
        sealed = segment.sealer.write(data)
        if not sealed:
            return
        try:
            segment.draft.main.write(sealed)
        except OSError as error:
            self._segment = None
            self._lose(segment.draft, segment.span.start, error)

    def _lose(self, draft: Draft | None, start: int, error: OSError | RecordError) -> None:
        if draft is not None:
            draft.discard()
        self._retry_at = self._clock.monotonic() + min(self._seconds, _RETRY)
        self.losses.lost(start, error)

    def _end(self) -> None:
        segment, self._segment = self._segment, None
        if segment is None:
            return
        try:
            descriptor = self._describe(segment)
        except OSError as error:
            self._lose(segment.draft, segment.span.start, error)
        else:
            self._finisher.submit(segment.draft, descriptor)

    def _describe(self, segment: _Segment) -> SegmentDescriptor:
        draft = segment.draft
        draft.main.write(segment.sealer.close())
        table = draft.create(UNITS)
        table.write(segment.units.dump())
        descriptor = SegmentDescriptor(
            id=draft.id,
            camera=self._camera,
            kind="original",
            start=segment.span.start,
            end=segment.span.end,
            suite=self._suite.name,
            recipients=list(segment.key.recipients),
            epoch=segment.key.epoch,
            sha256=draft.main.sha256,
            size=draft.main.size,
            header_size=segment.header_size,
            plain_size=segment.units.plain_size,
            side_sha256=table.sha256,
            side_size=table.size,
            codec=segment.info.codec,
            width=segment.info.width,
            height=segment.info.height,
            frames=segment.units.frames,
            starts_with_key=segment.starts_with_key,
            origin=segment.span.first_pts,
            parameter_sets=base64.b64encode(segment.parameters).decode(),
        )
        draft.describe(descriptor)
        return descriptor


def _checked(suite: Suite, recipients: Sequence[str], *, needed: bool) -> tuple[str, ...]:
    if needed and not recipients:
        raise ConfigError("recorder.recipients is empty", mend="Make a key with 'garim keys new' and add it")
    for number, recipient in enumerate(recipients):
        try:
            suite.check_recipient(recipient)
        except VaultError as error:
            raise ConfigError(f"recorder.recipients[{number}]: {error.what}", mend=error.mend) from None
    return tuple(recipients)
