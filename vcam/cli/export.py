"""`garim export`: opened originals leave, for a request that was released."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from vcam.base.errors import ConfigError, CustodyError
from vcam.cli.house import house
from vcam.cli.instants import microseconds
from vcam.cli.mask import zone
from vcam.cli.release import runtime
from vcam.cli.reviewed import Reviewed, ReviewedBy, reviews
from vcam.cli.signin import As, signed_in
from vcam.cli.site import DEFAULT, Config, database, index, read, shares
from vcam.cli.table import show

if TYPE_CHECKING:
    from recorder.release.opening import Opened
    from recorder.requests.book import Requests
    from recorder.requests.case import Request
    from recorder.scope import Scope
    from vcam.export.house import House
    from vcam.export.listing import Listing
    from vcam.export.order import Choice

Kind = Literal["original", "masked", "selective", "stills"]
_KEEP = re.compile(r"(?P<camera>[^:@]+):(?P<tracks>\d+(?:,\d+)*)@(?P<listing>[0-9a-f]{64})")


@dataclass(frozen=True)
class _Open:
    """A release that was opened."""

    house: House
    book: Requests
    case: Request
    footage: Opened
    custodians: tuple[str, ...]
    by: str


def export(
    number: Annotated[str, typer.Argument(metavar="REQUEST", help="Number of the released request.")],
    *,
    kind: Annotated[Kind, typer.Option(help="What leaves.")],
    acting: As,
    recipient: Annotated[
        str | None, typer.Option("--to", metavar="AGE1...", help="The receiver's age key: encrypt to it.")
    ] = None,
    unencrypted: Annotated[
        bool, typer.Option("--unencrypted", help="Let unmasked pictures leave as they are.")
    ] = False,
    review: Reviewed = None,
    reviewed_by: ReviewedBy = "",
    for_review: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Begin a review of the masked copy, and export nothing yet."),
    ] = None,
    list_tracks: Annotated[
        bool, typer.Option("--list-tracks", help="List who may stay clear, and export nothing yet.")
    ] = False,
    keep: Annotated[
        list[str] | None,
        typer.Option(metavar="CAMERA:N,...@LIST", help="Tracks that stay clear, and the list they are from."),
    ] = None,
    keep_zone: Annotated[
        str, typer.Option(metavar="'X,Y X,Y ...'", help="Mask everything outside this polygon.")
    ] = "",
    at: Annotated[
        list[str] | None, typer.Option("--at", metavar="TIME", help="Instant of a still; again for more.")
    ] = None,
    camera: Annotated[
        list[str] | None, typer.Option("--camera", help="Only this camera of the request; again for more.")
    ] = None,
    begin: Annotated[str | None, typer.Option("--begin", metavar="TIME", help="Only from then on.")] = None,
    end: Annotated[str | None, typer.Option("--end", metavar="TIME", help="Only until then.")] = None,
    viewing: Annotated[bool, typer.Option(help="Add a marked copy for viewing to an original.")] = True,
    more: Annotated[
        bool, typer.Option("--more", help="More exports follow: do not destroy the custodians' answers.")
    ] = False,
    release: Annotated[str, typer.Option(help="Which release, if the request has several.")] = "",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder for the export; else custody.exports.")
    ] = None,
    config: Config = DEFAULT,
) -> None:
    """Make an export of the originals that custodians have opened: files, a signed manifest, and its verifier.

    With --list-tracks the tracks are listed first, for --keep.
    """
    choices = dict(map(_choice, keep or ()))
    ending = not more and not list_tracks and for_review is None
    with _opened(config, number, acting, release, out, ending=ending) as opened:
        from vcam.export import job
        from vcam.export.order import Order
        from vcam.export.preview import preview

        order = Order(
            kind=kind,
            by=opened.by,
            case=opened.case,
            scope=_narrowed(opened.case.scope, camera, begin, end),
            custodians=opened.custodians,
            recipient=recipient,
            unencrypted=unencrypted,
            review=reviews(review, reviewed_by, opened.house.clock.utc()) if review or reviewed_by else None,
            choices=choices,
            zone=zone(keep_zone),
            instants=tuple(map(microseconds, at or ())),
            viewing=viewing,
        )
        if list_tracks:
            _show(job.list_tracks(order, opened.footage, opened.house))
            return
        if for_review is not None:
            begun = preview(order, opened.footage, opened.house, for_review).review
            typer.echo(f"{for_review}: look at it, then 'garim review points', and approve it")
            typer.echo(f"--keep {begun.camera}:N,...@{begun.listing}", err=True)
            return
        row = job.export(order, opened.footage, opened.book, opened.house)
    typer.echo(row.folder)


@contextlib.contextmanager
def _opened(
    config: Path, number: str, acting: str, release: str, out: Path | None, *, ending: bool
) -> Iterator[_Open]:
    """The opened footage; when all went well, the release is ended if `ending`."""
    settings = read(config)
    from recorder.release.asking import cancel
    from recorder.release.opening import answerers, open_release
    from recorder.requests.book import Requests
    from recorder.requests.role import Role
    from recorder.requests.rules import Rules
    from vcam.base.clock import SystemClock

    clock = SystemClock()
    with database(settings) as db, shares(settings) as store, index(settings) as rows:
        by = signed_in(settings, db, acting, Role.OFFICER).name
        book, memory = Requests(db, clock, Rules.of(settings)), runtime(settings)
        book.get(number)
        found = [each.id for each in store.releases() if each.request == number and release in {"", each.id}]
        if len(found) != 1:
            what = "no such release" if not found else f"several: {', '.join(found)}"
            raise CustodyError(
                f"Request {number} has {what}", mend="See 'garim release status', and name one with --release"
            )
        name = found[0]
        footage = open_release(
            name,
            by=by,
            database=db,
            index=rows,
            store=store,
            runtime=memory,
            folder=settings.recorder.folder,
            clock=clock,
            book=book,
        )
        try:
            custodians = tuple(sorted(answerers(store, name) & book.answerers(number)))
            yield _Open(house(settings, db, out), book, book.get(number), footage, custodians, by)
        finally:
            footage.close()
        if ending:
            cancel(name, by=by, why="exported", database=db, store=store, runtime=memory, clock=clock)


def _narrowed(scope: Scope, cameras: list[str] | None, begin: str | None, end: str | None) -> Scope:
    from recorder.scope import Scope

    return Scope(
        tuple(cameras) if cameras else scope.cameras,
        microseconds(begin) if begin else scope.start,
        microseconds(end) if end else scope.end,
    )


def _choice(text: str) -> tuple[str, Choice]:
    from vcam.export.order import Choice

    match = _KEEP.fullmatch(text)
    if match is None:
        raise ConfigError(
            f"--keep {text!r} does not name tracks of a list", mend="Copy it from what --list-tracks prints"
        )
    return match["camera"], Choice(frozenset(map(int, match["tracks"].split(","))), match["listing"])


def _show(listings: list[Listing]) -> None:
    columns = ("camera", "track", "kind", "from s", "to s", "pictures", "certain", "best score", "follows")
    rows = [
        (
            listing.camera,
            str(trail.number),
            str(trail.kind),
            f"{trail.start:.2f}",
            f"{trail.end:.2f}",
            str(trail.pictures),
            str(trail.certain),
            f"{trail.best:.2f}",
            str(trail.follows or ""),
        )
        for listing in listings
        for trail in listing.trails
        if trail.certain
    ]
    show(columns, rows)
    for listing in listings:
        typer.echo(f"--keep {listing.camera}:N,...@{listing.digest}", err=True)
