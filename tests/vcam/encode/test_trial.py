"""What cannot be encoded is known before anything changes."""

from __future__ import annotations

import pytest

from vcam.base.errors import EncodeError
from vcam.base.rendition import DEFAULTS, Rendition
from vcam.base.settings import EncodeSettings
from vcam.encode.trial import try_out


@pytest.mark.parametrize("picture", [(1920, 1080), (640, 480), (360, 640), (4000, 3000)])
def test_the_defaults_suit_every_camera(picture: tuple[int, int]) -> None:
    try_out(DEFAULTS, EncodeSettings(), picture, 0.0)


@pytest.mark.parametrize(
    "rendition",
    [
        Rendition("main", "mjpeg"),
        Rendition("sub", width=641, height=360),
        Rendition("sub", "h265", width=2, height=2),
        Rendition("jpeg", "mjpeg", width=644, height=360),
        Rendition("jpeg", "mjpeg", width=2048, height=1152),
        Rendition("sub", fps=-1.0),
        Rendition("sub", fps=float("nan")),
        Rendition("sub", bit_rate=-1),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_by_name(rendition: Rendition) -> None:
    with pytest.raises(EncodeError) as caught:
        try_out([rendition], EncodeSettings(), (1920, 1080), 25.0)
    assert caught.value.mend
