"""`garim ledger`: the forms that the law asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from vcam.cli.instants import From, To, microseconds
from vcam.cli.site import DEFAULT, Config, database, read

Form = Literal["ledger", "provisions", "destructions", "accesses", "requests", "policy", "notice-board"]


def ledger(
    form: Annotated[
        Form,
        typer.Argument(
            metavar="FORM",
            help="ledger is the 개인영상정보 관리대장; notice-board and policy come from the settings.",
        ),
    ],
    config: Config = DEFAULT,
    *,
    language: Annotated[Literal["ko", "en"], typer.Option("--lang", help="Korean or English.")] = "ko",
    format_: Annotated[
        Literal["html", "csv"], typer.Option("--format", help="For paper or a spreadsheet.")
    ] = "html",
    start: From = None,
    end: To = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="File to write; else it is printed.")
    ] = None,
) -> None:
    """Write a form from the log, or from the settings what the public is told. Times are in the site's time zone.

    FORM is one of ledger, provisions, destructions, accesses, requests, policy, notice-board.
    """
    settings = read(config)
    from recorder.audit.log import Wanted, entries
    from recorder.ledger.catalogue import written
    from recorder.ledger.matter import Matter
    from vcam.base.clock import SystemClock
    from vcam.base.partfile import write_whole

    begin, stop = (microseconds(time) if time else None for time in (start, end))
    with database(settings) as opened, opened.read() as connection:
        found = list(entries(connection, Wanted(begin, stop)))
    text = written(form, Matter(found, settings, SystemClock().utc()), language, format_)
    if out is None:
        typer.echo(text.encode(), nl=False)
    else:
        write_whole(out, text.encode(), mode=0o600)
        typer.echo(str(out))
