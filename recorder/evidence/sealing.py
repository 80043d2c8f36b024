"""Encrypts what leaves to its receiver, in the age format: any age implementation opens it."""

from __future__ import annotations

import hashlib
from typing import Protocol

from recorder.vault.age import AGE
from vcam.base.errors import ConfigError, VaultError


class Output(Protocol):
    """Where bytes go."""

    def write(self, data: bytes) -> int: ...


def check_receiver(recipient: str) -> None:
    """Raise ConfigError when `recipient` is no age recipient (age1...)."""
    try:
        AGE.check_recipient(recipient)
    except VaultError as error:
        raise ConfigError(f"The receiver's key: {error.what}", mend=error.mend) from error


class SealedFile:
    """Bytes on their way to a receiver: encrypted to `recipient`, or as they are without one.

    `size` and `sha256` (hexadecimal) are of what was put in, before encryption.
    """

    def __init__(self, out: Output, recipient: str | None) -> None:
        self.size = 0
        self._out = out
        self._hash = hashlib.sha256()
        self._sealer = AGE.sealer([recipient]) if recipient is not None else None
        if self._sealer is not None:
            out.write(self._sealer.header)

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def write(self, data: bytes) -> int:
        """Take `data`, in order."""
        data = bytes(data)
        self._hash.update(data)
        self.size += len(data)
        self._out.write(data if self._sealer is None else self._sealer.write(data))
        return len(data)

    def end(self) -> None:
        """Write what is left. Nothing may be written afterwards."""
        if self._sealer is not None:
            self._out.write(self._sealer.close())
