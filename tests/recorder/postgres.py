"""A PostgreSQL server of the tests' own: Debian's, in a temporary folder, on a socket and a free loopback port."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.support.ports import free_ports

_DEBIAN = Path("/usr/lib/postgresql")
_USER = "postgres"


def _programs() -> Path | None:
    """The folder of `initdb` and `pg_ctl`, of the newest version that is installed."""
    versions = sorted(_DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if versions:
        return versions[-1].parent
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def _run(program: Path, arguments: Sequence[str], user: str | None) -> None:
    done = subprocess.run(
        [str(program), *arguments],
        user=user,
        group=user,
        extra_groups=[] if user else None,
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@contextmanager
def server() -> Iterator[str]:
    """URL of a running server without a database's name. Skips where there is no PostgreSQL to run."""
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed")
    user = None
    folder = Path(tempfile.mkdtemp(prefix="garim-postgresql-"))
    try:
        if os.geteuid() == 0:  # it refuses to run as root
            try:
                owner = pwd.getpwnam(_USER)
            except KeyError:
                pytest.skip(f"PostgreSQL does not run as root, and there is no user {_USER}")
            os.chown(folder, owner.pw_uid, owner.pw_gid)
            user = _USER
        data = folder / "data"
        _run(
            programs / "initdb",
            ["-D", str(data), "-U", "garim", "-A", "trust", "-N", "-E", "UTF8", "--locale=C"],
            user,
        )
        (port,) = free_ports(1)
        options = f"-k {folder} -h 127.0.0.1 -p {port} -c fsync=off -c max_connections=50"
        log = str(folder / "log")
        _run(programs / "pg_ctl", ["-D", str(data), "-w", "-t", "60", "-l", log, "-o", options, "start"], user)
        try:
            yield f"postgresql+psycopg://garim@127.0.0.1:{port}"
        finally:
            _run(programs / "pg_ctl", ["-D", str(data), "-w", "-m", "immediate", "stop"], user)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def statement(url: str, sql: str) -> None:
    """Run one statement outside any transaction in the server's own database."""
    engine = create_engine(f"{url}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(sql))
    engine.dispose()
