"""Small secrets as age files to one recipient: the shares that custodians keep.

Native recipients (age1...) are served by our own code. Those of age's plugins (age1NAME1..., keys on a token) need
the program `age` and the plugin `age-plugin-NAME` on PATH: it is age that speaks the plugin protocol (C2SP,
age-plugin.md).
"""

from __future__ import annotations

import io
import os
import re
import subprocess
from collections.abc import Sequence

from recorder.vault.age import AGE, split
from vcam.base.errors import VaultError

_PLUGIN_RECIPIENT = re.compile(r"age1(?P<name>[a-z0-9.+_-]+)1[02-9ac-hj-np-z]{6,}")
_PLUGIN_IDENTITY = re.compile(r"AGE-PLUGIN-(?P<name>[A-Z0-9.+_-]+)-1[02-9AC-HJ-NP-Z]{6,}")
_PATIENCE = 120.0
"""Seconds that a token may take: somebody has to touch it."""
LONGEST = 1 << 20
"""Bytes of what is opened at the most, unless more are allowed."""


def plugin_of(key: str) -> str | None:
    """Name of the age plugin that `key`, a recipient or an identity, belongs to; None for native ones."""
    match = _PLUGIN_RECIPIENT.fullmatch(key) or _PLUGIN_IDENTITY.fullmatch(key)
    return match["name"].lower() if match else None


def check_recipient(recipient: str) -> None:
    """Raise VaultError when `recipient` is no public key of age or of one of its plugins that works here.

    For a plugin, a trial is sealed to it: no other way tells whether it is there and takes the key.
    """
    if plugin_of(recipient) is None:
        AGE.check_recipient(recipient)
    else:
        seal(b"trial", recipient)


def one_form(recipient: str) -> str:
    """`recipient` in the form in which one key is one text: bech32 may be upper case, and blanks do not count."""
    return recipient.strip().lower()


def seal(data: bytes, recipient: str) -> bytes:
    """`data` as an age file that `recipient` alone opens. Raises VaultError."""
    if plugin_of(recipient) is not None:
        return _age(["-e", "-r", recipient], data, plugin_of(recipient))
    sealer = AGE.sealer([recipient])
    return sealer.header + sealer.write(data) + sealer.close()


def unseal(sealed: bytes, identities: Sequence[str], *, most: int = LONGEST) -> bytes:
    """The content of an age file for one of `identities`, of `most` bytes. Raises VaultError."""
    native = [text for text in identities if plugin_of(text) is None]
    plugins = [text for text in identities if plugin_of(text) is not None]
    try:
        return _unseal(sealed, native, most)
    except VaultError:
        if not plugins:
            raise
    # The identities of plugins reach age through a pipe, never a file.
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb"), os.fdopen(writing, "wb") as pipe:
        pipe.write("".join(text + "\n" for text in plugins).encode("ascii"))
        pipe.close()
        return _age(["-d", "-i", f"/dev/fd/{reading}"], sealed, plugin_of(plugins[0]), (reading,))


def _unseal(sealed: bytes, identities: Sequence[str], most: int) -> bytes:
    stream = io.BytesIO(sealed)
    header = split(stream)
    opener = AGE.opener(header, io.BytesIO(stream.read()), identities)
    if opener.size > most:
        raise VaultError("This age file is too long for what it should hold", mend="Give the right file")
    return b"".join(opener.pieces())


def _age(arguments: Sequence[str], data: bytes, plugin: str | None, pass_fds: tuple[int, ...] = ()) -> bytes:
    try:
        done = subprocess.run(
            ["age", *arguments],
            input=data,
            capture_output=True,
            check=False,
            timeout=_PATIENCE,
            pass_fds=pass_fds,
        )
    except FileNotFoundError:
        raise VaultError(
            "The program 'age' is not there, which keys on tokens need", mend="Install it: apt-get install age"
        ) from None
    except subprocess.TimeoutExpired:
        raise VaultError(
            f"age-plugin-{plugin} has not answered in {_PATIENCE:.0f} s", mend="Touch the token when it asks"
        ) from None
    if done.returncode:
        why = done.stderr.decode("utf-8", "replace").strip().splitlines()
        # age names what it was given nowhere but in its first line, and never an identity's secret.
        raise VaultError(
            f"age-plugin-{plugin} has failed: {why[0] if why else done.returncode}",
            mend=f"Check that 'age-plugin-{plugin}' is on PATH and that the token is plugged in",
        )
    return done.stdout
