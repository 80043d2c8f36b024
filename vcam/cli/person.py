"""`garim person`: people with a role in custody."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Annotated

import typer

from vcam.cli.signin import As, password, signed_in
from vcam.cli.site import DEFAULT, Config, database, read
from vcam.cli.table import show

if TYPE_CHECKING:
    from recorder.requests.role import Role

app = typer.Typer(help="People with a role in custody.", no_args_is_help=True)

NEW = "GARIM_NEW_PASSWORD_FILE"
"""Environment variable that names the file whose first line is the new password."""

Name = Annotated[
    str, typer.Argument(metavar="PERSON", help="The person's lasting name: letters, digits, hyphens.")
]
Roles = Annotated[
    list[str],
    typer.Option(
        "--role", help="officer, approver, custodian, auditor, administrator; may come several times."
    ),
]
_Self = Annotated[
    str | None,
    typer.Option("--as", metavar="PERSON", help="Administrator who does it; without one, the person itself."),
]


def _roles(given: list[str]) -> set[Role]:
    from recorder.requests.role import Role
    from vcam.base.errors import CustodyError

    for role in given:
        if role not in list(Role):
            raise CustodyError(f"There is no role {role!r}", mend=f"Give one of {', '.join(Role)}")
    return {Role(role) for role in given}


@app.command()
def add(
    name: Name,
    role: Roles,
    title: Annotated[str, typer.Option(help="Name that people read; by default the lasting one.")] = "",
    acting: _Self = None,
    config: Config = DEFAULT,
) -> None:
    """Add a person. The first one must be an administrator, and needs nobody else."""
    settings = read(config)
    from recorder.requests.people import People
    from recorder.requests.role import Role
    from vcam.base.clock import SystemClock

    with database(settings) as opened:
        people = People(opened, SystemClock())
        chosen = _roles(role)
        by = name
        if people.anybody():
            by = signed_in(settings, opened, acting or name, Role.ADMINISTRATOR).name
        new = password(f"New password of {name}", NEW, twice=True)
        people.add(name, title or name, chosen, new, by=by)
    typer.echo(f"{name} is there: {', '.join(sorted(chosen))}")


@app.command("list")
def list_(config: Config = DEFAULT) -> None:
    """List everybody, revoked people too."""
    settings = read(config)
    from recorder.requests.fields import shown
    from recorder.requests.people import People
    from recorder.requests.rules import Rules
    from vcam.base.clock import SystemClock

    with database(settings) as opened:
        found = People(opened, SystemClock()).list()
    zone = Rules.of(settings).zone
    rows = [
        (
            each.name,
            each.title,
            " ".join(sorted(each.roles)),
            "yes" if each.second else "no",
            shown(each.revoked, zone),
        )
        for each in found
    ]
    show(("name", "title", "roles", "second factor", "revoked"), rows)


@app.command()
def roles(name: Name, role: Roles, acting: As, config: Config = DEFAULT) -> None:
    """Give a person other roles, in place of all before."""
    settings = read(config)
    from recorder.requests.people import People
    from recorder.requests.role import Role
    from vcam.base.clock import SystemClock

    with database(settings) as opened:
        by = signed_in(settings, opened, acting, Role.ADMINISTRATOR).name
        found = People(opened, SystemClock()).change(name, _roles(role), by=by)
    typer.echo(f"{name}: {', '.join(sorted(found.roles))}")


@app.command("password")
def password_(name: Name, acting: _Self = None, config: Config = DEFAULT) -> None:
    """Give a person a new password. Whoever is signed in as this person is signed out."""
    settings = read(config)
    from recorder.requests.people import People
    from vcam.base.clock import SystemClock

    with database(settings) as opened:
        by = signed_in(settings, opened, acting or name).name
        new = password(f"New password of {name}", NEW, twice=True)
        People(opened, SystemClock()).password(name, new, by=by)
    typer.echo(f"{name} has a new password")


@app.command()
def second(name: Name, acting: _Self = None, config: Config = DEFAULT) -> None:
    """Give a person a new second factor for the console. Prints its secret, once, for an authenticator."""
    settings = read(config)
    from recorder.requests.people import People
    from recorder.requests.totp import provisioning
    from vcam.base.clock import SystemClock

    with database(settings) as opened:
        by = signed_in(settings, opened, acting or name).name
        secret = People(opened, SystemClock()).second(name, by=by)
    typer.echo(base64.b32encode(secret).decode())
    typer.echo(provisioning(secret, name, settings.site.name))


@app.command()
def revoke(name: Name, acting: As, config: Config = DEFAULT) -> None:
    """Let a person do nothing any more. The name stays, for the record."""
    settings = read(config)
    from recorder.requests.people import People
    from recorder.requests.role import Role
    from vcam.base.clock import SystemClock

    with database(settings) as opened:
        by = signed_in(settings, opened, acting, Role.ADMINISTRATOR).name
        People(opened, SystemClock()).revoke(name, by=by)
    typer.echo(f"{name} is revoked")
