"""An epoch's key pair: made, split between custodians and forgotten at once; joined again by a release alone."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from recorder.vault import bech32, shamir
from recorder.vault.envelope import seal
from recorder.vault.keys import Identity
from recorder.vault.share import SPLIT_SIZE, Share
from vcam.base.errors import VaultError


@dataclass(frozen=True, slots=True)
class Sealed:
    """One share, encrypted to its custodian."""

    number: int
    custodian: str
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Split:
    """What remains of a fresh epoch: its recipient (age1...), and the shares, none of which we can open."""

    epoch: str
    recipient: str
    threshold: int
    shares: tuple[Sealed, ...]


def make(epoch: str, threshold: int, custodians: Mapping[str, str]) -> Split:
    """A new key pair for `epoch`, split between `custodians`: name to recipient.

    The private half exists inside this call alone. Raises VaultError.
    """
    identity = Identity.generate()
    return Split(epoch, identity.recipient, threshold, share_out(identity, epoch, threshold, custodians))


def share_out(
    identity: Identity, epoch: str, threshold: int, custodians: Mapping[str, str]
) -> tuple[Sealed, ...]:
    """Split `identity`, an epoch's, between `custodians` anew. Raises VaultError."""
    public = identity.key.public_key().public_bytes_raw()
    name = secrets.token_bytes(SPLIT_SIZE)
    values = shamir.split(identity.key.private_bytes_raw(), threshold, len(custodians))
    sealed = []
    for (number, value), (custodian, recipient) in zip(values.items(), custodians.items(), strict=True):
        share = Share(epoch, number, threshold, name, public, value)
        sealed.append(Sealed(number, custodian, seal(bytes(share), recipient)))
    return tuple(sealed)


def join(epoch: str, recipient: str, shares: Collection[Share]) -> Identity:
    """The private key of `epoch` out of its shares, checked against its public half.

    Raises VaultError when they are too few, of another epoch or another splitting, or when they do not join.
    """
    for share in shares:
        if share.epoch != epoch or bech32.encode("age", share.public) != recipient:
            raise VaultError(
                f"A share of {share.epoch} was given for {epoch}", mend="Let the custodian answer the ask again"
            )
    needed = max((share.threshold for share in shares), default=2)
    by_number = {share.number: share for share in shares}
    if len(by_number) < needed:
        raise VaultError(
            f"Epoch {epoch}: {len(by_number)} shares of {needed} that are needed",
            mend="Let more custodians answer the ask",
        )
    if len({(share.split, share.threshold) for share in shares}) != 1:
        raise VaultError(
            f"Epoch {epoch}: the shares are of different splittings of its key",
            mend="Cancel the release and ask again: custodians were rotated in between",
        )
    chosen = sorted(by_number.values(), key=lambda share: share.number)[:needed]
    secret = shamir.join({share.number: share.value for share in chosen})
    identity = Identity(X25519PrivateKey.from_private_bytes(secret))
    if identity.recipient != recipient:
        raise VaultError(
            f"Epoch {epoch}: the shares do not join to its key", mend="A share is false: ask the others"
        )
    return identity
