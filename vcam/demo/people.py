"""The demo's people, so that a request can be tried at its console."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from recorder.database import Database
from recorder.requests.people import People
from recorder.requests.role import WITH_SECOND, Role
from recorder.requests.totp import provisioning
from vcam.base.clock import SystemClock
from vcam.base.partfile import write_whole

CAST: Final = {
    "administrator-1": Role.ADMINISTRATOR,
    "officer-1": Role.OFFICER,
    "approver-1": Role.APPROVER,
    "auditor-1": Role.AUDITOR,
}
"""Who there is, the first administrator first."""


def settle(index: str, note: Path, password: str) -> None:
    """Add the cast to the index at URL `index` unless there are people, and write into `note` how they sign in.

    All have one `password`. A real site's people have passwords of their own. Raises RecordError, OSError.
    """
    database = Database(index)
    try:
        people = People(database, SystemClock())
        if people.anybody():
            return
        first, *_ = CAST
        lines = [f"Password of everybody: {password}", ""]
        for name, role in CAST.items():
            people.add(name, name, {role}, password, by=first)
            line = f"{name} ({role})"
            if role in WITH_SECOND:
                line += f", one-time codes: {provisioning(people.second(name, by=name), name, 'Garim demo')}"
            lines.append(line)
    finally:
        database.close()
    write_whole(note, ("\n".join(lines) + "\n").encode(), mode=0o600)
