"""Cameras and files: what comes in."""

from vcam.source.file import FileSource
from vcam.source.open import open_source

__all__ = ["FileSource", "open_source"]
