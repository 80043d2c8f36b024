"""Receiving without a camera there. What a camera sends is received in test_standin."""

from __future__ import annotations

import socket

import pytest

from vcam.base.errors import Unreachable
from vcam.demo.leaks import tally
from vcam.demo.loop import encode
from vcam.demo.receive import Received, receive
from vcam.demo.scene import Scene
from vcam.demo.stamp import read_index


def test_nobody_there_is_an_error_without_the_password() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"rtsp://127.0.0.1:{free.getsockname()[1]}/main"
    with pytest.raises(Unreachable) as caught:
        receive(url, 1, credentials=("garim", "secret-word"))
    assert url in str(caught.value)
    assert "secret-word" not in str(caught.value)


def test_pictures_keep_their_times_and_damage_is_left_out(scene: Scene) -> None:
    units = [(unit.data, unit.index * 3600) for unit in encode(scene, 6)]
    received = Received("h264", b"", (*units, (b"\x00\x00\x01\x65", None)), 90_000)
    found = [(read_index(picture), seconds) for picture, seconds in received.pictures()]
    assert [index for index, _ in found] == list(range(6))
    assert [seconds for _, seconds in found] == pytest.approx([index / 25 for index in range(6)])


def test_nothing_received_is_no_picture() -> None:
    assert not list(Received("h264", b"", (), 90_000).pictures())
    assert tally([]).frames == 0
