"""`garim exports`: what has left."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vcam.base.errors import ConfigError
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
def stamp(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The export's folder, with its manifest.")],
    *,
    query: Annotated[
        Path | None, typer.Option(help="Write the query for the authority to this file (RFC 3161, .tsq).")
    ] = None,
    reply: Annotated[Path | None, typer.Option(help="Take the authority's reply in (.tsr).")] = None,
    root: Annotated[
        Path | None, typer.Option(metavar="PEM", help="The authority's root certificate, with --reply.")
    ] = None,
) -> None:
    """Have another authority stamp when an export was signed: first --query, then --reply with --root.

    How the query gets to the authority is yours: curl -H 'Content-Type: application/timestamp-query' does it.
    """
    from recorder.evidence import stamp as stamps
    from recorder.evidence.verifier.check import SIGNATURE, STAMP
    from vcam.base.partfile import write_whole

    signature = (folder / SIGNATURE).read_bytes()
    if query is not None:
        write_whole(query, stamps.query(signature))
        typer.echo(str(query))
    elif reply is not None and root is not None:
        data = reply.read_bytes()
        when = stamps.check(data, signature, stamps.read_roots(root))
        write_whole(folder / STAMP, data)
        typer.echo(iso(when))
    else:
        raise ConfigError("There is nothing to do", mend="Give --query FILE, or --reply FILE and --root PEM")


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
