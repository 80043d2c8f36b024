"""Untouched units in containers that other programs read."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from recorder.mp4 import packets
from recorder.scope import Scope
from tests.recorder.support import encode, hevc, real_units
from tests.vcam.export.support import INFO, Opened, units
from vcam.base.annexb import nal_units
from vcam.base.errors import CustodyError
from vcam.base.media import AccessUnit, StreamInfo
from vcam.export.footage import takes
from vcam.export.remux import container, ending, remux
from vcam.export.timeline import places


def written(info: StreamInfo, sent: list[AccessUnit]) -> bytes:
    out = io.BytesIO()
    remux(out, info, sent, places(sent, info.fps))
    return out.getvalue()


def test_h264_lies_in_the_file_as_it_was_sent() -> None:
    sent = units()
    found = [list(nal_units(packet.data)) for packet in packets(written(INFO, sent))]
    assert found == [list(nal_units(unit.data)) for unit in sent]


def test_parameter_sets_that_came_outside_the_stream_are_put_in_front() -> None:
    info, sent = encode(20, in_band=False)
    footage = Opened({"gate": sent}, info)
    (take,) = takes(footage, Scope(("gate",), sent[0].time, sent[-1].time + 1))
    assert b"".join(unit.data for unit in take.units()) == info.parameter_sets + b"".join(u.data for u in sent)
    with av.open(io.BytesIO(written(info, list(take.units()))), "r") as opened:
        assert len(list(opened.decode(video=0))) == 20
    footage.forms = [info, replace(info, parameter_sets=b"others")]
    with pytest.raises(CustodyError, match="size or codec"):
        takes(footage, Scope(("gate",), sent[0].time, sent[-1].time + 1))


def test_h265_plays() -> None:
    made = hevc(20)
    sent = [AccessUnit(unit.data, unit.pts, unit.time, unit.key) for unit in made]
    with av.open(io.BytesIO(written(StreamInfo("hevc", 320, 192, 25.0), sent)), "r") as opened:
        assert opened.streams.video[0].codec_context.name == "hevc"
        assert len(list(opened.decode(video=0))) == 20


def test_jpegs_play_at_their_times(tmp_path: Path) -> None:
    import cv2

    pictures = [np.full((96, 128, 3), 10 * number, np.uint8) for number in range(10)]
    sent = [
        AccessUnit(cv2.imencode(".jpg", picture)[1].tobytes(), number * 9000, number * 100_000, key=True)
        for number, picture in enumerate(pictures)
    ]
    info = StreamInfo("mjpeg", 128, 96, 10.0)
    assert (ending(info), container(info)) == (".mjpeg", ".mkv")
    with av.open(io.BytesIO(written(info, sent)), "r") as opened:
        shown = list(opened.decode(video=0))
    assert [round(float(frame.time or 0) * 10) for frame in shown] == list(range(10))


def test_real_footage_keeps_every_picture() -> None:
    info, sent = real_units("clips/dev_03_street_tokyo.mp4")
    with av.open(io.BytesIO(written(info, sent)), "r") as opened:
        assert len(list(opened.decode(video=0))) == len(sent)


def test_what_comes_before_the_first_key_picture_is_left_out() -> None:
    sent = units()[10:]
    with av.open(io.BytesIO(written(INFO, sent)), "r") as opened:
        assert len(list(opened.decode(video=0))) == 25
    with pytest.raises(CustodyError, match="no key picture"):
        written(INFO, [replace(unit, key=False) for unit in sent[:5]])


def test_a_codec_without_a_file_is_refused() -> None:
    with pytest.raises(CustodyError, match="vp9"):
        ending(StreamInfo("vp9", 320, 192, 25.0))
