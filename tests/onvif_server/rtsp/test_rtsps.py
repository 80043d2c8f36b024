"""The same server over TLS."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from tests.onvif_server.rtsp.conftest import Stage

    Start = Callable[..., Awaitable[Stage]]


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Contexts of a server with a certificate for 127.0.0.1, and of a client that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cafile=file)


async def test_the_same_is_served_over_tls(stage: Start, tmp_path: Path) -> None:
    one = await stage(secured=True)
    one.publish(1)
    server, trusting = certificate(tmp_path)
    one.port = await one.server.start("127.0.0.1", 0, tls=server)
    plain = await one.client()
    client = type(plain)(
        *await asyncio.open_connection("127.0.0.1", one.port, ssl=trusting, server_hostname="localhost"),
        url=f"rtsps://127.0.0.1:{one.port}/main",
    )
    await client.log_in()
    assert (await client.play()).status == 200
    assert (await client.frame())[0] == 1
    client.writer.close()
    await client.writer.wait_closed()
