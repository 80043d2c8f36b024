"""What the commands that work on a site have in common: its settings, its logs, its index."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vcam.base.conflicts import Conflict
from vcam.base.errors import GarimError, VaultError
from vcam.base.logs import configure
from vcam.base.settings import Settings
from vcam.base.settings_file import load

if TYPE_CHECKING:
    from recorder.database import Database
    from recorder.index import Index
    from recorder.shares.store import ShareStore

Config = Annotated[
    Path,
    typer.Option("--config", "-c", help="The site's settings file.", envvar="GARIM_CONFIG", show_envvar=True),
]
DEFAULT = Path("garim.toml")


def recipients(settings: Settings) -> Iterator[Conflict]:
    """The check of the keys that originals are encrypted to: a slip of the pen would make them unreadable."""
    from recorder.keys import check_recipient

    for number, recipient in enumerate(settings.recorder.recipients):
        try:
            check_recipient(recipient)
        except VaultError as error:
            yield Conflict(("recorder", "recipients", number), error.what, error.mend)


def models(settings: Settings) -> Iterator[Conflict]:
    """The check of imported detectors: each name needs one, and each one something to mask."""
    if not any(camera.mask.models for camera in settings.camera):
        return
    from models.imported import mend_of, shelf_of, useless

    shelf = shelf_of(settings.site)
    for number, camera in enumerate(settings.camera):
        for place, name in enumerate(camera.mask.models):
            path = ("camera", number, "mask", "models", place)
            try:
                entry = shelf.entry(name)
            except GarimError as error:
                yield Conflict(path, f"is {name!r}. {error.what}", error.mend)
                continue
            if what := useless(entry, camera.mask.at_any_hour().kinds):
                yield Conflict(path, f"is {name!r}, which {what}", mend_of(entry))


def read(path: Path) -> Settings:
    """The settings in `path`, with logs set up as they say. Raises ConfigError."""
    settings = load(path, CHECKS)
    configure(settings.site.log, settings.site.log_format)
    return settings


CHECKS = (recipients, models)


@contextlib.contextmanager
def index(settings: Settings) -> Iterator[Index]:
    """The recorder's index, opened. Raises RecordError."""
    from vcam.app import open_index

    opened = open_index(settings)
    try:
        yield opened
    finally:
        opened.close()


@contextlib.contextmanager
def database(settings: Settings) -> Iterator[Database]:
    """The index's database, opened. Raises RecordError."""
    from recorder.database import Database
    from vcam.app import index_url

    opened = Database(index_url(settings))
    try:
        yield opened
    finally:
        opened.close()


@contextlib.contextmanager
def shares(settings: Settings) -> Iterator[ShareStore]:
    """The share store, opened. Raises RecordError."""
    from recorder.shares.store import FILE, ShareStore

    opened = ShareStore.open(settings.site.state / FILE)
    try:
        yield opened
    finally:
        opened.close()
