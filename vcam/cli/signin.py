"""Who acts at the command line: a person signs in, and holds the role that the command needs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from vcam.base.errors import ConfigError
from vcam.base.settings import Settings

if TYPE_CHECKING:
    from recorder.database import Database
    from recorder.requests.people import Person
    from recorder.requests.role import Role

FILE: Final = "GARIM_PASSWORD_FILE"
"""Environment variable that names the file whose first line is the password."""

As = Annotated[
    str,
    typer.Option(
        "--as", metavar="PERSON", help=f"Who you are. The password is asked for, or read from {FILE}."
    ),
]


def signed_in(settings: Settings, database: Database, name: str, *roles: Role) -> Person:
    """The person `name`, by password, holding one of `roles` if any are given; on record either way.

    Raises Forbidden, and ConfigError when the file of the password cannot be read.
    """
    del settings
    from recorder.requests.people import People, person_of
    from vcam.base.clock import SystemClock

    person = People(database, SystemClock()).sign_in(name, password(f"Password of {name}"), door="command")
    with database.read() as connection:
        return person_of(connection, person.name, *roles)


def password(prompt: str, variable: str = FILE, *, twice: bool = False) -> str:
    """A password from the file that the environment names, or from the terminal. Raises ConfigError."""
    file = os.environ.get(variable)
    if file is None:
        return str(typer.prompt(prompt, hide_input=True, confirmation_prompt=twice, err=True))
    try:
        found = Path(file).read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{variable}: {file} cannot be read ({type(error).__name__})",
            mend="Name a file whose first line is the password",
        ) from None
    if not found:
        raise ConfigError(f"{variable}: {file} is empty", mend="Put the password on its first line")
    return found
