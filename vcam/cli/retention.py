"""`garim retention`: how long footage was really kept, and certificates of its destruction."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vcam.cli.instants import From, To, iso, microseconds
from vcam.cli.site import DEFAULT, Config, database, index, read
from vcam.cli.table import show

if TYPE_CHECKING:
    from recorder.report import Kept

app = typer.Typer(help="How long footage was really kept, and proof of its destruction.", no_args_is_help=True)

_DAY = 86_400_000_000


def _days(span: int | None) -> str:
    return "" if span is None else f"{span / _DAY:.2f}"


def _row(kept: Kept) -> tuple[str, ...]:
    return (
        kept.camera,
        kept.kind,
        _days(kept.policy),
        str(kept.present),
        iso(kept.oldest) if kept.oldest is not None else "",
        str(kept.held),
        str(kept.overdue),
        str(kept.purged),
        _days(kept.shortest),
        _days(kept.longest),
        str(kept.early),
        str(kept.late),
    )


@app.command()
def report(
    config: Config = DEFAULT,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object; times and spans in us.")] = False,
) -> None:
    """Tell for each camera how long footage was to be kept and was kept, and every deviation from the policy."""
    settings = read(config)
    from recorder.report import report as made
    from vcam.base.clock import SystemClock

    with index(settings) as opened:
        found = made(opened.database, opened.policy, SystemClock().utc(), opened.recorder)
    if as_json:
        reason = settings.recorder.retention_reason
        typer.echo(
            json.dumps({"reason": reason, "cameras": [asdict(kept) for kept in found]}, ensure_ascii=False)
        )
        return
    headings = ("Camera", "Kind", "Days to keep", "Present", "Oldest", "Held", "Overdue", "Purged")
    show((*headings, "Least days", "Most days", "Early", "Late"), map(_row, found))


@app.command()
def certificate(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The file to write; must not exist yet.")],
    config: Config = DEFAULT,
    camera: Annotated[str | None, typer.Option("--camera", help="Only this camera.")] = None,
    start: From = None,
    end: To = None,
) -> None:
    """Write a signed certificate of what was destroyed: OUT, and OUT.minisig for minisign."""
    settings = read(config)
    from recorder import durable
    from recorder.certificate import certify
    from recorder.signing import INSTITUTION, SigningKey
    from vcam.base.clock import SystemClock

    now = SystemClock().utc()
    begin, stop = microseconds(start) if start else 0, microseconds(end) if end else now + 1
    key = SigningKey.open(settings.site.state / "keys", INSTITUTION)
    institution = settings.custody.institution or settings.site.name
    with database(settings) as opened:
        made = certify(opened, key, begin, stop, institution=institution, now=now, camera=camera)
    durable.write(out, made.document)
    durable.write(out.with_name(out.name + ".minisig"), made.signature.encode())
    typer.echo(f"{out}: signed; check it with minisign -V")
