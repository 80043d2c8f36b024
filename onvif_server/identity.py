"""Who a virtual device is: names that stay the same over restarts, upgrades and changes of the settings."""

from __future__ import annotations

import contextlib
import os
import uuid
from dataclasses import dataclass
from pathlib import Path

from vcam.base.errors import ConfigError
from vcam.base.ids import camera_mac, camera_serial, camera_uuid


@dataclass(frozen=True, slots=True)
class Identity:
    """One virtual device. `name` is the camera's name in the settings, from which the rest is made."""

    name: str
    uuid: uuid.UUID

    @property
    def endpoint(self) -> str:
        """The EndpointReference of WS-Discovery."""
        return f"urn:uuid:{self.uuid}"

    @property
    def serial(self) -> str:
        """Serial number: 12 hexadecimal digits."""
        return camera_serial(self.uuid)

    @property
    def mac(self) -> str:
        """MAC address, locally administered."""
        return camera_mac(self.uuid)


def installation(state: Path) -> uuid.UUID:
    """The installation's identity, kept in the file `installation` of folder `state` and made on the first call.

    Two processes that call it at once get the same answer. Raises ConfigError when the file cannot be written
    or holds something else.
    """
    path = state / "installation"
    try:
        if not path.exists():
            state.mkdir(parents=True, exist_ok=True)
            _create(path)
        return uuid.UUID(path.read_text(encoding="ascii").strip())
    except ValueError:
        raise ConfigError(
            f"{path} does not hold an identity",
            mend="Restore it from a backup; when it is removed, every NVR sees new cameras",
        ) from None
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read or written ({error.strerror})",
            mend="Let site.state name a folder that Garim's user may write to",
        ) from error


def _create(path: Path) -> None:
    """Write a new identity so that `path` is either absent or whole, and never replaced."""
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with draft.open("x", encoding="ascii") as file:
            file.write(f"{uuid.uuid4()}\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def camera_identity(site: uuid.UUID, name: str) -> Identity:
    """The identity of camera `name` of installation `site`."""
    return Identity(name, camera_uuid(site, name))
