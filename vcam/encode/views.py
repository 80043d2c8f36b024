"""All streams of one camera: the main one always, the others while somebody wants them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import structlog

from vcam.base.errors import EncodeError
from vcam.base.media import MaskedUnit, Picture, Region
from vcam.base.rendition import DEFAULTS, MAIN, Rendition
from vcam.base.settings import EncodeSettings
from vcam.encode.view import View

log = structlog.get_logger()


class Views:
    """Encodes each picture for every stream in use and gives the access units to `out`.

    A stream that nobody wants costs nothing. One that cannot be encoded as asked is given up until it is wanted or
    changed again; the main one is encoded in the plain way instead. Raises EncodeError only when that fails too.
    """

    def __init__(self, settings: EncodeSettings, out: Callable[[MaskedUnit], None]) -> None:
        self._settings = settings
        self._out = out
        self._renditions = {rendition.name: rendition for rendition in DEFAULTS}
        self._wanted: frozenset[str] = frozenset()
        self._views: dict[str, View] = {}
        self._fps = 0.0
        self._make()

    def open(self, fps: float) -> None:
        """Pictures of a new stream follow, nominally `fps` a second."""
        self.end()
        self._fps = fps
        self._make()

    def change(self, renditions: Sequence[Rendition]) -> None:
        """From the next picture on encode so. What stays as it is goes on undisturbed."""
        self._renditions.update({rendition.name: rendition for rendition in renditions})
        for name in [name for name, view in self._views.items() if view.rendition != self._renditions[name]]:
            self._close(name)
        self._make()

    def want(self, streams: Collection[str]) -> None:
        """From the next picture on encode these streams beside the main one, and no others."""
        self._wanted = frozenset(streams)
        for name in [name for name in self._views if name != MAIN and name not in self._wanted]:
            self._close(name)
        self._make()

    def force_key(self, stream: str) -> None:
        """Make the stream's next picture an IDR picture."""
        if view := self._views.get(stream):
            view.force_key()

    def encode(self, picture: Picture, regions: tuple[Region, ...]) -> None:
        """Encode one masked picture."""
        for name, view in tuple(self._views.items()):
            try:
                self._hand_out(view.encode(picture, regions))
            except EncodeError as error:
                self._replace(name, error)
                if name == MAIN:
                    self._hand_out(self._views[MAIN].encode(picture, regions))

    def end(self) -> None:
        """Give out what the encoders hold back, and close them."""
        for name in tuple(self._views):
            self._close(name)

    def _make(self) -> None:
        for name, rendition in self._renditions.items():
            if name not in self._views and (name == MAIN or name in self._wanted):
                self._views[name] = View(rendition, self._settings, self._fps)

    def _close(self, name: str) -> None:
        self._hand_out(self._views.pop(name).end())

    def _replace(self, name: str, error: EncodeError) -> None:
        view = self._views.pop(name)
        if name != MAIN:
            log.error("a stream is given up", stream=name, error=error.what, mend=error.mend)
            return
        plain = Rendition(MAIN)
        if view.rendition == plain:
            raise error
        log.error("the main stream is encoded in the plain way", error=error.what, mend=error.mend)
        self._views = {MAIN: View(plain, self._settings, self._fps), **self._views}

    def _hand_out(self, units: list[MaskedUnit]) -> None:
        for unit in units:
            self._out(unit)
