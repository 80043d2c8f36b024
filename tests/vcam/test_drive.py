"""Every picture of a file is pushed, looked at when that is owed, and released, in the order of the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.patch import PatchAnalyst
from tests.support.portrait import footage, wall, write
from vcam.base.errors import NotVideo
from vcam.base.media import Analysis, Picture, StreamInfo
from vcam.drive import drive
from vcam.screen import Work


class Tape:
    """Writes down what it is asked."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.learnt: list[int] = []
        self._count = 0

    def open(self, info: StreamInfo) -> None:
        self.said.append("open")

    def push(self, picture: Picture, now: float) -> None:
        assert picture.pts == round(now * 90_000)
        picture.index = self._count
        self._count += 1
        self.said.append("push")

    def owed(self, picture: Picture) -> Work | None:
        return Work(picture, ("near",), ()) if picture.index % 5 == 0 else None

    def proof(self, picture: Picture) -> Work:
        self.said.append("proof")
        return Work(picture, ("near",), ())

    def learn(self, analysis: Analysis) -> None:
        self.learnt.append(analysis.index)

    def failed(self, work: Work) -> None:
        self.said.append("failed")

    def release(self, now: float) -> None:
        self.said.append("release")


def test_every_picture_is_pushed_and_the_last_one_proven(tmp_path: Path) -> None:
    source, tape = write(tmp_path / "in.mp4", [wall((160, 96))] * 12), Tape()
    infos: list[StreamInfo] = []
    drive(source, tape, PatchAnalyst(), infos.append)
    assert tape.said == ["open", *["push", "release"] * 12, "proof"]
    assert tape.learnt == [0, 5, 10, 11]
    assert [(info.width, info.height) for info in infos] == [(160, 96)]


def test_each_stream_of_a_file_is_concluded() -> None:
    tape = Tape()
    drive(footage("codecs", "der_resolution_change.ts"), tape, PatchAnalyst())
    assert tape.said.count("open") == tape.said.count("proof") >= 2
    assert tape.said[-1] == "proof"
    for at, said in enumerate(tape.said[1:], 1):
        assert said != "open" or tape.said[at - 1] == "proof"


def test_a_detector_that_fails_proves_nothing_and_stops_nothing(tmp_path: Path) -> None:
    source, tape = write(tmp_path / "in.mp4", [wall((160, 96))] * 12), Tape()
    drive(source, tape, PatchAnalyst(failing=True))
    assert tape.said.count("release") == 12
    assert tape.said.count("failed") == 4
    assert tape.learnt == []


def test_a_file_without_a_picture_is_told(tmp_path: Path) -> None:
    source = tmp_path / "in.mp4"
    source.write_bytes(b"plain text of a note\n" * 200)
    with pytest.raises(NotVideo, match=r"in\.mp4"):
        drive(source, Tape(), PatchAnalyst())
