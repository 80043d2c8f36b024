"""Staff of a site at the command line: each command is a process of its own, signed in by a password of its own."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_LONGEST: Final = 600.0
"""Seconds that a command may take."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a command left behind."""

    status: int
    out: str
    err: str

    @property
    def well(self) -> bool:
        return self.status == 0

    @property
    def said(self) -> str:
        """The last line that it said, of its errors where there are any."""
        lines = (self.err if self.status else self.out or self.err).strip().splitlines()
        return lines[-1].strip() if lines else ""


@dataclass(slots=True)
class Staff:
    """Runs `garim` with the settings in `config`. Passwords are made on first use and lie in `folder`, mode 0600."""

    config: Path
    folder: Path
    known: set[str] = field(default_factory=set)

    def password_file(self, name: str) -> Path:
        """The file of a person's password, made when it is not there."""
        path = self.folder / f"{name}.password"
        if name not in self.known:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(secrets.token_urlsafe(18) + "\n")
            self.known.add(name)
        return path

    def garim(self, *arguments: str | Path, by: str = "", new: str = "") -> Done:
        """Run a command, `by` a person, with the password of a `new` one where one is made."""
        environment = {**os.environ, "GARIM_CONFIG": str(self.config)}
        acting = []
        if by:
            environment["GARIM_PASSWORD_FILE"] = str(self.password_file(by))
            acting = ["--as", by]
        if new:
            environment["GARIM_NEW_PASSWORD_FILE"] = str(self.password_file(new))
        command = [sys.executable, "-m", "vcam.cli", *map(str, arguments), *acting]
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_LONGEST,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)
