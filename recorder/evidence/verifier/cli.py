"""The verifier's command line."""

from __future__ import annotations

import argparse
import io
import locale
import os
import sys
from pathlib import Path
from typing import NoReturn, Sequence

from . import minisign, report
from .check import check
from .words import LANGUAGES, word

MISUSED = 64
"""Status when the command cannot be understood or its key cannot be read; 2 would say something of the export."""


class KeyUnread(ValueError):
    """`--key` names neither a public key nor a file that holds one."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(MISUSED, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str]) -> int:
    """Check one export; 0 verified, 1 broken, 2 not authenticated, 64 misused."""
    parser = _Parser(prog="verify", description="Check an export against its signed manifest, offline.")
    parser.add_argument("folder", metavar="DIR", help="the export's folder")
    parser.add_argument("--key", help="the institution's public key (minisign): its file, or the key itself")
    parser.add_argument("--lang", choices=LANGUAGES, default=language(), help="language of what is said")
    given = parser.parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    try:
        key = None if given.key is None else read_key(given.key)
    except KeyUnread:
        sys.stderr.write("{}: {}\n".format(word("key-unread", given.lang), given.key))
        return MISUSED
    outcome = check(given.folder, key)
    for line in report.lines(outcome, given.lang):
        sys.stdout.write(line + "\n")
    return report.status(outcome)


def read_key(given: str) -> minisign.PublicKey:
    """The public key in the file `given`, or in `given` itself. Raises KeyUnread."""
    try:
        path = Path(given)
        if path.exists():
            with path.open(encoding="utf-8") as file:
                given = file.read(minisign.LONGEST + 1)
        return minisign.public_key(given)
    except (OSError, UnicodeDecodeError, minisign.NotMinisign) as error:
        raise KeyUnread(str(error)) from error


def language() -> str:
    """The user's language, where it is one of `LANGUAGES`, else English."""
    found: str | None = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG")
    if not found:
        try:
            found = locale.getlocale()[0]
        except ValueError:
            found = None
    return "ko" if (found or "").lower().startswith("ko") else "en"
