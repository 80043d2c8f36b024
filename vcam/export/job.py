"""Makes an export of opened originals: files, manifest, signature, the entry in the log, and then its name."""

from __future__ import annotations

import av
from sqlalchemy import Connection

from recorder.audit.append import append
from recorder.audit.entry import Action, Entry
from recorder.evidence.manifest import Basis, Manifest, Receiver, Staff
from recorder.evidence.register import Export, Exports
from recorder.requests.people import person_of
from recorder.requests.role import Role
from vcam.base.errors import CustodyError
from vcam.export.draft import Draft
from vcam.export.footage import Footage, Take, takes
from vcam.export.house import House
from vcam.export.listing import Listing, listing
from vcam.export.looking import looked
from vcam.export.making import Making
from vcam.export.marks import Marker
from vcam.export.masked import masked
from vcam.export.memory import Workspace
from vcam.export.order import Cases, Order, check, check_reach
from vcam.export.original import untouched, viewing
from vcam.export.paper import Paper, clear, details
from vcam.export.recovery import recover, remove
from vcam.export.review import entry as reviewed
from vcam.export.stills import stills


def export(order: Order, footage: Footage, cases: Cases, house: House) -> Export:
    """Make the export in `house.exports`; its row in the register.

    It becomes readable under its name after its entry in the log is committed. Raises Forbidden for what may not be,
    ConfigError for what makes no sense, CustodyError, SourceError, DetectError or EncodeError for what cannot be
    made; then nothing is left behind, and nothing is on record.
    """
    check(order)
    register = Exports(house.database)
    recover(house.exports, register)
    parts = takes(footage, order.scope)
    now = house.clock.utc()
    name, mark = register.new_name(now)
    marker = house.marking(name, mark, now)
    with Draft(house.exports, name, order.recipient) as draft:
        try:
            _fill(order, parts, draft, house, marker)
        except (av.FFmpegError, OSError) as error:
            raise CustodyError(
                f"Export {name} cannot be made ({error.strerror or type(error).__name__})",
                mend="Check the room in custody.runtime and custody.exports",
            ) from error
        marked = order.kind != "original" or order.viewing
        paper = Paper(name, mark, now, marker.names if marked else ())
        manifest = _manifest(order, parts, draft, house, paper)
        draft.sign(manifest, house.signing)
        row = paper.row(manifest, draft.final)
        told = details(manifest, house)

        def log(connection: Connection) -> None:
            if order.review is not None:
                person_of(connection, order.review.reviewer, Role.OFFICER)
            cases.exported(
                order.case.number,
                by=order.by,
                export=name,
                details=told,
                origin=order.origin,
                connection=connection,
            )
            if order.review is not None:
                request = order.case.number
                append(
                    connection,
                    reviewed(order.review, name, order.by, now, request=request, origin=order.origin),
                )

        register.record(row, log)
        draft.recorded()
        draft.publish()
    return row


def list_tracks(order: Order, footage: Footage, house: House) -> list[Listing]:
    """The tracks in the footage, to choose from. Looking is on record before anything is looked at."""
    check_reach(order)
    looked(order, house, "original", "list tracks")
    with Workspace(house.runtime) as workspace:
        return [listing(take, workspace, house) for take in takes(footage, order.scope)]


def destroy(name: str, house: House, *, by: str, reason: str, action: Action, origin: str = "host") -> None:
    """Remove an export's files from this machine; its row stays, and says when. Raises CustodyError.

    What a crash or a fault leaves of them is removed by the next `recover`.
    """
    now = house.clock.utc()
    entry = Entry(now, by, action, f"export/{name}", {"reason": reason}, origin)
    remove(Exports(house.database).destroy(name, now, entry))


def _fill(order: Order, parts: list[Take], draft: Draft, house: House, marker: Marker) -> None:
    with Workspace(house.runtime) as workspace:
        making = Making(house, draft, workspace, marker)
        for take in parts:
            if order.kind == "original":
                untouched(take, draft)
                if order.viewing:
                    viewing(take, making)
            elif order.kind == "stills":
                stills(take, order, making)
            else:
                masked(take, order, making)


def _manifest(order: Order, parts: list[Take], draft: Draft, house: House, paper: Paper) -> Manifest:
    case, told = order.case, order.case.case()
    return paper.manifest(
        house,
        kind=order.kind,
        scope=order.scope,
        files=draft.files,
        sources=tuple(source for take in parts for source in take.sources()),
        staff=Staff(order.by, case.requester, case.approver or "", order.custodians),
        receiver=Receiver(str(told["receiving_body"]), order.recipient or "", case.limits),
        request=Basis(case.number, str(told["basis"]), str(told["article"]), str(told["purpose"])),
        clear=clear(order),
        review=order.review,
        gaps={uid: note for take in parts for uid, note in take.notes().items()},
    )
