"""One-time identities of releases: in memory only, gone when the power is."""

from __future__ import annotations

import os
from pathlib import Path

from recorder.vault.keys import Identity
from vcam.base.errors import CustodyError, VaultError

_MEMORY = frozenset({"tmpfs", "ramfs"})
_MOUNTS = Path("/proc/self/mountinfo")


def kind_of(path: Path, mounts: str | None = None) -> str:
    """Type of the file system that `path` lies on, by /proc/self/mountinfo (proc_pid_mountinfo(5))."""
    best, kind = -1, ""
    real = path.resolve()
    for line in (mounts if mounts is not None else _MOUNTS.read_text(encoding="utf-8")).splitlines():
        fields = line.split(" ")
        point = Path(fields[4].encode().decode("unicode_escape"))
        if real.is_relative_to(point) and len(point.parts) >= best:  # of two at one place the later counts
            best, kind = len(point.parts), fields[fields.index("-", 6) + 1]
    return kind


def own(folder: Path) -> None:
    """Raise CustodyError when others could exchange what is put into `folder`: it is theirs, or they may write to it.

    The folders above, such as /dev/shm, are open to everybody: who was first there may have made it.
    """
    for found in (folder.lstat(), folder.stat()):
        if found.st_uid != os.geteuid():
            raise CustodyError(
                f"{folder} belongs to somebody else, who could take what is put there",
                mend="Remove it, or let custody.runtime name another folder",
            )
    if folder.stat().st_mode & 0o022:
        raise CustodyError(f"Others may write to {folder}", mend=f"Run 'chmod 700 {folder}'")


class Runtime:
    """The folder of custody.runtime. Raises CustodyError when it lies on a disk, unless `on_disk` allows that."""

    def __init__(self, folder: Path, *, on_disk: bool = False) -> None:
        self.folder = folder
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            own(folder)
            kind = kind_of(folder)
        except OSError as error:
            raise CustodyError(
                f"{folder} cannot be used for one-time keys ({error.strerror})",
                mend="Let custody.runtime name a folder in memory that Garim's user may write to",
            ) from None
        if kind not in _MEMORY and not on_disk:
            raise CustodyError(
                f"{folder} lies on a disk ({kind}), where a one-time key would leave traces",
                mend="Let custody.runtime name a folder on a tmpfs, such as /dev/shm/garim",
            )

    def new(self, release: str) -> str:
        """Make a release's identity; its recipient. Raises CustodyError."""
        identity = Identity.generate()
        path = self._path(release)
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(identity.secret() + "\n")
        except OSError as error:
            raise CustodyError(f"{path} cannot be written: {error.strerror}", mend="Free memory") from None
        return identity.recipient

    def identity(self, release: str) -> str:
        """A release's identity, `AGE-SECRET-KEY-1...`. Raises CustodyError when it is gone."""
        try:
            text = self._path(release).read_text(encoding="ascii").strip()
            Identity.parse(text)
        except (OSError, ValueError, VaultError):
            raise CustodyError(
                f"The one-time key of release {release} is gone: it lives in memory, until the power goes",
                mend="Cancel the release and ask again",
            ) from None
        return text

    def has(self, release: str) -> bool:
        """Whether the identity is still there."""
        return self._path(release).exists()

    def destroy(self, release: str) -> None:
        """Overwrite and remove a release's identity. Doing it twice does no harm."""
        path = self._path(release)
        try:
            with path.open("r+b", buffering=0) as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(0)
                file.write(bytes(size))
            path.unlink()
        except FileNotFoundError:
            return

    def _path(self, release: str) -> Path:
        return self.folder / f"{release}.identity"
