from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onvif_server.rtsp.playtime import is_live


@pytest.mark.parametrize(
    "header", ["", "npt=now-", "npt=0.000-", "npt=0-", "npt=-", "npt=12.5-", "npt=0:00:07.25-"]
)
def test_clients_that_mean_now(header: str) -> None:
    assert is_live(header)


@pytest.mark.parametrize(
    "header",
    [
        "npt=0-10",
        "npt=now",
        "npt=-5",
        "npt=a-",
        "smpte=0:10:20-",
        "clock=20260101T000000Z-",
        "npt=now-;time=20260101T000000Z",
        "nonsense",
    ],
)
def test_other_ranges_cannot_be_granted(header: str) -> None:
    assert not is_live(header)


@given(st.text())
def test_no_header_breaks_it(header: str) -> None:
    assert is_live(header) in {True, False}
