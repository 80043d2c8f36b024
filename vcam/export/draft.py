"""An export being made: a hidden folder that gets its name once everything in it is whole, signed and on record."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from recorder import durable
from recorder.evidence import minisign
from recorder.evidence.bundle import verifier
from recorder.evidence.ids import EXPORT
from recorder.evidence.manifest import Digest, File, Manifest, Role
from recorder.evidence.sealing import SealedFile
from recorder.evidence.verifier.check import MANIFEST, SIGNATURE
from recorder.signing import SigningKey
from vcam.base.errors import CustodyError

CONTENT = "export"
"""Folder of the files that the manifest lists."""
VERIFIER = "verify.pyz"
PUBLIC = "institution.pub"
_PART = re.compile(rf"\.({EXPORT.pattern})\.part")
_PIECE = 1 << 20


class Draft:
    """The folder of the export `name` below `folder`. With `recipient`, every file in it is encrypted to that key.

    Leave it before `recorded` and nothing is left behind. Raises CustodyError when it cannot be written.
    """

    def __init__(self, folder: Path, name: str, recipient: str | None) -> None:
        self.final = folder / name
        self._part = part_of(folder, name)
        self._content = self._part / CONTENT
        self._recipient = recipient
        self._files: list[File] = []
        self._kept = False
        with writing(folder):
            durable.make_folders(folder, folder)
            self._part.mkdir(mode=0o700)
            self._lock = _locked(self._part)
            self._content.mkdir(mode=0o700)

    @property
    def files(self) -> tuple[File, ...]:
        """What is in it so far, by name."""
        return tuple(sorted(self._files, key=lambda file: file.delivered.name))

    @property
    def spool(self) -> Path:
        """A folder on the disk for what is masked already and encrypted or moved from there."""
        path = self._part / "spool"
        with writing(path):
            path.mkdir(mode=0o700, exist_ok=True)
        return path

    @contextlib.contextmanager
    def file(self, name: str, role: Role, camera: str) -> Iterator[SealedFile]:
        """A new file, which counts once the context is left without an error."""
        path = self._content / (name if self._recipient is None else f"{name}.age")
        with writing(path):
            out = durable.HashingFile(path)
            try:
                sealed = SealedFile(out, self._recipient)
                yield sealed
                sealed.end()
                out.sync()
            finally:
                out.close()
        plain = Digest(name, sealed.size, sealed.sha256)
        if self._recipient is None:
            self._files.append(File(plain, role, camera))
        else:
            self._files.append(File(Digest(path.name, out.size, out.sha256), role, camera, plain))

    def take(self, path: Path, name: str, role: Role, camera: str) -> None:
        """Take the file at `path` in, and remove it there."""
        with self.file(name, role, camera) as out, path.open("rb") as source:
            while piece := source.read(_PIECE):
                out.write(piece)
        path.unlink()

    def sign(self, manifest: Manifest, key: SigningKey) -> None:
        """Write the manifest and its signature, and the verifier and the public key beside the export."""
        data = manifest.canonical()
        comment = f"timestamp:{manifest.created // 1_000_000}\tfile:{MANIFEST}\texport:{manifest.export}"
        text = minisign.sign(key, data, comment=comment.replace("\t", " "))
        with writing(self._part):
            shutil.rmtree(self._part / "spool", ignore_errors=True)
            durable.write(self._content / MANIFEST, data)
            durable.write(self._content / SIGNATURE, text.encode())
            durable.write(self._part / VERIFIER, verifier())
            durable.write(self._part / PUBLIC, minisign.public_text(key.public).encode())
            durable.sync_folder(self._content)
            durable.sync_folder(self._part)

    def publish(self) -> Path:
        """Give the folder its name. Call it when the export is on record, not before."""
        with writing(self.final):
            publish(self._part, self.final)
        return self.final

    def close(self) -> None:
        """Remove everything, unless it is on record."""
        if not self._kept:
            shutil.rmtree(self._part, ignore_errors=True)
        os.close(self._lock)

    def recorded(self) -> None:
        """The export is on record from here on: what there is of it stays, whatever happens."""
        self._kept = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def part_of(folder: Path, name: str) -> Path:
    """Where the export `name` is made."""
    return folder / f".{name}.part"


def publish(part: Path, final: Path) -> None:
    """Give a whole folder its name, durably. Raises OSError."""
    durable.rename(part, final)
    durable.sync_folder(final.parent)


def left_behind(folder: Path) -> Iterator[tuple[str, Path]]:
    """Names and hidden folders of exports that were cut short; each is held while it is looked at."""
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        match = _PART.fullmatch(path.name)
        if match is None or not path.is_dir() or path.is_symlink():
            continue
        try:
            lock = _locked(path)
        except OSError:
            continue  # somebody is making it
        try:
            yield match[1], path
        finally:
            os.close(lock)


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn an OSError into a CustodyError that names `path`."""
    try:
        yield
    except OSError as error:
        raise CustodyError(
            f"{path} cannot be written ({error.strerror or type(error).__name__})",
            mend="Check the folder's rights and the disk's room",
        ) from error


def _locked(folder: Path) -> int:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return descriptor
