"""The detectors that a site has imported: a folder with their files and a manifest, for Garim's user alone.

A file is written before its entry and removed after it, so that an entry's file was whole at some time. What is
loaded is compared with the entry's SHA-256.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import tempfile
import tomllib
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from models.manifest import digest
from models.yolo import Layout
from vcam.base.errors import ConfigError, WeightsError
from vcam.base.ids import SLUG
from vcam.base.schema import written
from vcam.base.settings import ModelKind

MANIFEST = "manifest.toml"
_HEAD = (
    "# Detectors that were imported; written by 'garim models'. Licences are as their importer stated them.\n"
)

_Line = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$")]
"""Text that stays on one line."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Figures(_Table):
    """What a detector reached on labelled pictures."""

    pictures: Annotated[int, Field(ge=0)]
    """Pictures looked at."""
    labels: Annotated[int, Field(ge=0)]
    """Labels in them that count."""
    found: Annotated[int, Field(ge=0)]
    """Labels of which boxes covered enough."""
    area: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    """Area of the boxes over that of the labels."""
    false: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    """Boxes a picture that lie beside every label."""

    @property
    def recall(self) -> float:
        """Share of the labels that were found; 0 when there is none."""
        return self.found / self.labels if self.labels else 0.0


class Entry(_Table):
    """One imported detector."""

    name: Annotated[str, Field(pattern=f"^{SLUG.pattern}$")]
    """How settings call it."""
    origin: Literal["imported"] = "imported"
    """It did not come with Garim."""
    source: _Line
    """Name of the file that was imported."""
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    """Lower-case SHA-256 of the network's file."""
    licence: _Line
    """Terms as the importer or the file states them."""
    kind: ModelKind
    """What it finds."""
    layout: Layout
    """How its answer is laid out; see `models.yolo`."""
    output: _Line
    """The output that holds the answer."""
    side: Annotated[int, Field(ge=32, le=4096)]
    """Long side in pixels of the analysed picture, for a network that takes any size."""
    size: tuple[Annotated[int, Field(ge=32, le=4096)], Annotated[int, Field(ge=32, le=4096)]] | None = None
    """Width and height of a network that takes no other size."""
    classes: Annotated[list[Annotated[int, Field(ge=0, le=9999)]], Field(min_length=1)]
    """Classes that count."""
    names: list[_Line] = []
    """What the network calls these classes."""
    threshold: Annotated[float, Field(gt=0, lt=1)]
    """Least score that counts."""
    date: datetime
    """When it was imported, UTC."""
    check: Figures
    """What it reached when it was imported."""
    shipped: Figures
    """What the detectors that come with Garim reached on the same pictures."""

    @model_validator(mode="after")
    def _sides(self) -> Self:
        if any(side % 32 for side in self.size or ()):
            raise ValueError("a fixed size is a multiple of 32")
        return self


class _Manifest(_Table):
    file: list[Entry] = []


class Shelf:
    """The folder. Nothing is created before something is added."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def entries(self) -> list[Entry]:
        """Every entry. Raises WeightsError when the manifest cannot be read or is wrong."""
        path = self._folder / MANIFEST
        try:
            entries = _Manifest.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).file
        except FileNotFoundError:
            return []
        except OSError as error:
            raise WeightsError(
                f"{path} cannot be read ({error.strerror or type(error).__name__})",
                mend="Give Garim's user the right to read it",
            ) from None
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise _wrong(path, f" at {where}: {first['msg']}") from None
        except ValueError as error:  # no TOML, or no UTF-8
            raise _wrong(path, f": {error}") from None
        if len({entry.name for entry in entries}) != len(entries):
            raise _wrong(path, ": a name is given twice")
        return entries

    def entry(self, name: str) -> Entry:
        """The entry called `name`. Raises ConfigError when there is none, WeightsError."""
        entries = self.entries()
        for entry in entries:
            if entry.name == name:
                return entry
        known = ", ".join(entry.name for entry in entries)
        raise ConfigError(
            f"No model called {name!r} has been imported",
            mend=(f"Use one of: {known}; or import it" if known else "Import it")
            + " with 'garim models import'",
        )

    def file(self, entry: Entry) -> Path:
        """Path of the entry's network, its SHA-256 checked now. Raises WeightsError when absent or altered."""
        path = self._path(entry.name)
        mend = f"Remove {entry.name} with 'garim models remove' and import it anew"
        try:
            found = digest(path)
        except OSError as error:
            raise WeightsError(
                f"The imported model {entry.name} cannot be read ({type(error).__name__})", mend=mend
            ) from None
        if found != entry.sha256:
            raise WeightsError(
                f"The imported model {entry.name} has been altered "
                f"(SHA-256 {found[:12]}... instead of {entry.sha256[:12]}...)",
                mend=mend,
            )
        return path

    def vacant(self, name: str) -> None:
        """Raises ConfigError when `name` cannot be given to another model, WeightsError."""
        if not SLUG.fullmatch(name):
            raise ConfigError(
                f"{name!r} is no name for a model",
                mend="Use lower-case letters, digits and hyphens, at most 40: --name NAME",
            )
        if any(entry.name == name for entry in self.entries()):
            raise ConfigError(
                f"A model called {name} has been imported already",
                mend=f"Choose another --name, or remove it first: garim models remove {name}",
            )

    def add(self, entry: Entry, content: bytes) -> None:
        """Keep `content` under `entry`. Raises ConfigError when the name is taken, WeightsError."""
        if hashlib.sha256(content).hexdigest() != entry.sha256:
            raise WeightsError(f"The network of {entry.name} is not the one that was checked")
        with self._writing():
            self.vacant(entry.name)
            _write(self._path(entry.name), content)
            self._say([*self.entries(), entry])

    def remove(self, name: str) -> None:
        """Forget the model called `name` and delete its file. Raises ConfigError when there is none, WeightsError."""
        self.entry(name)
        with self._writing():
            self._say(entry for entry in self.entries() if entry.name != name)
            self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.onnx"

    def _say(self, entries: Iterable[Entry]) -> None:
        text = _HEAD + "".join(_toml(entry) for entry in entries)
        _write(self._folder / MANIFEST, text.encode())

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """One writer at a time."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self._folder, os.O_RDONLY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
            finally:
                os.close(lock)
        except OSError as error:
            raise WeightsError(
                f"The folder {self._folder} cannot be written to ({error.strerror or type(error).__name__})",
                mend="Let site.state name a folder that Garim's user may write to, on a disk with room",
            ) from None


def _wrong(path: Path, why: str) -> WeightsError:
    return WeightsError(f"{path} is wrong{why}", mend="Mend it, or remove it and import the models anew")


def _toml(entry: Entry) -> str:
    lines = ["\n[[file]]"]
    for name, value in entry:
        if isinstance(value, Figures):
            inline = ", ".join(f"{key} = {written(item)}" for key, item in value)
            lines.append(f"{name} = {{ {inline} }}")
        elif isinstance(value, datetime):
            lines.append(f"{name} = {value.isoformat(timespec='seconds')}")
        elif value is not None:
            lines.append(f"{name} = {written(value)}")
    return "\n".join(lines) + "\n"


def _write(path: Path, content: bytes) -> None:
    """Write whole or not at all, readable by its owner alone."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # of mode 600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
