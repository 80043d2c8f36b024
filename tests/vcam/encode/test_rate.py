"""Bits and pictures a second."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vcam.base.settings import EncodeSettings
from vcam.encode.rate import bit_rate
from vcam.encode.x264 import encoder_options

SETTINGS = EncodeSettings()


@given(
    st.integers(64_000, 100_000_000), st.integers(8, 2000), st.integers(8, 2000), st.floats(0.5, 120, width=32)
)
def test_bigger_and_faster_streams_get_more(setting: int, width: int, height: int, fps: float) -> None:
    settings = EncodeSettings(bit_rate=setting)
    rate = bit_rate(settings, 2 * width, 2 * height, fps)
    assert rate >= min(setting, 200_000)
    assert bit_rate(settings, 4 * width, 2 * height, fps) >= rate
    assert bit_rate(settings, 2 * width, 2 * height, 2 * fps) >= rate


def test_the_setting_is_the_rate_at_1080p25() -> None:
    assert bit_rate(SETTINGS, 1920, 1080, 25.0) == 4_000_000
    assert bit_rate(SETTINGS, 1920, 1080, float("nan")) == 4_000_000
    options = encoder_options(SETTINGS, 1920, 1080, 25.0)
    assert (options["preset"], options["tune"], options["b"]) == ("ultrafast", "zerolatency", "4000000")
