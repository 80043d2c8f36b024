"""`garim exports`: what has left."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vcam.cli.house import house
from vcam.cli.instants import iso
from vcam.cli.signin import As, signed_in
from vcam.cli.site import DEFAULT, Config, database, read
from vcam.cli.table import show

app = typer.Typer(help="What has left, and the key that signs it.", no_args_is_help=True)


@app.command("list")
def list_exports(
    config: Config = DEFAULT,
    request: Annotated[str | None, typer.Option("--request", help="Only those of this request.")] = None,
) -> None:
    """List exports and shares. Times are UTC."""
    settings = read(config)
    from recorder.evidence.register import Exports

    with database(settings) as opened:
        rows = [
            (
                each.id,
                each.kind,
                each.request or "",
                ", ".join(each.scope.cameras),
                iso(each.scope.start),
                iso(each.scope.end),
                iso(each.created),
                each.created_by,
                each.receiver,
                "" if each.destroyed is None else iso(each.destroyed),
            )
            for each in Exports(opened).list(request)
        ]
    show(("Export", "Kind", "Request", "Cameras", "From", "To", "Made", "By", "Receiver", "Removed"), rows)


@app.command()
def destroy(
    name: Annotated[str, typer.Argument(metavar="EXPORT", help="The export.")],
    acting: As,
    reason: Annotated[str, typer.Option(help="Why, for the record.")],
    config: Config = DEFAULT,
) -> None:
    """Remove an export's files from this machine, once they were handed over. That it was made stays on record."""
    settings = read(config)
    from recorder.audit.entry import Action
    from recorder.requests.role import Role
    from vcam.export.job import destroy as remove

    with database(settings) as opened:
        by = signed_in(settings, opened, acting, Role.OFFICER).name
        remove(name, house(settings, opened), by=by, reason=reason, action=Action.EXPORT_DESTROYED)
    typer.echo(f"{name} is removed")


@app.command()
def key(
    config: Config = DEFAULT,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="File for the key, as minisign reads it.")
    ] = None,
) -> None:
    """Print the institution's public key and its fingerprint. Receivers must get them apart from any export."""
    settings = read(config)
    from recorder.evidence import minisign
    from recorder.evidence.verifier.minisign import PublicKey
    from recorder.signing import INSTITUTION, SigningKey

    public = SigningKey.open(settings.site.state / "keys", INSTITUTION).public
    if out is not None:
        minisign.write_public(out, public)
    typer.echo(minisign.key_line(public))
    typer.echo(PublicKey(public.id, public.raw).fingerprint)
