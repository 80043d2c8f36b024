"""A signed head of the log: what it says, and how it looks on paper or in a mail."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from recorder.signing import PublicKey, SigningKey
from vcam.base.canonical import canonical
from vcam.base.errors import CustodyError

BEGIN = "-----BEGIN GARIM AUDIT HEAD-----"
END = "-----END GARIM AUDIT HEAD-----"

_LONGEST = 1 << 16
_Sized = TypeVar("_Sized", str, bytes)


@dataclass(frozen=True, slots=True)
class Head:
    """The log's first `size` entries, at `time` (us UTC), have the Merkle tree hash `root` (32 bytes).

    `key` is the Ed25519 public key (32 bytes) that made `signature` (64 bytes) over `statement`.
    """

    size: int
    time: int
    root: bytes
    key: bytes
    signature: bytes

    @classmethod
    def sign(cls, size: int, time: int, root: bytes, key: SigningKey) -> Head:
        """A new head."""
        public = key.public.raw
        return cls(size, time, root, public, key.sign(_statement(size, time, root, public)))

    @property
    def statement(self) -> bytes:
        """What is signed, as canonical JSON. Its kind keeps it apart from whatever else the key signs."""
        return _statement(self.size, self.time, self.root, self.key)

    @property
    def genuine(self) -> bool:
        """Whether the signature is that of `key`. Whose key that is, the caller must know."""
        try:
            return PublicKey(b"", self.key).verify(self.signature, self.statement)
        except ValueError:  # numbers that canonical JSON cannot keep, which nobody has signed
            return False

    def text(self) -> str:
        """Seven short lines that survive printing, typing and mail."""
        signature = base64.b64encode(self.signature).decode()
        when = datetime.fromtimestamp(self.time // 1_000_000, UTC)
        return "\n".join(
            (
                f"Audit log, {self.size} entries, {when:%Y-%m-%d %H:%M:%S} UTC",
                BEGIN,
                f"size: {self.size}",
                f"time: {self.time}",
                f"root: {self.root.hex()}",
                f"key: {self.key.hex()}",
                f"signature: {signature[:44]}",
                signature[44:],
                END,
                "",
            )
        )

    @classmethod
    def parse_all(cls, text: str) -> list[Head]:
        """Every head in `text`, such as several that were put into one file. Raises CustodyError, also for none."""
        _, *found = text.split(BEGIN)
        return [cls.parse(BEGIN + each) for each in found] or [cls.parse(text)]

    @classmethod
    def parse(cls, text: str) -> Head:
        """The first head in `text`, quoted or wrapped as mail may have made it. Raises CustodyError."""
        _, begun, rest = text[:_LONGEST].partition(BEGIN)
        block, ended, _ = rest.partition(END)
        fields: dict[str, str] = {}
        name = ""
        for word in block.replace(">", " ").split():
            if word.endswith(":"):
                name = word[:-1]
                fields[name] = "" if name not in fields else "twice"
            else:
                fields[name] = fields.get(name, "") + word
        try:
            _exactly(begun + ended, len(BEGIN + END))
            found = cls(
                int(fields["size"]),
                int(fields["time"]),
                _exactly(bytes.fromhex(fields["root"]), 32),
                _exactly(bytes.fromhex(fields["key"]), 32),
                _exactly(base64.b64decode(fields["signature"], validate=True), 64),
            )
            canonical([found.size, found.time])  # refuses what JSON could not keep
        except (ValueError, KeyError, binascii.Error):
            raise CustodyError(
                "This is no head of an audit log", mend="Give a file that 'garim audit head' has written"
            ) from None
        return found


def _exactly(data: _Sized, size: int) -> _Sized:
    if len(data) != size:
        raise ValueError
    return data


def _statement(size: int, time: int, root: bytes, key: bytes) -> bytes:
    return canonical(
        {"kind": "garim audit head", "size": size, "time": time, "root": root.hex(), "key": key.hex()}
    )
