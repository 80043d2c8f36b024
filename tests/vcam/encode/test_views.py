"""All streams of a camera: only those that are wanted, changed at the next picture."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from vcam.base.errors import EncodeError
from vcam.base.media import MaskedUnit, Picture
from vcam.base.rendition import DEFAULTS, Rendition
from vcam.base.settings import EncodeSettings
from vcam.encode.views import Views

if TYPE_CHECKING:
    from tests.vcam.encode.conftest import Scene


class Streams:
    """Views and all that comes of them."""

    def __init__(self, scene: Scene) -> None:
        self.units: list[MaskedUnit] = []
        self.views = Views(EncodeSettings(gop=10), self.units.append)
        self.views.open(25.0)
        self._scene = scene
        self._shown = 0

    def show(self, count: int) -> list[MaskedUnit]:
        """Encode `count` pictures more; what came of them."""
        before = len(self.units)
        for index in range(self._shown, self._shown + count):
            self.views.encode(Picture(self._scene.frame(index), index, index * 3600, 0), ())
        self._shown += count
        return self.units[before:]


@pytest.fixture
def streams(scene: Scene) -> Streams:
    return Streams(scene)


def counts(units: list[MaskedUnit]) -> dict[str, int]:
    return dict(Counter(unit.stream for unit in units))


def test_only_the_main_stream_is_encoded_unless_others_are_wanted(streams: Streams) -> None:
    assert counts(streams.show(10)) == {"main": 10}
    streams.views.want(["jpeg", "sub"])
    wanted = streams.show(25)
    assert counts(wanted) == {"main": 25, "sub": 15, "jpeg": 5}
    assert next(unit for unit in wanted if unit.stream == "sub").key
    streams.views.want(["jpeg"])
    assert counts(streams.show(25)) == {"main": 25, "jpeg": 5}
    streams.views.want([])
    assert counts(streams.show(5)) == {"main": 5}


def test_a_change_acts_at_the_next_picture_and_disturbs_no_other_stream(streams: Streams) -> None:
    streams.views.want(["sub"])
    streams.show(10)
    main, sub, jpeg = DEFAULTS
    streams.views.change([main, replace(sub, width=160, height=96, fps=0.0), jpeg])
    units = streams.show(5)
    assert counts(units) == {"main": 5, "sub": 5}
    assert not any(unit.key for unit in units if unit.stream == "main")
    assert [unit.key for unit in units if unit.stream == "sub"] == [True, False, False, False, False]
    assert {unit.width for unit in units if unit.stream == "sub"} == {160}
    streams.views.change([replace(main, codec="h265")])
    units = streams.show(3)
    assert [(unit.codec, unit.key) for unit in units if unit.stream == "main"] == [
        ("h265", True),
        ("h265", False),
        ("h265", False),
    ]
    assert not any(unit.key for unit in units if unit.stream == "sub")


def test_keys_are_forced_in_one_stream(streams: Streams) -> None:
    streams.views.want(["sub"])
    streams.show(4)
    streams.views.force_key("sub")
    streams.views.force_key("jpeg")  # nobody wants it
    assert {unit.stream for unit in streams.show(5) if unit.key} == {"sub"}


def test_what_cannot_be_encoded_never_stops_the_main_stream(streams: Streams) -> None:
    streams.views.want(["sub"])
    streams.views.change([Rendition("sub", width=161, height=97)])
    assert counts(streams.show(5)) == {"main": 5}
    streams.views.change([Rendition("main", width=161, height=97)])
    units = streams.show(5)
    assert counts(units) == {"main": 5}
    assert {(unit.width, unit.height) for unit in units} == {(320, 192)}
    streams.views.change([Rendition("sub", width=160, height=96)])
    assert counts(streams.show(5)) == {"main": 5, "sub": 5}


def test_a_camera_that_cannot_be_encoded_at_all_is_an_error(
    streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise EncodeError("x264 has failed")

    streams.show(1)
    monkeypatch.setattr("vcam.encode.view.Encoder.encode", fail)
    with pytest.raises(EncodeError):
        streams.show(1)
