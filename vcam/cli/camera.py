"""Whose masks a file gets: those of a camera in a settings file, or the defaults."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from vcam.base.errors import ConfigError
from vcam.base.settings import CameraSettings, EncodeSettings, MaskSettings, SiteSettings
from vcam.base.settings_file import load
from vcam.cli.site import CHECKS

Config = Annotated[
    Path | None, typer.Option("--config", "-c", help="Settings file whose masks are used; else the defaults.")
]
Name = Annotated[str | None, typer.Option("--camera", help="Camera in that file; else the first.")]


@dataclass(frozen=True, slots=True)
class Chosen:
    """How to mask and encode, and the site that says where imported detectors lie."""

    mask: MaskSettings
    encode: EncodeSettings
    site: SiteSettings


def chosen(config: Path | None, name: str | None) -> Chosen:
    """How to mask and encode. Raises ConfigError when there is no such camera."""
    if config is None:
        if name is not None:
            raise ConfigError("--camera needs --config", mend="Name the settings file too")
        return Chosen(MaskSettings(), EncodeSettings(), SiteSettings())
    settings = load(config, CHECKS)
    camera = _named(settings.camera, name)
    return Chosen(camera.mask, camera.encode, settings.site)


def _named(cameras: list[CameraSettings], name: str | None) -> CameraSettings:
    if name is None:
        return cameras[0]
    for camera in cameras:
        if camera.name == name:
            return camera
    names = ", ".join(camera.name for camera in cameras)
    raise ConfigError(f"There is no camera {name!r}", mend=f"Choose one of: {names}")
