"""Drives the pipeline for a camera: one thread reads and decodes, one looks, and the caller's masks and encodes.

The original is recorded in the reading thread, so nothing that befalls a detector, a mask or an encoder can
cost a recorded access unit. Queues are bounded: pictures that nobody has time for are dropped before they are
masked, never after, and never instead of being masked.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import structlog

from vcam.base.channel import Order, Stats
from vcam.base.clock import Clock
from vcam.base.errors import DetectError, WorkerError
from vcam.base.media import AccessUnit, Analysis, AudioUnit, Picture, StreamInfo
from vcam.base.ports import RawSink, Source
from vcam.pipeline import Pipeline
from vcam.screen import Analysing, Work

log = structlog.get_logger()

BACKLOG = 50
"""Pictures decoded ahead of the mask before further ones are dropped: two seconds at 25 a second."""
HUNG = 30.0
"""Seconds after which a detector that does not answer counts as hung."""
TICK = 0.04
"""Longest sleep of the masking loop in seconds, so that pictures leave when their delay is over."""


class _Failed:
    """A thread's last word."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


@dataclass(frozen=True, slots=True)
class _Undone:
    """Work that came to nothing."""

    work: Work | StreamInfo
    error: DetectError


class Looker:
    """The analyst in a thread of its own, one piece of work at a time."""

    def __init__(self, analyst: Analysing, clock: Clock) -> None:
        self._analyst = analyst
        self._clock = clock
        self._work: queue.SimpleQueue[Work | StreamInfo | None] = queue.SimpleQueue()
        self._seen: queue.SimpleQueue[Analysis | _Undone | _Failed | None] = queue.SimpleQueue()
        self._since: float | None = None
        self.errors = 0
        self._thread = threading.Thread(target=self._run, name="analyst", daemon=True)
        self._thread.start()

    @property
    def idle(self) -> bool:
        return self._since is None

    def ask(self, work: Work | StreamInfo) -> None:
        """Give the idle analyst `work`; a stream's description makes it load the networks for that size."""
        self._since = self._clock.monotonic()
        self._work.put(work)

    def answers(self, wait: float = 0.0) -> list[Analysis | Work]:
        """What has been seen since the last call, waiting for it at most `wait` seconds.

        Work that came to nothing is given back. Raises WorkerError when the analyst hangs or has died.
        """
        seen: list[Analysis | Work] = []
        with contextlib.suppress(queue.Empty):
            answer = self._seen.get(block=wait > 0, timeout=wait or None)
            self._since = None
            if isinstance(answer, _Failed):
                raise WorkerError(
                    "The analyst's thread has died", mend="It restarts by itself"
                ) from answer.error
            if isinstance(answer, _Undone):
                self._count(answer.error)
                if isinstance(answer.work, Work):
                    seen.append(answer.work)
            elif answer is not None:
                seen.append(answer)
        if not self.idle and self._clock.monotonic() - (self._since or 0.0) > HUNG:
            raise WorkerError(f"A detector has not answered for {HUNG:.0f} s", mend="It restarts by itself")
        return seen

    def close(self) -> None:
        self._work.put(None)
        self._thread.join(timeout=5)

    def _count(self, error: DetectError) -> None:
        self.errors += 1
        if (
            self.errors & (self.errors - 1) == 0
        ):  # the 1st, 2nd, 4th, 8th...: a broken detector fails every time
            log.error("detection failed; pictures are masked whole", error=str(error), failures=self.errors)

    def _run(self) -> None:
        try:
            while (work := self._work.get()) is not None:
                try:
                    self._seen.put(self._do(work))
                except DetectError as error:
                    self._seen.put(_Undone(work, error))
        except BaseException as error:  # noqa: BLE001 - carried to the masking thread, which raises it
            self._seen.put(_Failed(error))

    def _do(self, work: Work | StreamInfo) -> Analysis | None:
        if isinstance(work, StreamInfo):
            self._analyst.load(work.width, work.height)
            return None
        return self._analyst.analyse(work.picture, work.passes, work.tracked)


class Live:
    """One camera at work, until `stop` or the source's end."""

    def __init__(
        self,
        source: Source,
        pipeline: Pipeline,
        analyst: Analysing,
        raw: RawSink | None,
        *,
        delay: float,
        clock: Clock,
        on_stats: Callable[[Stats], None],
    ) -> None:
        self._source = source
        self._pipeline = pipeline
        self._analyst = analyst
        self._raw = raw
        self._delay = delay
        self._clock = clock
        self._on_stats = on_stats
        self._events: queue.Queue[StreamInfo | AudioUnit | Picture | _Failed | None] = queue.Queue(BACKLOG)
        self._orders: queue.SimpleQueue[Order] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._deaf = threading.Event()
        """Set when nobody takes events any more."""
        self._dropped = 0

    def run(self) -> None:
        """Work until the source ends. Raises SourceError, EncodeError or WorkerError when that is not by `stop`."""
        reader = threading.Thread(target=self._read, name="source", daemon=True)
        looker = Looker(self._analyst, self._clock)
        reader.start()
        try:
            self._mask(looker)
        finally:
            self._deaf.set()
            self.stop()
            reader.join(timeout=10)
            looker.close()
            self._pipeline.close()
            self._report(looker)

    def stop(self) -> None:
        """End `run` from any thread."""
        self._stopping.set()
        self._source.close()

    def obey(self, order: Order) -> None:
        """Carry `order` out before the next picture is let out, from any thread."""
        self._orders.put(order)

    def _read(self) -> None:
        last: _Failed | None = None
        try:
            for event in self._source.events():
                if isinstance(event, AccessUnit):
                    if self._raw is not None:
                        self._raw.raw(event)
                    continue
                if isinstance(event, StreamInfo) and self._raw is not None:
                    self._raw.stream(event)
                self._hand(event)
                if self._stopping.is_set():
                    break
        except BaseException as error:  # noqa: BLE001 - carried to the masking thread, which raises it
            last = _Failed(error)
        finally:
            if self._raw is not None:
                self._raw.close()
            self._put(last)

    def _hand(self, event: StreamInfo | AudioUnit | Picture) -> None:
        if isinstance(event, StreamInfo):
            self._put(event)
            return
        try:
            self._events.put_nowait(event)
        except queue.Full:
            self._dropped += isinstance(event, Picture)

    def _put(self, event: StreamInfo | _Failed | None) -> None:
        while not self._deaf.is_set():
            with contextlib.suppress(queue.Full):
                self._events.put(event, timeout=0.5)
                return

    def _mask(self, looker: Looker) -> None:
        reported = self._clock.monotonic()
        while True:
            self._learn(looker.answers())
            with contextlib.suppress(queue.Empty):
                event = self._events.get(timeout=TICK)
                if event is None:
                    return
                self._take(event, looker)
            now = self._clock.monotonic()
            self._pipeline.release(now)
            if now - reported >= 1.0:
                reported = now
                self._report(looker)

    def _take(self, event: StreamInfo | AudioUnit | Picture | _Failed, looker: Looker) -> None:
        if isinstance(event, _Failed):
            raise event.error
        while not self._orders.empty():
            self._pipeline.obey(self._orders.get())
        if isinstance(event, StreamInfo):
            self._pipeline.open(event)
            # All at once now: networks loaded one by one as they come due would delay answers in mid-stream.
            if looker.idle:
                looker.ask(event)
        elif isinstance(event, AudioUnit):
            self._pipeline.audio(event)
        else:
            self._pipeline.push(event, self._clock.monotonic())
            self._look(event, looker)

    def _look(self, picture: Picture, looker: Looker) -> None:
        if not looker.idle or (work := self._pipeline.owed(picture)) is None:
            return
        looker.ask(work)
        if self._delay == 0:
            # Without a delay the picture leaves now: it is looked at first, at the cost of some lateness.
            while not looker.idle:
                self._learn(looker.answers(wait=TICK))

    def _learn(self, answers: Iterable[Analysis | Work]) -> None:
        for answer in answers:
            if isinstance(answer, Work):
                self._pipeline.failed(answer)
            else:
                self._pipeline.learn(answer)

    def _report(self, looker: Looker) -> None:
        counters = self._pipeline.counters
        self._on_stats(
            Stats(
                counters.frames_in,
                counters.frames_out,
                counters.whole,
                counters.regions,
                self._dropped,
                looker.errors,
            )
        )
