"""Who holds the keys: custodians are added and revoked on record. Their identities are not kept here."""

from __future__ import annotations

from recorder.audit.append import append, lock
from recorder.audit.entry import Action, Entry
from recorder.database import Database
from recorder.requests.people import HOST, People, person_of
from recorder.requests.role import Role
from recorder.shares.records import Custodian
from recorder.shares.store import ShareStore
from recorder.vault import envelope
from vcam.base.clock import Clock
from vcam.base.errors import CustodyError
from vcam.base.ids import SLUG


class Custodians:
    """The custodians of a site, `threshold` of whom open an original together."""

    def __init__(self, database: Database, store: ShareStore, threshold: int, clock: Clock) -> None:
        self._database = database
        self._store = store
        self._threshold = threshold
        self._clock = clock

    def check(self, name: str) -> None:
        """Raise CustodyError when `name` cannot be a custodian: it is one, or is no person with that role.

        Where the site knows no people yet, any lasting name will do.
        """
        if not SLUG.fullmatch(name):
            raise CustodyError(
                f"{name!r} cannot be a custodian's name", mend="Use lower-case letters, digits and hyphens"
            )
        if any(each.name == name and each.active for each in self._store.custodians()):
            raise CustodyError(
                f"{name} is a custodian already",
                mend="For a new key, use 'garim custodian rotate --finish ... --replace NAME=RECIPIENT'",
            )
        if People(self._database, self._clock).anybody():
            with self._database.read() as connection:
                person_of(connection, name, Role.CUSTODIAN)

    def add(self, name: str, recipient: str, *, by: str) -> Custodian:
        """Add a custodian by his public key: keys of epochs from the next on are split with him too.

        Raises CustodyError, VaultError.
        """
        self.check(name)
        recipient = envelope.one_form(recipient)
        envelope.check_recipient(recipient)
        if any(
            envelope.one_form(each.recipient) == recipient and each.active for each in self._store.custodians()
        ):
            raise CustodyError(
                "Another custodian has that key",
                mend="Make a key for each: two with one key count as one person",
            )
        with self._database.write() as connection:
            append(
                connection,
                Entry(
                    self._clock.utc(),
                    by,
                    Action.CUSTODIAN_ADDED,
                    f"custodian/{name}",
                    {"recipient": recipient},
                    HOST,
                ),
            )
            return self._store.put_custodian(name, recipient)

    def revoke(self, name: str, *, by: str) -> None:
        """Let somebody be a custodian no more: no ask reaches him, and new epochs are split without him.

        Raises CustodyError when too few would remain, for new epochs or for one that is alive.
        """
        with self._database.write() as connection:
            lock(connection)  # two at once must not each count on the other's custodian
            active = {each.name: each for each in self._store.custodians() if each.active}
            if name not in active:
                raise CustodyError(f"{name!r} is no custodian", mend="See 'garim custodian list'")
            rest = active.keys() - {name}
            if len(rest) < self._threshold:
                raise CustodyError(
                    f"Without {name} there would be {len(rest)} custodians, and {self._threshold} are needed",
                    mend="Add another custodian first",
                )
            for epoch in self._store.epochs():
                holders = {share.custodian for share in self._store.shares(epoch.id)}
                if name in holders and len(holders & rest) < epoch.threshold:
                    known = ", ".join(sorted(holders))
                    raise CustodyError(
                        f"Without {name} nobody could open {epoch.id}: its shares are with {known}",
                        mend="Rotate first ('garim custodian rotate'), so that the others hold shares of it",
                    )
            append(
                connection,
                Entry(self._clock.utc(), by, Action.CUSTODIAN_REVOKED, f"custodian/{name}", {}, HOST),
            )
            self._store.put_custodian(name, active[name].recipient, active=False)
