"""Which pictures are damaged: rules, and real damage."""

from __future__ import annotations

from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcam.source.decoder import Damage, Decoder, Stamp


def flags(path: Path, spoil: set[int]) -> list[bool]:
    """`damaged` of each picture when the packets numbered in `spoil` have their middle zeroed."""
    seen: list[bool] = []
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        decoder = Decoder(stream)
        for number, packet in enumerate(container.demux(stream)):
            if not packet.size:
                continue
            if number in spoil:
                data = bytearray(bytes(packet))
                data[len(data) // 2 : len(data) * 3 // 4] = b"\xa5" * len(
                    data[len(data) // 2 : len(data) * 3 // 4]
                )
                packet.update(bytes(data))
            stamp = Stamp(number, packet.pts, packet.pts or 0, 0)
            seen += [one.damaged for one in decoder.decode(packet, stamp)]
        seen += [one.damaged for one in decoder.flush()]
    return seen


def test_an_intact_stream_has_no_damage(clip: Path, reordered_clip: Path) -> None:
    assert flags(clip, set()) == [False] * 50
    assert flags(reordered_clip, set()) == [False] * 50


def test_damage_lasts_until_the_next_key_picture(clip: Path) -> None:
    assert flags(clip, {23}) == [index in range(23, 30) for index in range(50)]
    assert flags(clip, {20}) == [index in range(20, 30) for index in range(50)]


def test_damage_covers_all_that_follows_in_decoding_order(reordered_clip: Path) -> None:
    clean = flags(reordered_clip, set())
    hurt = flags(reordered_clip, {24})
    assert len(hurt) == len(clean)
    assert not any(hurt[:20])
    assert all(hurt[25:40])
    assert not any(hurt[40:])


@pytest.mark.usefixtures("clip")
def test_nothing_is_whole_before_a_key_picture(clip: Path) -> None:
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        decoder = Decoder(stream)
        packets = [packet for packet in container.demux(stream) if packet.size][3:]
        found = [
            (number, one.damaged)
            for number, packet in enumerate(packets, start=3)
            for one in decoder.decode(packet, Stamp(number, packet.pts, 0, 0))
        ]
    assert all(damaged is (number < 10) for number, damaged in found)
    assert (10, False) in found


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60))
def test_without_reordering_a_picture_is_damaged_since_the_last_hurt_until_a_whole_key(
    units: list[tuple[bool, bool]],
) -> None:
    damage, dirty = Damage(), True
    for number, (key, hurt) in enumerate(units):
        damage.unit(number, key=key, hurt=hurt)
        dirty = hurt or (dirty and not key)
        assert damage.picture(number, key=key, corrupt=False) is dirty


def test_a_key_picture_put_out_late_does_not_heal_what_came_after_it() -> None:
    damage = Damage()
    damage.unit(0, key=True, hurt=False)
    damage.unit(1, key=False, hurt=True)
    assert damage.picture(0, key=True, corrupt=False) is True  # on the safe side
    assert damage.picture(1, key=False, corrupt=False) is True
    damage.unit(2, key=True, hurt=False)
    assert damage.picture(2, key=True, corrupt=True) is True
    damage.unit(3, key=True, hurt=False)
    assert damage.picture(3, key=True, corrupt=False) is False
