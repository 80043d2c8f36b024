"""`garim custodian`: the people who hold the keys of originals together."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vcam.base.errors import ConfigError, CustodyError
from vcam.base.settings import Settings
from vcam.cli.instants import iso
from vcam.cli.signin import As, signed_in
from vcam.cli.site import DEFAULT, Config, database, read, shares
from vcam.cli.table import show

if TYPE_CHECKING:
    from recorder.custodians import Custodians
    from recorder.database import Database
    from recorder.shares.store import ShareStore

app = typer.Typer(help="The people who hold the keys of originals together.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="PERSON", help="The custodian's lasting name.")]


@contextlib.contextmanager
def _book(config: Path) -> Iterator[tuple[Settings, Database, ShareStore, Custodians]]:
    settings = read(config)
    from recorder.custodians import Custodians
    from vcam.base.clock import SystemClock

    with database(settings) as opened, shares(settings) as store:
        book = Custodians(opened, store, settings.custody.threshold, SystemClock())
        yield settings, opened, store, book


def _administrator(settings: Settings, opened: Database, name: str) -> str:
    from recorder.requests.role import Role

    return signed_in(settings, opened, name, Role.ADMINISTRATOR).name


@app.command()
def create(
    name: Name,
    *,
    acting: As,
    file: Annotated[
        Path | None, typer.Option("--file", help="Make a key, and write its private half to this new file.")
    ] = None,
    paper: Annotated[
        bool, typer.Option("--paper", help="Make a key, and print its private half as 33 words.")
    ] = False,
    recipient: Annotated[
        str | None,
        typer.Option("--recipient", help="Public key made elsewhere (age1...), also of an age plugin."),
    ] = None,
    config: Config = DEFAULT,
) -> None:
    """Add a custodian: with a key made here for a file or paper that leaves this machine, or made elsewhere."""
    if sum((file is not None, paper, recipient is not None)) != 1:
        raise ConfigError("A custodian needs one key", mend="Give one of --file, --paper and --recipient")
    with _book(config) as (settings, opened, store, book):
        by = _administrator(settings, opened, acting)
        book.check(name)
        from recorder.keys import new_identity, new_words
        from vcam.base.clock import SystemClock

        words = ""
        if file is not None:
            recipient = new_identity(file, SystemClock())
        elif paper:
            recipient, words = new_words()
        kept = book.add(name, recipient or "", by=by)
        active = sum(each.active for each in store.custodians())
    typer.echo(f"{name}: {kept.recipient}")
    if words:
        typer.echo(words)
        typer.echo("Write these words down, check them, and clear the screen: they are kept nowhere.", err=True)
    if file is not None:
        typer.echo(f"{file} belongs to {name} alone: take it away from this machine.", err=True)
    threshold = settings.custody.threshold
    typer.echo(f"{active} custodians; {threshold} open an original together", err=True)


@app.command("list")
def list_custodians(config: Config = DEFAULT) -> None:
    """List custodians, and how many living epochs each holds shares of."""
    with _book(config) as (_, _, store, _):
        epochs = [epoch.id for epoch in store.epochs()]
        rows = [
            (
                each.name,
                "yes" if each.active else "revoked",
                str(len(store.shares_of(each.name, epochs))),
                iso(each.changed),
                each.recipient,
            )
            for each in store.custodians()
        ]
    show(("Custodian", "Active", "Epochs", "Since", "Public key"), rows)


@app.command()
def rotate(
    acting: As,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="Begin: write each custodian's ask there.")
    ] = None,
    finish: Annotated[
        str | None, typer.Option("--finish", metavar="ROTATION", help="End one that enough have answered.")
    ] = None,
    replace: Annotated[
        list[str] | None,
        typer.Option("--replace", metavar="PERSON=RECIPIENT", help="With --finish: a custodian's new key."),
    ] = None,
    config: Config = DEFAULT,
) -> None:
    """Give today's custodians shares of what was recorded before, by today's threshold. Footage stays as it is."""
    if (out is None) == (finish is None):
        raise ConfigError("Begin a rotation or finish one", mend="Give one of --out and --finish")
    with _book(config) as (settings, opened, store, _):
        by = _administrator(settings, opened, acting)
        from recorder.release import rotating
        from recorder.signing import INSTITUTION, SigningKey
        from vcam.base.clock import SystemClock
        from vcam.cli.release import runtime, write_asks

        memory = runtime(settings)
        if out is not None:
            key = SigningKey.open(settings.site.state / "keys", INSTITUTION)
            asked = rotating.begin(
                by=by, database=opened, store=store, runtime=memory, institution=key, clock=SystemClock()
            )
            write_asks(asked, out)
            return
        done = rotating.finish(
            finish or "",
            settings.custody.threshold,
            replace=dict(map(_pair, replace or [])),
            by=by,
            database=opened,
            store=store,
            runtime=memory,
            clock=SystemClock(),
        )
    typer.echo(f"{done.epochs} epochs have new shares")
    for epoch, why in done.left.items():
        typer.echo(f"{epoch} keeps its shares: {why}", err=True)


def _pair(text: str) -> tuple[str, str]:
    name, separator, recipient = text.partition("=")
    if not separator:
        raise CustodyError(f"{text!r} names no key", mend="Write it like custodian-1=age1...")
    return name, recipient


@app.command()
def revoke(name: Name, acting: As, config: Config = DEFAULT) -> None:
    """Let somebody be a custodian no more. Refused when too few would remain."""
    with _book(config) as (settings, opened, _, book):
        book.revoke(name, by=_administrator(settings, opened, acting))
    typer.echo(f"{name} is a custodian no more; 'garim custodian rotate' makes the old shares useless")
