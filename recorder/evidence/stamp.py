"""Time stamps of another authority over an export's signature (RFC 3161). Needs the extra `timestamp`.

The stamp covers `manifest.json.minisig`, so it says that the manifest was signed no later. The query leaves and the
reply comes back as files: nothing here reaches for the network.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509

from vcam.base.errors import ConfigError, CustodyError

if TYPE_CHECKING:
    from types import ModuleType

_START = datetime(1970, 1, 1, tzinfo=UTC)


def query(signature: bytes) -> bytes:
    """A time-stamp request (DER) over `signature`, with SHA-256 and a nonce. Raises ConfigError without the extra."""
    client = _client()
    builder = client.TimestampRequestBuilder().data(signature)
    made = builder.hash_algorithm(client.HashAlgorithm.SHA256).nonce(nonce=True).cert_request(cert_request=True)
    return bytes(made.build().as_bytes())


def read_roots(path: Path) -> list[x509.Certificate]:
    """The authorities' root certificates in a PEM file. Raises ConfigError."""
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{path} holds no certificate", mend="Give the authority's root certificate as PEM"
        ) from error


def check(reply: bytes, signature: bytes, roots: list[x509.Certificate]) -> int:
    """When the authority stamped `signature`, us UTC, by a reply in DER.

    Raises CustodyError unless one of `roots` vouches for it, ConfigError without the extra.
    """
    client = _client()
    try:
        response = client.decode_timestamp_response(reply)
    except ValueError as error:
        raise CustodyError("The time stamp cannot be read", mend="Ask the authority again") from error
    builder = client.VerifierBuilder()
    for root in roots:
        builder = builder.add_root_certificate(root)
    try:
        builder.build().verify_message(response, signature)
    except (client.VerificationError, ValueError) as error:
        raise CustodyError(
            f"The time stamp does not fit: {error}", mend="Give the authority's root certificate"
        ) from error
    imprint = bytes(response.tst_info.message_imprint.message)
    if len(imprint) < hashlib.sha256().digest_size:
        raise CustodyError("The time stamp's hash is too short", mend="Ask for SHA-256 or more")
    when: datetime = response.tst_info.gen_time
    return (when.astimezone(UTC) - _START) // timedelta(microseconds=1)


def _client() -> ModuleType:
    try:
        import rfc3161_client
    except ImportError:
        raise ConfigError(
            "Time stamps need the package rfc3161-client", mend="Install it: pip install 'garim[timestamp]'"
        ) from None
    return rfc3161_client
