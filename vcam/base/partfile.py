"""Files that appear under their names only when complete."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from vcam.base.errors import ConfigError, EncodeError


def part_of(path: Path) -> Path:
    """The file that becomes `path` when complete."""
    return path.with_name(f".{path.stem}.part{path.suffix}")


def distinct(inputs: Sequence[Path], outputs: Sequence[Path]) -> None:
    """Raise ConfigError when two of the files are one, or an output cannot be a file."""
    names = [path.resolve() for path in (*inputs, *outputs, *map(part_of, outputs))]
    if len(set(names)) != len(names):
        raise ConfigError(
            "Inputs and outputs must be different files", mend="Choose another name for the output"
        )
    for path in outputs:
        if not path.parent.is_dir():
            raise ConfigError(
                f"There is no folder {path.parent} for {path.name}", mend="Create the folder first"
            )
        if path.exists() and not path.is_file():
            raise ConfigError(f"{path} is there already and is no file", mend="Name a file to be written")


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn an OSError into an EncodeError that names `path`."""
    try:
        yield
    except OSError as error:
        raise EncodeError(
            f"{path.name} cannot be written ({error.strerror or type(error).__name__})",
            mend="Check the folder's rights and the disk's room",
        ) from error


def write_whole(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Replace `path` by `data` whole or not at all, on disk before this returns. Raises OSError."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(handle, mode)
            file.write(data)
            file.flush()
            os.fsync(handle)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
