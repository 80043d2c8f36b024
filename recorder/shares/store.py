"""Custodians, epochs, their shares, and the answers to releases. See docs/design/custody.md."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Self

from recorder.shares.file import ShareFile, erase, keep
from recorder.shares.records import Custodian, Epoch, Release, SealedShare
from recorder.signing import RECORDER, PublicKey, SigningKey
from vcam.base.clock import Clock, SystemClock
from vcam.base.errors import CustodyError

FILE = "shares.sqlite"
"""Name of the store in the folder of site.state."""
_BATCH = 500
_SHARES = (
    "SELECT epoch, custodian, number, substr(content, 1, size) FROM share JOIN slot ON slot.id = share.slot"
)


class ShareStore:
    """Opened by `ShareStore.open`; any thread, several processes. Every failure is a RecordError or CustodyError.

    Rows of custodians, epochs and releases are signed by the recorder's key (folder `keys` beside the file): who may
    write the file but does not have the key cannot slip in a public key of his own.
    """

    def __init__(self, file: ShareFile, key: SigningKey, clock: Clock) -> None:
        self._file = file
        self._key = key
        self._clock = clock

    @classmethod
    def open(cls, path: Path, *, clock: Clock | None = None) -> Self:
        """Open or make the store at `path`. Raises RecordError."""
        key = SigningKey.open(path.parent / "keys", RECORDER)
        return cls(ShareFile(path), key, clock or SystemClock())

    @property
    def recorder(self) -> PublicKey:
        """The public half of the recorder's key, which signs rows here and in the index."""
        return self._key.public

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    # --- custodians

    def custodians(self) -> list[Custodian]:
        """Everybody who is or was one, by name. Raises CustodyError when a row is not signed by this recorder."""
        rows = self._file.rows(
            "SELECT name, recipient, active, changed, signature FROM custodian ORDER BY name"
        )
        found = []
        for name, recipient, active, changed, signature in rows:
            custodian = Custodian(name, recipient, bool(active), changed)
            self._verify(signature, custodian.signed(), f"Custodian {name}")
            found.append(custodian)
        return found

    def put_custodian(self, name: str, recipient: str, *, active: bool = True) -> Custodian:
        """Add a custodian, or change his recipient or whether he is one."""
        with self._file.write() as connection:
            return self._put(connection, name, recipient, active=active)

    def _put(self, connection: Any, name: str, recipient: str, *, active: bool) -> Custodian:
        custodian = Custodian(name, recipient, active, self._clock.utc())
        connection.execute(
            "INSERT INTO custodian VALUES (?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET "
            "recipient = excluded.recipient, active = excluded.active, changed = excluded.changed, "
            "signature = excluded.signature",
            (name, recipient, int(active), custodian.changed, self._key.sign(custodian.signed())),
        )
        return custodian

    # --- epochs and shares

    def epoch(self, epoch_id: str) -> Epoch | None:
        """One epoch, destroyed or not. Raises CustodyError when its row is not signed by this recorder."""
        found = self._epochs("WHERE id = ?", epoch_id)
        return found[0] if found else None

    def epochs(self, camera: str | None = None) -> list[Epoch]:
        """The epochs that are alive, in order of time for each camera."""
        if camera is None:
            return self._epochs("WHERE destroyed IS NULL ORDER BY id")
        return self._epochs(
            "WHERE destroyed IS NULL AND id > ? AND id < ? ORDER BY id", f"{camera}/", f"{camera}0"
        )

    def latest(self, camera: str, before: str) -> Epoch | None:
        """The camera's last living epoch up to the one named `before`."""
        found = self._epochs(
            "WHERE destroyed IS NULL AND id > ? AND id <= ? ORDER BY id DESC LIMIT 1", f"{camera}/", before
        )
        return found[0] if found else None

    def add_epoch(
        self, epoch_id: str, recipient: str, threshold: int, shares: Iterable[tuple[int, str, bytes]]
    ) -> Epoch:
        """Keep a fresh epoch with its shares (number, custodian, sealed), in one commit.

        Where another process was first, its epoch is returned and these shares are dropped. Raises CustodyError when
        the epoch was destroyed: it never returns.
        """
        epoch = Epoch(epoch_id, recipient, threshold, self._clock.utc())
        signature = self._key.sign(epoch.signed())
        with self._file.write() as connection:
            row = (epoch_id, recipient, threshold, epoch.created, None, signature)
            added = connection.execute(
                "INSERT INTO epoch VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", row
            ).rowcount
            if added:
                _add_shares(connection, epoch_id, shares)
        kept = epoch if added else self.epoch(epoch_id)
        if kept is None or kept.destroyed is not None:
            raise CustodyError(
                f"Epoch {epoch_id} was destroyed and never returns", mend="Record into another hour"
            )
        return kept

    def shares(self, epoch_id: str) -> list[SealedShare]:
        """The shares of one epoch by number; none when it is destroyed or unknown."""
        rows = self._file.rows(f"{_SHARES} WHERE epoch = ? ORDER BY number", epoch_id)
        return [SealedShare(*row) for row in rows]

    def shares_of(self, custodian: str, epochs: Collection[str]) -> list[SealedShare]:
        """One custodian's shares of these epochs, by epoch."""
        found: list[SealedShare] = []
        for batch in _batches(epochs):
            rows = self._file.rows(
                f"{_SHARES} WHERE custodian = ? AND epoch IN ({_marks(batch)}) ORDER BY epoch",
                custodian,
                *batch,
            )
            found += [SealedShare(*row) for row in rows]
        return sorted(found, key=lambda share: share.epoch)

    def alive(self, ids: Collection[str]) -> set[str]:
        """Those of `ids` that are known and not destroyed."""
        found: set[str] = set()
        for batch in _batches(ids):
            query = f"SELECT id FROM epoch WHERE destroyed IS NULL AND id IN ({_marks(batch)})"  # noqa: S608
            found.update(row[0] for row in self._file.rows(query, *batch))
        return found

    def destroy(self, ids: Collection[str]) -> int:
        """Destroy the shares of these epochs for good; how many were alive or unknown until now.

        Once this returns, no copy of them is in the file or its log. Each leaves a tombstone, unknown ones too, so
        that it never returns. Doing it twice does no harm. Raises RecordError: then call it again.
        """
        now = self._clock.utc()
        count = 0
        with self._file.write() as connection:
            for epoch_id in sorted(set(ids)):
                _remove_shares(connection, epoch_id)
                marked = connection.execute(
                    "UPDATE epoch SET destroyed = ? WHERE id = ? AND destroyed IS NULL", (now, epoch_id)
                ).rowcount
                if not marked:
                    nobody = Epoch(epoch_id, "", 2, now)
                    row = (epoch_id, "", 2, now, now, self._key.sign(nobody.signed()))
                    marked = connection.execute(
                        "INSERT INTO epoch VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", row
                    ).rowcount
                count += marked
        if ids:
            self._file.scrub()
        return count

    def rotate(
        self,
        custodians: Sequence[tuple[str, str]],
        epochs: Iterable[tuple[str, int, Sequence[tuple[int, str, bytes]]]],
    ) -> int:
        """Put new recipients of custodians (name, recipient) and new shares in place of the old ones, in one commit.

        `epochs` gives for each its id, threshold and new shares (number, custodian, sealed). Epochs that were
        destroyed meanwhile stay so. Returns how many epochs changed.
        """
        count = 0
        with self._file.write() as connection:
            for name, recipient in custodians:
                self._put(connection, name, recipient, active=True)
            for epoch_id, threshold, shares in epochs:
                row = connection.execute(
                    "SELECT id, recipient, created FROM epoch WHERE id = ? AND destroyed IS NULL", (epoch_id,)
                ).fetchone()
                if row is None:
                    continue
                signed = Epoch(epoch_id, row[1], threshold, row[2]).signed()
                _remove_shares(connection, epoch_id)
                connection.execute(
                    "UPDATE epoch SET threshold = ?, signature = ? WHERE id = ?",
                    (threshold, self._key.sign(signed), epoch_id),
                )
                _add_shares(connection, epoch_id, shares)
                count += 1
        self._file.scrub()
        return count

    # --- releases

    def begin(self, release: Release) -> None:
        """Keep a release under way."""
        with self._file.write() as connection:
            connection.execute(
                "INSERT INTO release VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    release.id,
                    release.request,
                    release.created,
                    release.expires,
                    release.recipient,
                    release.document,
                    self._key.sign(release.signed()),
                ),
            )

    def releases(self) -> list[Release]:
        """The releases under way, the oldest first."""
        columns = "id, request, created, expires, recipient, document, signature"
        found = []
        for *fields, signature in self._file.rows(f"SELECT {columns} FROM release ORDER BY created, id"):  # noqa: S608
            release = Release(*fields)
            self._verify(signature, release.signed(), f"Release {release.id}")
            found.append(release)
        return found

    def release(self, release_id: str) -> Release:
        """A release under way. Raises CustodyError."""
        for release in self.releases():
            if release.id == release_id:
                return release
        raise CustodyError(f"There is no release {release_id!r} under way", mend="See 'garim release status'")

    def answer(self, release_id: str, custodian: str, sealed: bytes) -> None:
        """Keep a custodian's answer, in place of an earlier one of his."""
        with self._file.write() as connection:
            _remove_answers(connection, "release = ? AND custodian = ?", release_id, custodian)
            connection.execute(
                "INSERT INTO answer VALUES (?, ?, ?, ?, ?)",
                (release_id, custodian, self._clock.utc(), len(sealed), keep(connection, sealed)),
            )

    def answers(self, release_id: str) -> dict[str, bytes]:
        """Answers to a release by custodian, each an age file to the release's recipient."""
        rows = self._file.rows(
            "SELECT custodian, substr(content, 1, size) FROM answer JOIN slot ON slot.id = answer.slot "
            "WHERE release = ? ORDER BY custodian",
            release_id,
        )
        return dict(rows)

    def forget(self, release_id: str) -> None:
        """Destroy a release's answers and the release itself. Doing it twice does no harm."""
        with self._file.write() as connection:
            _remove_answers(connection, "release = ?", release_id)
            connection.execute("DELETE FROM release WHERE id = ?", (release_id,))
        self._file.scrub()

    def _epochs(self, where: str, *values: object) -> list[Epoch]:
        columns = "id, recipient, threshold, created, destroyed, signature"
        found = []
        for *fields, signature in self._file.rows(f"SELECT {columns} FROM epoch {where}", *values):  # noqa: S608
            epoch = Epoch(*fields)
            self._verify(signature, epoch.signed(), f"Epoch {epoch.id}")
            found.append(epoch)
        return found

    def _verify(self, signature: bytes, signed: bytes, what: str) -> None:
        if not self._key.public.verify(signature, signed):
            raise CustodyError(
                f"{what} in the share store is not signed by this recorder",
                mend="Somebody else wrote it, or keys/recorder.key is not the one that signed it: restore that key, "
                "or the store, before anything is recorded or released",
            )


def _add_shares(connection: Any, epoch_id: str, shares: Iterable[tuple[int, str, bytes]]) -> None:
    for number, custodian, sealed in shares:
        row = (epoch_id, custodian, number, len(sealed), keep(connection, sealed))
        connection.execute("INSERT INTO share VALUES (?, ?, ?, ?, ?)", row)


def _remove_shares(connection: Any, epoch_id: str) -> None:
    slots = connection.execute("DELETE FROM share WHERE epoch = ? RETURNING slot", (epoch_id,)).fetchall()
    erase(connection, (slot for (slot,) in slots))


def _remove_answers(connection: Any, where: str, *values: str) -> None:
    query = f"DELETE FROM answer WHERE {where} RETURNING slot"  # noqa: S608
    erase(connection, [slot for (slot,) in connection.execute(query, values).fetchall()])


def _batches(ids: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(sorted(set(ids)))
    while batch := list(islice(rest, _BATCH)):
        yield batch


def _marks(values: Sequence[str]) -> str:
    return ",".join("?" * len(values))
