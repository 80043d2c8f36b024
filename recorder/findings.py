"""What a check finds."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePosixPath

import structlog

_log = structlog.get_logger()


class Problem(StrEnum):
    """Kinds of difference."""

    UNREPORTED = "a finished segment that the index does not know"
    UNFINISHED = "a finished segment whose files do not all have their final names"
    LEFT_OVER = "what a crash has left of a segment"
    PURGE = "a purge that was interrupted"
    RETURNED = "files of a segment that was purged"
    DAMAGED = "a segment whose files are missing or altered"
    UNDESCRIBED = "a segment without its descriptor"
    STRANGE = "something that is no segment's file"
    CHAIN = "a break in a camera's chain of rows"
    MISCOUNTED = "a segment whose count of holds is wrong"
    SEALED = "an original that no custodians can open any more"
    UNSHREDDED = "keys of footage that is gone"
    STORE = "a share store that cannot be used"
    EXPORT = "an export that is not as the register has it"
    UNRECORDED = "a purge that the log does not tell of"


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference: what it is about, what was found, and what has been done or is to be done."""

    problem: Problem
    path: str
    what: str
    mended: bool = False

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}: {self.what}{' (mended)' if self.mended else ''}"


@dataclass(slots=True)
class Findings:
    """Findings in the order in which they are made; each is logged."""

    all: list[Finding] = field(default_factory=list)

    def found(self, problem: Problem, path: PurePosixPath | str, what: str, *, mended: bool = False) -> None:
        """Take note of one."""
        self.all.append(Finding(problem, str(path), what, mended))
        _log.warning("check", problem=problem.name.lower(), path=str(path), what=what, mended=mended)
