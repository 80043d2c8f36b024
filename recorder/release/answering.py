"""What a custodian does, offline: needs the ask's file and his identity, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from recorder.audit.append import append
from recorder.audit.entry import Action, Entry
from recorder.database import Database
from recorder.release.asking import ROTATION
from recorder.release.document import Answer, ReadAsk, pack_shares
from recorder.release.opening import foreign, shares_in
from recorder.release.runtime import Runtime
from recorder.requests.book import Requests
from recorder.shares.store import ShareStore
from recorder.vault.envelope import seal, unseal
from recorder.vault.share import Share
from vcam.base.canonical import Json
from vcam.base.clock import Clock
from vcam.base.errors import CustodyError, VaultError


def answer(read: ReadAsk, identities: Sequence[str], *, now: int, outside: bool = False) -> bytes:
    """The file that answers an ask: its shares, encrypted to the release's one-time recipient.

    `identities` are lines of the custodian's identity file. Each share tells of its own which epoch it is of, so an
    ask cannot pass one off for another. Shares of epochs that the stated scope does not account for are refused
    unless `outside` says that the custodian agrees. Raises CustodyError, VaultError.
    """
    ask = read.ask
    if now > ask.case.expires:
        raise CustodyError("The ask has expired", mend="Let the institution ask again")
    if not outside and (strange := ask.outside()):
        raise CustodyError(
            f"The ask holds shares of epochs outside its stated scope: {', '.join(strange[:3])}",
            mend="Do not answer it, unless the institution explains why originals of the scope are sealed to "
            "those hours",
        )
    shares = []
    for epoch, sealed in ask.shares.items():
        share = Share.parse(unseal(sealed, identities))
        if share.epoch != epoch:
            raise CustodyError(
                f"The ask passes a share of {share.epoch} off as one of {epoch}",
                mend="Do not answer it; tell the institution",
            )
        shares.append(bytes(share))
    packed = pack_shares(ask.case.release, ask.custodian, shares)
    return Answer(ask.case.release, ask.custodian, seal(packed, ask.case.recipient)).dump()


def take(
    data: bytes,
    *,
    by: str,
    database: Database,
    store: ShareStore,
    runtime: Runtime,
    clock: Clock,
    book: Requests | None,
) -> tuple[str, int]:
    """Take a custodian's answer in: the release, and how many have answered. Raises CustodyError, Forbidden.

    It is opened to see that it is what was asked for; its shares stay encrypted in the store. With `book`, who has
    another part in the case is refused.
    """
    given = Answer.load(data)
    release = store.release(given.release)
    now = clock.utc()
    if now > release.expires:
        raise CustodyError(f"Release {release.id} has expired", mend="Cancel it and ask again")
    names = {each.name for each in store.custodians() if each.active}
    if given.custodian not in names:
        raise CustodyError(f"{given.custodian!r} is no custodian", mend="See 'garim custodian list'")
    try:
        shares = shares_in(given.sealed, given.release, given.custodian, runtime.identity(release.id))
    except VaultError as error:
        raise CustodyError(
            f"The answer of {given.custodian} cannot be read: {error.what}", mend=error.mend
        ) from None
    if not shares:
        raise CustodyError(f"The answer of {given.custodian} is empty", mend="Let him answer the ask again")
    if foreign(shares, given.custodian, store):
        raise CustodyError(
            f"The answer holds shares that are not {given.custodian}'s own",
            mend="Nobody answers in another's name; after a rotation, cancel the release and ask again",
        )
    details: dict[str, Json] = {"release": release.id, "custodian": given.custodian, "epochs": len(shares)}
    with database.write() as connection:
        if book is not None and release.request != ROTATION:
            book.answered(release.request, by=given.custodian, details=details, connection=connection)
        else:
            subject = f"request/{release.request}"
            append(connection, Entry(now, by, Action.RELEASE_ANSWERED, subject, details, "host"))
        store.answer(release.id, given.custodian, given.sealed)
    return release.id, len(store.answers(release.id))
