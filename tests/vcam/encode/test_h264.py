from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import av
import pytest
from av.bitstream import BitStreamFilterContext
from hypothesis import given
from hypothesis import strategies as st

from vcam.base.annexb import nal_units
from vcam.encode import h264

CLIPS = Path(os.environ.get("GARIM_EVAL", Path(__file__).parents[4] / "shared" / "eval")) / "clips"

# A NAL unit holds no three-byte start code and does not end with a zero byte (7.4.1).
_unit = st.binary(min_size=1, max_size=40).map(lambda raw: raw.replace(b"\x00", b"\x03") + b"\x80")


def _without_sets(units: Iterable[bytes]) -> list[bytes]:
    return [unit for unit in units if h264.nal_type(unit) not in {h264.NAL_SPS, h264.NAL_PPS}]


@given(st.lists(st.tuples(_unit, st.sampled_from([b"\x00\x00\x01", b"\x00\x00\x00\x01"]))), st.integers(0, 3))
def test_units_are_found_whatever_the_start_code(parts: list[tuple[bytes, bytes]], zeros: int) -> None:
    stream = b"".join(code + unit + b"\x00" * zeros for unit, code in parts)
    assert list(nal_units(stream)) == [unit for unit, _ in parts]


@given(st.binary(max_size=300))
def test_any_bytes_are_split_without_error(data: bytes) -> None:
    units = list(nal_units(data))
    assert all(units)
    assert all(b"\x00\x00\x01" not in unit for unit in units)
    h264.ParameterSets.of(data)


def test_units_of_a_real_file_are_those_of_its_container() -> None:
    path = CLIPS / "dev_04_entrance_crowd_1080p.mp4"
    if not path.exists():
        pytest.skip("evaluation footage is absent; point GARIM_EVAL at it")
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        to_annex_b = BitStreamFilterContext("h264_mp4toannexb", stream)
        for number, packet in enumerate(container.demux(stream)):
            if packet.size == 0 or number >= 20:
                break
            stored, key = bytes(packet), packet.is_keyframe
            lengths: list[bytes] = []
            while stored:
                size = int.from_bytes(stored[:4], "big")
                lengths.append(stored[4 : 4 + size])
                stored = stored[4 + size :]
            converted = bytes(to_annex_b.filter(packet)[0])  # adds the container's parameter sets
            assert _without_sets(nal_units(converted)) == _without_sets(lengths)
            kinds = {h264.nal_type(unit) for unit in lengths}
            assert (h264.NAL_IDR in kinds) == key


def test_parameter_sets_need_both() -> None:
    sps, pps = bytes.fromhex("6742c0288c"), bytes.fromhex("68ce3c80")
    assert h264.ParameterSets.of(b"\x00\x00\x01" + sps) is None
    sets = h264.ParameterSets.of(b"\x00\x00\x01" + sps + b"\x00\x00\x00\x01" + pps + b"\x00\x00\x01\x65\x88")
    assert sets is not None
    assert sets.profile_level_id == "42C028"
    assert sets.codec == "avc3.42C028"
    # RBSP trailing zero bytes belong to the byte stream, not to the NAL unit.
    assert sets == h264.ParameterSets.of(sets.annex_b)
