"""A draft as it is typed: fields of text from a form on paper, a file, a page or JSON. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final, TypeVar, cast

from recorder.requests.basis import Basis, Receiver
from recorder.requests.case import Draft
from recorder.requests.subject import Asked, Proof, Subject
from recorder.scope import LATEST, Scope
from vcam.base.errors import CustodyError

SUBJECT: Final = (
    "name",
    "contact",
    "asked",
    "identity",
    "identity_sha256",
    "place",
    "period",
    "agent",
    "agency_sha256",
    "fee",
)
"""Fields of the official form for a data subject's request."""
FIELDS: Final = (
    "basis",
    "receiver",
    "receiving_body",
    "purpose",
    "cameras",
    "from",
    "to",
    "limits",
    "confirmation",
    "emergency",
    "received",
    *SUBJECT,
)
"""All fields. `cameras` holds names with spaces or commas between; times are ISO 8601."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
Choice = TypeVar("Choice", Basis, Receiver)


def draft_of(fields: Mapping[str, str], cameras: Collection[str], zone: tzinfo | None) -> Draft:
    """The draft that `fields` describe, over some of `cameras`. Raises CustodyError, naming the field."""
    strange = sorted(set(fields) - set(FIELDS))
    if strange:
        raise CustodyError(f"There is no field {strange[0]!r}", mend=f"The fields are: {', '.join(FIELDS)}")
    said = {key: fields.get(key, "").strip() for key in FIELDS}
    wanted = tuple(dict.fromkeys(said["cameras"].replace(",", " ").split()))
    for name in wanted:
        if name not in cameras:
            raise CustodyError(
                f"There is no camera {name!r}", mend=f"The cameras are: {', '.join(sorted(cameras))}"
            )
    basis = _chosen(Basis, "basis", said["basis"])
    return Draft(
        basis=basis,
        purpose=said["purpose"],
        scope=Scope(wanted, instant(said["from"], "from", zone), instant(said["to"], "to", zone)),
        receiving_body=said["receiving_body"],
        receiver=_chosen(Receiver, "receiver", said["receiver"]) if said["receiver"] else None,
        limits=said["limits"],
        confirmation=said["confirmation"],
        emergency=said["emergency"] in {"1", "on", "true", "yes"},
        received=instant(said["received"], "received", zone) if said["received"] else None,
        subject=_subject(said) if basis is Basis.SUBJECT else None,
    )


def instant(text: str, field: str, zone: tzinfo | None) -> int:
    """Microseconds UTC of an ISO 8601 time from 1970 to 2254; without an offset it is in `zone`.

    Raises CustodyError.
    """
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is None and zone is not None:
            found = found.replace(tzinfo=zone)
        time = (found.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1)
    except (ValueError, OverflowError):
        time = -1
    if not 0 <= time < LATEST:
        raise CustodyError(
            f"{field}: {text[:40]!r} is no time", mend="Write it like 2026-03-01T14:30 or 2026-03-01T05:30:00Z"
        )
    return time


def shown(time: int | None, zone: tzinfo | None) -> str:
    """A time (us UTC) as people read it, in `zone` and with its offset; empty for None."""
    if time is None:
        return ""
    local = (_EPOCH + timedelta(microseconds=time)).astimezone(zone)
    return local.isoformat(" ", timespec="seconds")


def _chosen(kind: type[Choice], field: str, text: str) -> Choice:
    try:
        return kind(text)
    except ValueError:
        raise CustodyError(
            f"{field}: {text[:40]!r} is none of the list", mend=f"Give one of {', '.join(kind)}"
        ) from None


def _subject(said: Mapping[str, str]) -> Subject:
    fee = said["fee"] or "0"
    if not (fee.isascii() and fee.isdigit() and len(fee) < 12):
        raise CustodyError(f"fee: {fee[:20]!r} is no number of won", mend="Give a whole number, such as 1000")
    return Subject(
        name=said["name"],
        contact=said["contact"],
        asked=cast(Asked, said["asked"]),
        identity=cast(Proof, said["identity"]),
        identity_sha256=said["identity_sha256"].lower(),
        place=said["place"],
        period=said["period"],
        agent=said["agent"],
        agency_sha256=said["agency_sha256"].lower(),
        fee=int(fee),
    )
