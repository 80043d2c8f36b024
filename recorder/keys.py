"""Key pairs for the people who may open originals. The private half is written once, to a file for its owner."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from recorder.vault import paper
from recorder.vault.age import AGE
from recorder.vault.keys import Identity
from vcam.base.clock import Clock
from vcam.base.errors import RecordError


def new_identity(path: Path, clock: Clock) -> str:
    """Make a key pair: write the private half to `path`, which must not exist yet, and return the public half.

    The file is an age identity file, readable by its owner only. Raises RecordError.
    """
    identity = Identity.generate()
    created = datetime.fromtimestamp(clock.utc() // 1_000_000, UTC).isoformat()
    text = f"# created: {created}\n# public key: {identity.recipient}\n{identity.secret()}\n"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise RecordError(
            f"{path} exists already and may hold a key that is in use", mend="Choose another name"
        ) from None
    except OSError as error:
        raise _unwritable(path, error) from None
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        path.unlink(missing_ok=True)
        raise _unwritable(path, error) from None
    return identity.recipient


def new_words() -> tuple[str, str]:
    """Make a key pair for paper: the public half, and the private half as words."""
    identity = Identity.generate()
    return identity.recipient, paper.words(identity)


def identities(path: Path) -> list[str]:
    """The private keys in a file of a custodian: an age identity file, or words. Raises VaultError."""
    return paper.read_identities(path)


def _unwritable(path: Path, error: OSError) -> RecordError:
    return RecordError(
        f"{path} cannot be written: {error.strerror or type(error).__name__}",
        mend="Choose a folder that exists and that you may write to",
    )


def check_recipient(recipient: str) -> None:
    """Raise VaultError when `recipient` is no public key, or was copied with a mistake."""
    AGE.check_recipient(recipient)
