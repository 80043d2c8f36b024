"""A worker killed in mid-stream: what it had sent, what its successor sends, and what lies on the disk."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.error import FFmpegError

from recorder.keys import new_identity
from tests.faults.camera import LEAST, Given
from tests.faults.clip import Clip
from tests.faults.judge import Luma, masked_whole, shows
from tests.faults.receiver import Receiver, Verdict
from tests.faults.stage import Stage
from tests.faults.trouble import Troubles
from vcam.base.channel import Segment, State
from vcam.base.clock import SystemClock
from vcam.base.media import TICKS, MaskedUnit, Picture
from vcam.base.settings import CameraSettings, RecorderSettings, SiteSettings, SourceSettings
from vcam.source import FileSource
from vcam.source.upright import planes
from vcam.supervisor import Listener, Supervisor

PATIENCE = 120.0
"""Seconds in which two workers must have sent what is waited for."""


@dataclass(frozen=True, slots=True)
class Aftermath:
    """Verdicts on what both workers sent, and on each picture that can be decoded from any file on the disk."""

    sent: tuple[Verdict, ...]
    left: tuple[Verdict, ...]
    files: int
    """Files that a killed worker left unfinished."""


async def _heard(clip: Clip, folder: Path, pictures: int) -> tuple[list[list[MaskedUnit]], int]:
    """What each of two workers says, the first of which is killed; and how many unfinished files that leaves."""
    said: list[list[MaskedUnit]] = [[]]
    enough = asyncio.Event()
    before = 0

    def proven() -> int:
        return supervisor.stats.frames_out - supervisor.stats.whole

    def unit(one: MaskedUnit) -> None:
        said[-1].append(one)
        if proven() - before >= pictures:
            enough.set()

    def ignore(_: Segment | State) -> None:
        pass

    recorder = RecorderSettings(
        folder=folder / "media", recipients=[new_identity(folder / "officer.key", SystemClock())]
    )
    supervisor = Supervisor(
        CameraSettings(name="gate", source=SourceSettings(url=f"file:{clip.path}", loop=True)),
        recorder,
        SiteSettings(log="error"),
        listener=Listener(unit, ignore, ignore),
        clock=SystemClock(),
    )
    task = asyncio.create_task(supervisor.run())
    await asyncio.wait_for(enough.wait(), PATIENCE)
    first = supervisor.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    while supervisor.pid == first:
        await asyncio.sleep(0.02)
    left = len(list((folder / "media").rglob("*.mp4.part")))
    said.append([])
    before = proven()
    enough.clear()
    await asyncio.wait_for(enough.wait(), PATIENCE)
    await supervisor.stop()
    await task
    return said, left


def kill(clip: Clip, folder: Path, pictures: int = 20) -> Aftermath:
    """Let a supervisor's worker play `clip`, kill it after `pictures` that were not masked whole, and judge all.

    Its successor plays for as long. Files go to `folder`. The clip must be of a steady rate, for it is played in a
    loop.
    """
    said, files = asyncio.run(_heard(clip, folder, pictures))
    originals = list(_originals(clip))
    sent: list[Verdict] = []
    for units in said:
        given = {unit.time: _given(clip, unit, originals) for unit in units}
        receiver = Receiver(Stage(), Troubles(), given, lambda _: "")
        for unit in units:
            receiver.masked(unit)
        receiver.close()
        sent += receiver.verdicts
    left = [verdict for path in _files(folder) for verdict in _judged(path, clip, originals)]
    return Aftermath(tuple(sent), tuple(left), files)


def _originals(clip: Clip) -> Iterator[Luma]:
    for event in FileSource(clip.path).events():
        if isinstance(event, Picture):
            yield np.array(planes(event.frame)[0])


def _given(clip: Clip, unit: MaskedUnit, originals: list[Luma]) -> Given:
    number = clip.number(unit.pts % (clip.stamps[-1] + round(TICKS / clip.info.fps)))
    assert number is not None, "a picture that is not in the clip"
    return _picture(clip, number, originals)


def _picture(clip: Clip, number: int, originals: list[Luma]) -> Given:
    judged = tuple(one for one in clip.known[number] if one.side >= LEAST)
    return Given(clip, number, 0.0, 0, originals[number], clip.known[number], judged)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _judged(path: Path, clip: Clip, originals: list[Luma]) -> Iterator[Verdict]:
    """Every picture that a player gets out of `path`, held against the picture of the clip that it is nearest to."""
    try:
        with av.open(str(path)) as container:
            frames = [np.array(planes(frame)[0]) for frame in container.decode(video=0)]
    except (FFmpegError, IndexError):
        return
    for seen in frames:
        number = min(range(len(clip.known)), key=lambda at: _distance(seen, originals[at]))
        given = _picture(clip, number, originals)
        shown = tuple(one for one in given.judged if shows(seen, given.luma, one.box))
        yield Verdict(given, number, masked_whole(seen, given.luma), shown, "")


def _distance(seen: Luma, original: Luma) -> float:
    return float(np.abs(seen[::8, ::8].astype(np.int16) - original[::8, ::8]).mean())
