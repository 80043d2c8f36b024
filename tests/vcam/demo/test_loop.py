"""The encoded loop."""

from __future__ import annotations

import av

from vcam.base.annexb import nal_units
from vcam.demo.loop import GOP, encode
from vcam.demo.receive import grey
from vcam.demo.scene import LENGTH, Scene
from vcam.demo.stamp import read_index
from vcam.encode.h264 import ParameterSets, nal_type


def test_every_unit_is_one_picture(scene: Scene) -> None:
    decoder = av.CodecContext.create("h264", "r")
    units = list(encode(scene, 30))
    indices = [read_index(grey(frame)) for unit in units for frame in decoder.decode(av.Packet(unit.data))]
    assert indices == [unit.index for unit in units] == list(range(30))
    for unit in units:
        assert unit.key == (5 in map(nal_type, nal_units(unit.data))) == (unit.index % GOP == 0)
        assert (ParameterSets.of(unit.data) is not None) == unit.key


def test_encoding_again_gives_the_same_bytes(scene: Scene) -> None:
    assert list(encode(scene, 10)) == list(encode(scene, 10))


def test_time_runs_on_over_loops(scene: Scene) -> None:
    sent = next(encode(scene, 1)).at(LENGTH + 2, 7, scene)
    assert (sent.pts, sent.dts, sent.index, sent.time) == (
        (LENGTH + 2) * 3600,
        (LENGTH + 2) * 3600,
        LENGTH + 2,
        7,
    )
