"""Annex B against records and streams that FFmpeg made."""

from __future__ import annotations

from pathlib import Path

import av
import pytest
from av.bitstream import BitStreamFilterContext
from hypothesis import given
from hypothesis import strategies as st

from vcam.base.annexb import nal_units
from vcam.source.annexb import START_CODE, framing, to_annexb

UNITS = st.lists(
    st.binary(min_size=1, max_size=40).filter(lambda b: b"\x00\x00" not in b and b[-1] != 0), max_size=8
)


@given(UNITS, st.sampled_from([1, 2, 4]))
def test_every_nal_unit_survives_the_change_of_framing(units: list[bytes], size: int) -> None:
    data = b"".join(len(unit).to_bytes(size, "big") + unit for unit in units)
    annexb = to_annexb(data, size)
    assert annexb == b"".join(START_CODE + unit for unit in units)
    assert list(nal_units(annexb)) == units


@given(st.binary(max_size=200), st.sampled_from([1, 2, 4]))
def test_broken_lengths_are_survived(data: bytes, size: int) -> None:
    assert len(to_annexb(data, size)) <= len(data) * 5


@given(st.binary(max_size=120), st.sampled_from(["h264", "hevc"]))
def test_any_extradata_is_survived(extradata: bytes, codec: str) -> None:
    assert framing(codec, extradata).length_size in range(5)


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_a_record_cut_off_gives_the_sets_that_are_whole(codec: str, clip: Path, hevc_clip: Path) -> None:
    with av.open(str(clip if codec == "h264" else hevc_clip)) as container:
        record = container.streams.video[0].codec_context.extradata
    assert record is not None
    whole = framing(codec, record).parameter_sets
    for end in range(len(record)):
        assert whole.startswith(framing(codec, record[:end]).parameter_sets)


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_parameter_sets_and_units_are_those_of_ffmpegs_filter(codec: str, clip: Path, hevc_clip: Path) -> None:
    path = str(clip if codec == "h264" else hevc_clip)
    with av.open(path) as container:
        stream = container.streams.video[0]
        record = stream.codec_context.extradata or b""
        found = framing(codec, record)
        assert found.length_size == 4
        ours = [
            to_annexb(bytes(packet), found.length_size) for packet in container.demux(stream) if packet.size
        ]
    with av.open(path) as container:
        stream = container.streams.video[0]
        to_bytes = BitStreamFilterContext(f"{codec}_mp4toannexb", stream)
        packets = [packet for packet in container.demux(stream) if packet.size]
        theirs = [bytes(out) for packet in packets for out in to_bytes.filter(packet)]
    # The filter repeats what the record holds before each IDR; ours keeps what the file holds.
    sets = list(nal_units(found.parameter_sets))
    assert len(sets) == (2 if codec == "h264" else 3)
    for mine, other in zip(ours, theirs, strict=True):
        kept = list(nal_units(mine))
        assert kept
        assert [unit for unit in nal_units(other) if unit in kept] == kept
        assert all(unit in record for unit in nal_units(other) if unit not in kept)
    assert all(unit in list(nal_units(theirs[0])) for unit in sets)


def test_annexb_extradata_keeps_its_parameter_sets() -> None:
    sps, pps, sei = b"\x67\x42\x00\x1e", b"\x68\xce", b"\x06\x05\x01"
    extradata = b"\x00\x00\x01" + sei + START_CODE + sps + START_CODE + pps
    assert framing("h264", extradata).parameter_sets == START_CODE + sps + START_CODE + pps
    assert framing("h264", extradata).length_size == 0
    assert framing("vp9", extradata).parameter_sets == b""
