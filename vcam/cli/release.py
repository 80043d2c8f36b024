"""`garim release`: custodians are asked, answer offline, and an approved request's originals can be opened."""

from __future__ import annotations

import base64
import binascii
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vcam.base.errors import ConfigError, CustodyError
from vcam.base.settings import Settings
from vcam.cli.instants import iso
from vcam.cli.signin import As, signed_in
from vcam.cli.site import DEFAULT, Config, database, index, read, shares
from vcam.cli.table import show

if TYPE_CHECKING:
    from recorder.database import Database
    from recorder.release.asking import Asked
    from recorder.release.document import ReadAsk
    from recorder.release.runtime import Runtime
    from recorder.requests.book import Requests
    from recorder.shares.store import ShareStore

app = typer.Typer(help="Open originals for an approved request, with the custodians.", no_args_is_help=True)


def runtime(settings: Settings) -> Runtime:
    """The folder for one-time keys. Raises CustodyError."""
    from recorder.release.runtime import Runtime

    return Runtime(settings.custody.runtime, on_disk=settings.custody.runtime_on_disk)


def write_asks(asked: Asked, out: Path) -> None:
    """Write each custodian's ask into the folder `out`, and tell what is to be done."""
    out.mkdir(parents=True, exist_ok=True)
    for name, data in asked.asks.items():
        path = out / f"{asked.release}-{name}.ask.json"
        with path.open("xb") as file:
            file.write(data)
        typer.echo(str(path))
    typer.echo(f"{asked.release}: {asked.threshold} of {len(asked.asks)} custodians must answer", err=True)
    for epoch in asked.missing:
        typer.echo(f"{epoch} cannot be opened any more: its keys were destroyed", err=True)


@contextlib.contextmanager
def _desk(config: Path) -> Iterator[tuple[Settings, Database, ShareStore, Requests]]:
    settings = read(config)
    from recorder.requests.book import Requests
    from recorder.requests.rules import Rules
    from vcam.base.clock import SystemClock

    with database(settings) as opened, shares(settings) as store:
        yield settings, opened, store, Requests(opened, SystemClock(), Rules.of(settings))


@app.command()
def ask(
    number: Annotated[str, typer.Argument(metavar="REQUEST", help="Number of the approved request.")],
    acting: As,
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Folder for the custodians' files.")],
    config: Config = DEFAULT,
) -> None:
    """Write an ask for each custodian: what is to be opened and why, and his shares of just that."""
    with _desk(config) as (settings, opened, store, book), index(settings) as rows:
        from recorder.release.asking import ask as begin
        from recorder.requests.role import Role
        from recorder.requests.states import State
        from recorder.signing import INSTITUTION, SigningKey
        from vcam.base.clock import SystemClock

        by = signed_in(settings, opened, acting, Role.OFFICER).name
        case = book.get(number)
        if case.state not in {State.APPROVED, State.RELEASED, State.EXPORTED}:
            raise CustodyError(f"Request {number} is {case.state}", mend="Let an approver approve it first")
        case = book.as_approved(number)
        asked = begin(
            case.scope,
            request=number,
            basis=case.basis,
            purpose=case.purpose,
            by=by,
            database=opened,
            index=rows,
            store=store,
            runtime=runtime(settings),
            institution=SigningKey.open(settings.site.state / "keys", INSTITUTION),
            clock=SystemClock(),
        )
    write_asks(asked, out)


def _show(found: ReadAsk, *, authentic: bool) -> None:
    from recorder.release.document import fingerprint

    case = found.ask.case
    for name, value in (
        ("Request", f"{case.request} ({case.basis})"),
        ("Purpose", case.purpose),
        ("Cameras", ", ".join(case.scope.cameras)),
        ("From", iso(case.scope.start)),
        ("To", iso(case.scope.end)),
        ("Hours", f"{len(found.ask.shares)}: {', '.join(sorted(found.ask.shares)[:4])}"),
        ("Answer until", iso(case.expires)),
        (
            "Signed by",
            f"{fingerprint(found.key)} ({'as given' if authentic else 'not authenticated: compare'})",
        ),
    ):
        typer.echo(f"{name + ':':13}{_plain(value)}")


def _plain(text: str) -> str:
    """`text` without what a terminal would obey: who forges an ask may want to write over who has signed it."""
    return "".join(each if each.isprintable() else "?" for each in text)


@app.command()
def answer(
    file: Annotated[Path, typer.Argument(metavar="ASK", help="The ask as it was received.")],
    *,
    identity: Annotated[
        Path, typer.Option("--identity", "-i", help="Your identity: an age identity file, or your words.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="File for the answer; must not exist yet.")],
    institution: Annotated[
        str | None,
        typer.Option(help="The institution's public key in base64; without it, compare the fingerprint."),
    ] = None,
    outside: Annotated[
        bool, typer.Option("--outside", help="Answer even for hours that the scope does not account for.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask back.")] = False,
) -> None:
    """Answer an ask as a custodian: offline, on a machine of your own, with nothing but the ask and your key."""
    from recorder.keys import identities
    from recorder.release.answering import answer as respond
    from recorder.release.document import read_ask
    from vcam.base.clock import SystemClock

    try:
        key = None if institution is None else base64.b64decode(institution, validate=True)
    except binascii.Error:
        raise ConfigError(
            "--institution is no base64", mend="Give the key that 'garim release key' prints"
        ) from None
    found = read_ask(file.read_bytes(), key)
    _show(found, authentic=key is not None)
    if not yes:
        typer.confirm("Shall these hours be opened?", abort=True)
    data = respond(found, identities(identity), now=SystemClock().utc(), outside=outside)
    with out.open("xb") as target:
        target.write(data)
    typer.echo(f"{out}: give this to the institution")


@app.command()
def key(config: Config = DEFAULT) -> None:
    """Print the institution's public key in base64 and its fingerprint, for custodians to keep."""
    settings = read(config)
    from recorder.release.document import fingerprint
    from recorder.signing import INSTITUTION, SigningKey

    public = SigningKey.open(settings.site.state / "keys", INSTITUTION).public.raw
    typer.echo(base64.b64encode(public).decode())
    typer.echo(fingerprint(public))


@app.command()
def accept(
    file: Annotated[Path, typer.Argument(metavar="ANSWER", help="A custodian's answer.")],
    acting: As,
    config: Config = DEFAULT,
) -> None:
    """Take a custodian's answer in. It stays encrypted until an export opens the originals."""
    with _desk(config) as (settings, opened, store, book):
        from recorder.release.answering import take
        from recorder.requests.role import Role
        from vcam.base.clock import SystemClock

        by = signed_in(settings, opened, acting, Role.OFFICER, Role.ADMINISTRATOR).name
        release, count = take(
            file.read_bytes(),
            by=by,
            database=opened,
            store=store,
            runtime=runtime(settings),
            clock=SystemClock(),
            book=book,
        )
    typer.echo(f"{release}: {count} custodians have answered")


@app.command()
def status(config: Config = DEFAULT) -> None:
    """List releases and rotations under way."""
    settings = read(config)
    with shares(settings) as store:
        memory = runtime(settings)
        rows = [
            (
                each.id,
                each.request,
                iso(each.created),
                iso(each.expires),
                ", ".join(store.answers(each.id)),
                "yes" if memory.has(each.id) else "gone: cancel and ask again",
            )
            for each in store.releases()
        ]
    show(("Release", "Request", "Asked", "Until", "Answered", "One-time key"), rows)


@app.command()
def cancel(
    release: Annotated[str, typer.Argument(help="The release, as 'garim release status' names it.")],
    acting: As,
    why: Annotated[str, typer.Option(help="Why, for the record.")],
    config: Config = DEFAULT,
) -> None:
    """End a release: its answers and its one-time key are destroyed."""
    with _desk(config) as (settings, opened, store, _):
        from recorder.release.asking import cancel as end
        from recorder.requests.role import Role
        from vcam.base.clock import SystemClock

        by = signed_in(settings, opened, acting, Role.OFFICER, Role.ADMINISTRATOR).name
        end(
            release,
            by=by,
            why=why,
            database=opened,
            store=store,
            runtime=runtime(settings),
            clock=SystemClock(),
        )
    typer.echo(f"{release} has ended")
