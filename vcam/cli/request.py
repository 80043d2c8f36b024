"""`garim request`: cases of footage that is asked for."""

from __future__ import annotations

import contextlib
import hashlib
import tomllib
from collections.abc import Iterator
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vcam.base.errors import ConfigError
from vcam.base.settings import Settings
from vcam.cli.signin import As, signed_in
from vcam.cli.site import DEFAULT, Config, database, read
from vcam.cli.table import show

if TYPE_CHECKING:
    from recorder.database import Database
    from recorder.requests.book import Requests
    from recorder.requests.case import Request

app = typer.Typer(help="Requests for footage, from draft to close.", no_args_is_help=True)

Number = Annotated[str, typer.Argument(help="Number of the request, such as 2026-0001.")]


@contextlib.contextmanager
def _book(config: Path) -> Iterator[tuple[Settings, Database, Requests]]:
    settings = read(config)
    from recorder.requests.book import Requests
    from recorder.requests.rules import Rules
    from vcam.base.clock import SystemClock

    with database(settings) as opened:
        yield settings, opened, Requests(opened, SystemClock(), Rules.of(settings))


def _tell(request: Request, zone: tzinfo | None) -> None:
    from recorder.requests.deadline import last_day

    last = "" if request.due is None else f"; answer by {last_day(request.due, zone)}"
    typer.echo(f"{request.number} is {request.state}{last}")


@app.command()
def draft(
    *,
    acting: As,
    basis: Annotated[str, typer.Option(help="Legal basis; 'garim request bases' lists them.")],
    purpose: Annotated[str, typer.Option(help="What the footage is wanted for.")],
    camera: Annotated[list[str], typer.Option("--camera", help="Camera in scope; may come several times.")],
    begin: Annotated[str, typer.Option("--from", metavar="TIME", help="ISO 8601, in the site's time zone.")],
    end: Annotated[str, typer.Option("--to", metavar="TIME", help="ISO 8601, in the site's time zone.")],
    receiving_body: Annotated[str, typer.Option("--body", help="Body that gets the footage.")] = "",
    receiver: Annotated[str, typer.Option(help="Kind of receiver, where the basis leaves a choice.")] = "",
    limits: Annotated[str, typer.Option(help="What is asked of the receiver: use, keeping, destruction.")] = "",
    confirmation: Annotated[str, typer.Option(help="Why a scope beyond the usual is needed.")] = "",
    received: Annotated[
        str, typer.Option(metavar="TIME", help="When the demand arrived; by default now.")
    ] = "",
    emergency: Annotated[
        bool, typer.Option("--emergency", help="Two approve at once, a review follows.")
    ] = False,
    form: Annotated[
        Path | None,
        typer.Option(help="TOML file with the fields of a data subject's form; see docs/requests.md."),
    ] = None,
    config: Config = DEFAULT,
) -> None:
    """Begin a case. Prints its number."""
    fields = _form(form) if form is not None else {}
    fields |= {
        "basis": basis,
        "purpose": purpose,
        "cameras": " ".join(camera),
        "from": begin,
        "to": end,
        "receiving_body": receiving_body,
        "receiver": receiver,
        "limits": limits,
        "confirmation": confirmation,
        "received": received,
        "emergency": "yes" if emergency else "",
    }
    with _book(config) as (settings, opened, book):
        from recorder.requests.fields import draft_of
        from recorder.requests.role import Role

        by = signed_in(settings, opened, acting, Role.OFFICER).name
        known = {each.name for each in settings.camera} | set(book.cameras())
        _tell(book.draft(draft_of(fields, known, book.rules.zone), by=by), book.rules.zone)


def _form(path: Path) -> dict[str, str]:
    from recorder.requests.fields import SUBJECT

    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path} cannot be read ({error})", mend="Write the form as TOML") from None
    strange = sorted(set(data) - set(SUBJECT))
    if strange:
        raise ConfigError(
            f"{path}: there is no field {strange[0]!r}", mend=f"The fields are: {', '.join(SUBJECT)}"
        )
    return {key: str(value) for key, value in data.items()}


@app.command()
def bases() -> None:
    """List the legal bases: what each asks for, and who may be the receiver."""
    from recorder.requests.basis import RULES

    rows = [
        (
            basis.value,
            f"{rule.korean} ({rule.english})",
            f"{rule.article_korean} ({rule.article})",
            "yes" if rule.document else "no",
            " ".join(sorted(rule.receivers)),
        )
        for basis, rule in RULES.items()
    ]
    show(("basis", "name", "article", "document", "receivers"), rows)


@app.command()
def attach(
    number: Number,
    file: Annotated[Path, typer.Argument(help="The document. Only its name and SHA-256 are kept.")],
    acting: As,
    kind: Annotated[str, typer.Option(help="What it proves: basis, identity, agency or other.")] = "basis",
    config: Config = DEFAULT,
) -> None:
    """Note a document of a case by its SHA-256."""
    with _book(config) as (settings, opened, book):
        with file.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        by = signed_in(settings, opened, acting).name
        book.attach(number, digest, file.name, by=by, kind=kind)
    typer.echo(f"{digest}  {file.name}")


@app.command()
def submit(number: Number, acting: As, config: Config = DEFAULT) -> None:
    """Lay a case before the approvers."""
    with _book(config) as (settings, opened, book):
        _tell(book.submit(number, by=signed_in(settings, opened, acting).name), book.rules.zone)


@app.command()
def approve(
    number: Number,
    acting: As,
    text: Annotated[str, typer.Option(help="What is said with it.")] = "",
    config: Config = DEFAULT,
) -> None:
    """Approve a case that somebody else brought. An emergency needs two."""
    with _book(config) as (settings, opened, book):
        _tell(book.approve(number, by=signed_in(settings, opened, acting).name, text=text), book.rules.zone)


@app.command()
def refuse(
    number: Number,
    acting: As,
    ground: Annotated[
        str, typer.Option(help="Ground from the closed list; 'garim request grounds' lists them.")
    ],
    text: Annotated[str, typer.Option(help="The cause in words; needed for the ground 'other'.")] = "",
    config: Config = DEFAULT,
) -> None:
    """Refuse a case, with its ground."""
    from recorder.requests.basis import Ground
    from vcam.base.errors import CustodyError

    if ground not in list(Ground):
        raise CustodyError(f"There is no ground {ground!r}", mend=f"Give one of {', '.join(Ground)}")
    with _book(config) as (settings, opened, book):
        by = signed_in(settings, opened, acting).name
        _tell(book.refuse(number, Ground(ground), by=by, text=text), book.rules.zone)


@app.command()
def grounds() -> None:
    """List the grounds of a refusal."""
    from recorder.requests.basis import GROUNDS, SUBJECT_GROUNDS

    rows = [
        (ground.value, f"{korean} ({english})", "yes" if ground in SUBJECT_GROUNDS else "no")
        for ground, (korean, english) in GROUNDS.items()
    ]
    show(("ground", "meaning", "PIPA 35"), rows)


@app.command()
def extend(
    number: Number,
    acting: As,
    days: Annotated[int, typer.Option(min=1, max=30, help="Days by which the answer is put off.")],
    reason: Annotated[str, typer.Option(help="Why; the data subject must be told.")],
    config: Config = DEFAULT,
) -> None:
    """Put off the last day of the answer to a data subject."""
    with _book(config) as (settings, opened, book):
        by = signed_in(settings, opened, acting).name
        _tell(book.extend(number, days, reason, by=by), book.rules.zone)


@app.command()
def paid(number: Number, acting: As, config: Config = DEFAULT) -> None:
    """Note that a citizen has paid the fee."""
    with _book(config) as (settings, opened, book):
        book.paid(number, by=signed_in(settings, opened, acting).name)
    typer.echo(f"{number}: the fee is paid")


@app.command("list")
def list_(
    state: Annotated[list[str] | None, typer.Option(help="Only in this state; may come several times.")] = None,
    config: Config = DEFAULT,
) -> None:
    """List cases, newest first."""
    with _book(config) as (_, _, book):
        from recorder.requests.fields import shown
        from recorder.requests.states import State
        from vcam.base.errors import CustodyError

        for each in state or ():
            if each not in list(State):
                raise CustodyError(f"There is no state {each!r}", mend=f"Give one of {', '.join(State)}")
        found = book.list([State(each) for each in state or ()])
        zone = book.rules.zone
        rows = [
            (
                each.number,
                each.state.value,
                each.basis.value,
                each.receiving_body,
                " ".join(each.scope.cameras),
                shown(each.scope.start, zone),
                shown(each.scope.end, zone),
                shown(each.due, zone),
            )
            for each in found
        ]
    show(("number", "state", "basis", "receiving body", "cameras", "from", "to", "due"), rows)


@app.command("show")
def show_(number: Number, config: Config = DEFAULT) -> None:
    """Show a case. A data subject's personal data are not part of it; the console shows them to who may see them."""
    with _book(config) as (_, _, book):
        from recorder.requests.summary import lines

        show(("what", "value"), lines(book.get(number), book.rules.zone))


@app.command()
def close(
    number: Number,
    acting: As,
    outcome: Annotated[str, typer.Option(help="What became of it.")],
    config: Config = DEFAULT,
) -> None:
    """End a case."""
    with _book(config) as (settings, opened, book):
        _tell(book.close(number, outcome, by=signed_in(settings, opened, acting).name), book.rules.zone)


@app.command()
def review(
    number: Number,
    acting: As,
    finding: Annotated[str, typer.Option(help="What the review found.")],
    config: Config = DEFAULT,
) -> None:
    """Review an emergency afterwards: the auditor does, or an approver who takes no other part in it."""
    with _book(config) as (settings, opened, book):
        _tell(book.review(number, finding, by=signed_in(settings, opened, acting).name), book.rules.zone)


@app.command()
def remind(config: Config = DEFAULT) -> None:
    """Do what time demands: give due reminders, end what has expired, erase personal data whose time is over.

    A running site does the same every hour.
    """
    with _book(config) as (_, _, book):
        for each in book.remind():
            late = f"{each.days} days left" if each.days >= 0 else "late"
            typer.echo(f"{each.number}: {each.what}, {late}")
        for number in book.expire():
            typer.echo(f"{number} has expired")
        for number in book.erase():
            typer.echo(f"{number}: personal data are erased")
