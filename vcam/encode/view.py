"""One stream of a camera: its masked pictures thinned, scaled and encoded as a rendition asks."""

from __future__ import annotations

from dataclasses import replace

from vcam.base.media import MaskedUnit, Picture, Region
from vcam.base.rendition import Rendition
from vcam.base.settings import EncodeSettings
from vcam.encode.colour import Colour
from vcam.encode.encoder import Encoder
from vcam.encode.scaler import Scaler, scaled, size_of
from vcam.encode.thinner import Thinner


class View:
    """Encodes pictures of any size as `rendition`; a new size gets a new encoder, which begins with an IDR picture.

    What it is given is never changed but for a frame's time stamp and type.
    """

    def __init__(self, rendition: Rendition, settings: EncodeSettings, fps: float) -> None:
        """`fps` is the nominal rate of the pictures that come, 0 when it is not known."""
        self.rendition = rendition
        self._settings = settings
        self._fps = min(fps or rendition.fps, rendition.fps) if rendition.fps > 0 else fps
        self._thinner = Thinner(rendition.fps)
        self._source: tuple[int, int] = (0, 0)
        self._scaler = Scaler(rendition.codec, 0, 0)
        self._encoder: Encoder | None = None

    def force_key(self) -> None:
        """Make the next picture an IDR picture."""
        if self._encoder is not None:
            self._encoder.force_key()

    def encode(self, picture: Picture, regions: tuple[Region, ...]) -> list[MaskedUnit]:
        """The access units of one masked picture, none when it is left out. Raises EncodeError."""
        if not self._thinner.take(picture.pts):
            return []
        size = (picture.width, picture.height)
        units: list[MaskedUnit] = []
        encoder = self._encoder
        if encoder is None or size != self._source:
            units += self.end()
            encoder = self._open(picture, size)
        frame = self._scaler.scale(picture.frame)
        if frame is not picture.frame:
            regions = scaled(regions, encoder.width / size[0], encoder.height / size[1])
            picture = replace(picture, frame=frame)
        return units + encoder.encode(picture, regions)

    def end(self) -> list[MaskedUnit]:
        """What the encoder still holds back; it is closed then."""
        encoder, self._encoder = self._encoder, None
        return [] if encoder is None else encoder.flush()

    def _open(self, picture: Picture, size: tuple[int, int]) -> Encoder:
        width, height = size_of(self.rendition, *size)
        self._encoder = encoder = Encoder(
            self._settings, width, height, self._fps, Colour.of(picture.frame), rendition=self.rendition
        )
        self._scaler = Scaler(self.rendition.codec, width, height)
        self._source = size
        return encoder
