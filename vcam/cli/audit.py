"""`garim audit`: the log of who did what, its heads, and its proofs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vcam.base.errors import ConfigError
from vcam.cli.instants import From, To, iso, microseconds
from vcam.cli.site import DEFAULT, Config, database, read
from vcam.cli.table import show

if TYPE_CHECKING:
    from recorder.audit.head import Head
    from recorder.audit.log import Logged
    from recorder.audit.verify import Verified
    from recorder.database import Database
    from vcam.base.settings import Settings

app = typer.Typer(help="The log of who did what: read it, verify it, prove it.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON; times in us UTC.")]
Keys = Annotated[
    list[Path] | None,
    typer.Option("--key", metavar="FILE", help="Public key of the log, of 'garim audit key'. May be repeated."),
]

_UNAUTHENTICATED = 2


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is no text", mend="Name the file that was written by Garim") from None


def _heads(path: Path) -> list[Head]:
    from recorder.audit.head import Head
    from vcam.base.errors import CustodyError

    try:
        return Head.parse_all(_text(path))
    except CustodyError as error:
        raise CustodyError(f"{path}: {error.what}", mend=error.mend) from None


def _keys(files: Sequence[Path]) -> list[bytes]:
    from recorder.evidence.minisign import read_public

    return [read_public(_text(file)).raw for file in files]


def _own_key(settings: Settings) -> bytes:
    from vcam.app import signing_key

    return signing_key(settings).public.raw


def _cells(logged: Logged) -> tuple[str, ...]:
    entry = logged.entry
    details = json.dumps(entry.details, ensure_ascii=False, sort_keys=True)
    return str(logged.number), iso(entry.time), entry.actor, entry.action, entry.subject, entry.origin, details


@app.command("list")
def list_entries(
    config: Config = DEFAULT,
    *,
    start: From = None,
    end: To = None,
    actor: Annotated[str | None, typer.Option("--actor", help="Only what this person did.")] = None,
    action: Annotated[
        list[str] | None,
        typer.Option("--action", help="Only this action, such as export.made. May be repeated."),
    ] = None,
    subject: Annotated[
        str | None, typer.Option("--subject", help="Only what was done to subjects that begin so.")
    ] = None,
    as_json: Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> None:
    """List entries of the log. Times are UTC."""
    settings = read(config)
    from recorder.audit.entry import Action
    from recorder.audit.log import Wanted, entries
    from recorder.ledger.sheet import sheet

    try:
        actions = [Action(name) for name in action or ()]
    except ValueError as error:
        raise ConfigError(
            f"{error.args[0].partition(' is')[0]} is no action", mend=f"Name one of {', '.join(Action)}"
        ) from None
    begin, stop = (microseconds(time) if time else None for time in (start, end))
    with database(settings) as opened, opened.read() as connection:
        found = list(entries(connection, Wanted(begin, stop, actor, actions, subject)))
    columns = ("Number", "Time", "Who", "Action", "Subject", "From where", "Details")
    if as_json:
        typer.echo(json.dumps([json.loads(each.entry.body(each.number)) for each in found], ensure_ascii=False))
    elif as_csv:
        typer.echo(sheet([columns, *map(_cells, found)]), nl=False)
    else:
        show(columns, map(_cells, found))


@app.command()
def head(
    config: Config = DEFAULT,
    new: Annotated[bool, typer.Option("--new", help="Sign a head over all entries so far first.")] = False,
) -> None:
    """Print the last signed head as text, to be kept outside: printed, mailed, read out."""
    settings = read(config)
    from recorder.audit.heads import latest, sign
    from vcam.app import signing_key
    from vcam.base.clock import SystemClock
    from vcam.base.errors import CustodyError

    with database(settings) as opened:
        if new:
            sign(opened, signing_key(settings), SystemClock())
        with opened.read() as connection:
            found = latest(connection)
    if not found:
        raise CustodyError("The log has no head yet", mend="Sign one with 'garim audit head --new'")
    typer.echo(found[0].text(), nl=False)


@app.command()
def key(config: Config = DEFAULT) -> None:
    """Print the public key that the log's heads are signed with, in minisign's form."""
    settings = read(config)
    from recorder.evidence.minisign import public_text
    from vcam.app import signing_key

    typer.echo(public_text(signing_key(settings).public), nl=False)


@app.command()
def verify(
    config: Config = DEFAULT,
    heads: Annotated[
        list[Path] | None,
        typer.Option("--head", metavar="FILE", help="Heads that were kept outside. May be repeated."),
    ] = None,
    keys: Keys = None,
    person: Annotated[
        str | None,
        typer.Option(
            "--as", metavar="PERSON", help="The auditor who verifies, to put that on record; signs in."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Verify every entry and head, and that the log goes on from heads kept outside. Exit status 1 on findings.

    Heads in custody.heads are taken too. Without --key the recorder's own key counts, which whoever has the recorder
    could have replaced.
    """
    settings = read(config)
    from recorder.audit.verify import verify as look_at

    outside = [head for file in [*(heads or ()), *_second_place(settings)] for head in _heads(file)]
    known = _keys(keys) if keys else [_own_key(settings)]
    with database(settings) as opened:
        auditor = _auditor(settings, opened, person) if person is not None else None
        with opened.read() as connection:
            done = look_at(connection, known, outside)
        if auditor is not None:
            _put_on_record(opened, auditor, done)
    if as_json:
        typer.echo(json.dumps(_told(done, outside), ensure_ascii=False))
    else:
        for note in done.notes:
            typer.echo(f"note: {note.what}")
        for finding in done.findings:
            typer.echo(finding.what)
        typer.echo(_summary(done, outside))
    if done.findings:
        raise typer.Exit(1)


def _auditor(settings: Settings, opened: Database, name: str) -> str:
    from recorder.requests.role import Role
    from vcam.cli.signin import signed_in

    return signed_in(settings, opened, name, Role.AUDITOR).name


def _put_on_record(opened: Database, auditor: str, done: Verified) -> None:
    from recorder.audit.append import append
    from recorder.audit.entry import Action, Entry
    from vcam.base.clock import SystemClock

    details = {"size": done.size, "findings": len(done.findings)}
    with opened.write() as connection:
        append(connection, Entry(SystemClock().utc(), auditor, Action.AUDITED, "audit", details, "host"))


def _second_place(settings: Settings) -> list[Path]:
    folder = settings.custody.heads
    return sorted(folder.glob("head-*.txt")) if folder is not None else []


def _told(done: Verified, outside: Sequence[Head]) -> dict[str, object]:
    return {
        "entries": done.size,
        "root": done.root.hex(),
        "heads": done.heads,
        "outside": len(outside),
        "confirmed": done.confirmed,
        "findings": [{"number": each.number, "what": each.what} for each in done.findings],
        "notes": [{"number": each.number, "what": each.what} for each in done.notes],
    }


def _summary(done: Verified, outside: Sequence[Head]) -> str:
    heads = f"{done.heads} heads and {len(outside)} kept outside"
    if done.findings:
        return f"{len(done.findings)} findings in {done.size} entries, {heads}"
    return f"{done.size} entries are as they were written, {done.confirmed} of them under a head; {heads} agree"


@app.command()
def prove(
    number: Annotated[int | None, typer.Argument(metavar="[NUMBER]", help="The entry's number.")] = None,
    config: Config = DEFAULT,
    old: Annotated[
        Path | None,
        typer.Option(
            "--head", metavar="FILE", help="Instead, prove that the log goes on from the last head in it."
        ),
    ] = None,
) -> None:
    """Print a proof that an entry is in the log, which others verify with 'garim audit check-proof' alone."""
    settings = read(config)
    from recorder.audit.proof import prove as prove_entry
    from recorder.audit.proof import prove_consistency

    if (number is None) == (old is None):
        raise ConfigError("There is no one thing to prove", mend="Give either an entry's number or --head")
    with database(settings) as opened, opened.read() as connection:
        if old is not None:
            document = prove_consistency(connection, _heads(old)[-1])
        else:
            document = prove_entry(connection, number or 0)
    typer.echo(json.dumps(document, ensure_ascii=False, indent=1))


@app.command("check-proof")
def check_proof(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What 'garim audit prove' has printed.")],
    keys: Keys = None,
) -> None:
    """Check a proof, offline and without the log.

    Exit status 0 when it holds under --key, 1 when it does not, 2 when it holds but no key was given: it may be
    anybody's then.
    """
    from recorder.audit.proof import check
    from vcam.base.errors import CustodyError

    checked = check(_text(file))
    known = _keys(keys or ())
    typer.echo(f"{checked.what}, signed {iso(checked.head.time)}")
    if checked.entry is not None:
        typer.echo(checked.entry)
    if not known:
        from recorder.evidence.verifier.minisign import PublicKey

        for raw in sorted(checked.keys):
            typer.echo(f"not authenticated: signed by the key {PublicKey(bytes(8), raw).fingerprint}", err=True)
        raise typer.Exit(_UNAUTHENTICATED)
    if not checked.keys <= set(known):
        raise CustodyError(
            "The proof was signed by another key than that of --key",
            mend="Ask for the log's public key by another way",
        )
