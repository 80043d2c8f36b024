"""`garim share`: masked footage as it was recorded, for whoever has a reason to get it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from vcam.base.errors import ConfigError, CustodyError
from vcam.base.settings import Settings
from vcam.cli.house import house
from vcam.cli.instants import microseconds
from vcam.cli.reviewed import Reviewed, ReviewedBy, reviews
from vcam.cli.signin import As, signed_in
from vcam.cli.site import DEFAULT, Config, database, index, read


class _Sharing(TyperGroup):
    """`garim share CAMERA ...` makes a share: what is no command is a camera."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and not args[0].startswith("-") and args[0] not in self.commands:
            args = ["make", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(help="Give masked footage out, and take it back.", no_args_is_help=True, cls=_Sharing)
_HOUR = 3_600_000_000
_ANY = frozenset({"0.0.0.0", "::"})  # noqa: S104 - these are told apart, nothing listens on them here


@app.command("make")
def make(
    camera: Annotated[str, typer.Argument(help="The camera.")],
    begin: Annotated[str, typer.Argument(metavar="FROM", help="ISO 8601; without an offset, local time.")],
    end: Annotated[str, typer.Argument(metavar="TO", help="The same.")],
    *,
    reason: Annotated[str, typer.Option(help="Why, for the record.")],
    acting: As,
    review: Reviewed = None,
    reviewed_by: ReviewedBy = "",
    body: Annotated[str, typer.Option("--body", help="Who gets it: a body or a kind of person.")] = "",
    limits: Annotated[str, typer.Option(help="What is asked of the receiver.")] = "",
    recipient: Annotated[
        str | None, typer.Option("--to", metavar="AGE1...", help="The receiver's age key: encrypt to it.")
    ] = None,
    marked: Annotated[
        bool, typer.Option(help="Write the share's marks into the pictures, by which a leak is traced.")
    ] = True,
    link: Annotated[bool, typer.Option("--link", help="Make a link to it too.")] = False,
    expires: Annotated[
        float, typer.Option(help="Hours for which the link leads there, at most a year's.", max=8760)
    ] = 24.0,
    downloads: Annotated[int, typer.Option(help="Downloads that the link is for.", min=1, max=1000)] = 1,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder for the share; else custody.exports.")
    ] = None,
    config: Config = DEFAULT,
) -> None:
    """Make a share of masked footage. No request is needed; a reason and a review are."""
    settings = read(config)
    if link and out is not None:
        raise ConfigError(
            "A link leads to what lies in custody.exports alone", mend="Leave --out away, or --link"
        )
    from recorder.requests.links import Links
    from recorder.requests.role import Role
    from recorder.scope import Scope
    from vcam.export.share import Share, share

    if link and not expires > 0:
        raise ConfigError("--expires must be more than 0 hours", mend="Say for how long the link leads there")
    address = _address(settings) if link else ""
    with database(settings) as opened, index(settings) as rows:
        site = house(settings, opened, out)
        by = signed_in(settings, opened, acting, Role.OFFICER).name
        now = site.clock.utc()
        made = share(
            Share(
                scope=Scope((camera,), microseconds(begin), microseconds(end)),
                by=by,
                reason=reason,
                review=reviews(review, reviewed_by, now),
                marked=marked,
                receiving_body=body,
                limits=limits,
                recipient=recipient,
                form="link" if link else "file",
            ),
            rows,
            site,
        )
        typer.echo(made.row.folder)
        if link:
            token = Links(opened, site.clock, settings.custody.exports).create(
                made.row.id,
                made.file,
                site.clock.utc() + round(expires * _HOUR),
                downloads,
                by=by,
                reason=reason,
            )
            typer.echo(f"{address}/s/{token}")


def _address(settings: Settings) -> str:
    """Where others reach the console. Raises ConfigError when the settings do not say."""
    console = settings.console
    if console.url is not None:
        return console.url
    if not console.enabled:
        raise ConfigError(
            "A link leads to the console, and none is served",
            mend="Set console.enabled = true, or leave --link out",
        )
    if console.port == 0 or console.bind in _ANY:
        raise ConfigError(
            "The settings do not say where others reach the console", mend="Set console.url to its address"
        )
    host = f"[{console.bind}]" if ":" in console.bind else console.bind
    return f"{'https' if console.secure else 'http'}://{host}:{console.port}"


@app.command()
def revoke(
    name: Annotated[str, typer.Argument(metavar="SHARE", help="The share, as 'garim exports list' names it.")],
    acting: As,
    reason: Annotated[str, typer.Option(help="Why, for the record.")],
    config: Config = DEFAULT,
) -> None:
    """Let every link to a share lead nowhere, and remove its files from this machine."""
    settings = read(config)
    from recorder.audit.entry import Action
    from recorder.evidence.register import Exports
    from recorder.requests.links import Links
    from recorder.requests.role import Role
    from vcam.export.job import destroy

    with database(settings) as opened:
        site = house(settings, opened)
        by = signed_in(settings, opened, acting, Role.OFFICER).name
        if Exports(opened).get(name).kind != "share":
            raise CustodyError(f"{name} is no share", mend="Remove its files with 'garim exports destroy'")
        links = Links(opened, site.clock)
        for each in links.list():
            if each.export == name and each.revoked is None:
                links.revoke(each.id, by=by, reason=reason)
        destroy(name, site, by=by, reason=reason, action=Action.EXPORT_DESTROYED)
    typer.echo(f"{name} is revoked")
