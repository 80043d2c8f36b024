"""The same server over TLS, by hand and with clients that nobody here wrote."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from onvif_server.front import Front
from onvif_server.rtsp import Limits

if TYPE_CHECKING:
    from tests.onvif_server.rtsp.conftest import Film, Run, Stage

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


async def test_who_does_not_begin_tls_is_let_go(stage: Start, tmp_path: Path) -> None:
    one = await stage(limits=Limits(handshake_timeout=0.2))
    server, _ = certificate(tmp_path)
    port = await one.server.start("127.0.0.1", 0, tls=server)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    async with asyncio.timeout(20):
        assert await reader.read() == b""
    writer.close()


async def test_the_same_is_served_over_tls(stage: Start, tmp_path: Path) -> None:
    one = await stage(secured=True)
    one.publish(1)
    server, trusting = certificate(tmp_path)
    plain = await one.client()
    one.port = await one.server.start("127.0.0.1", 0, tls=server)
    client = type(plain)(
        *await asyncio.open_connection("127.0.0.1", one.port, ssl=trusting, server_hostname="localhost"),
        url=f"rtsps://127.0.0.1:{one.port}/main",
    )
    await client.log_in()
    assert (await client.play()).status == 200
    assert (await client.frame())[0] == 1
    # Plain RTSP goes on beside it.
    await plain.log_in()
    assert (await plain.play()).status == 200
    assert one.server.clients == 2
    client.writer.close()
    await client.writer.wait_closed()


@pytest.mark.parametrize("way", ["goodbye", "end", "reset"])
async def test_whoever_leaves_upsets_nothing(stage: Start, tmp_path: Path, way: str) -> None:
    one = await stage(secured=True)
    one.publish(1)
    server, trusting = certificate(tmp_path)
    plain = await one.client()
    port = await one.server.start("127.0.0.1", 0, tls=server)
    client = type(plain)(
        *await asyncio.open_connection("127.0.0.1", port, ssl=trusting, server_hostname="localhost"),
        url=f"rtsps://127.0.0.1:{port}/main",
    )
    with structlog.testing.capture_logs() as logged:
        await client.log_in()
        await client.play()
        if way == "goodbye":
            await client.ask("TEARDOWN")
        if way == "reset":
            client.writer.transport.abort()
        client.writer.close()
        await one.until(lambda: len(one.server._open) == 1)
    assert not [each for each in logged if each["log_level"] == "error"]


async def test_nothing_is_sent_in_the_clear(stage: Start, tmp_path: Path) -> None:
    one = await stage(secured=True)
    one.publish(1)
    server, trusting = certificate(tmp_path)
    plain = await one.client()
    port = await one.server.start("127.0.0.1", 0, tls=server)
    client = type(plain)(
        *await asyncio.open_connection("127.0.0.1", port, ssl=trusting, server_hostname="localhost"),
        url=f"rtsps://127.0.0.1:{port}/main",
    )
    await client.log_in()
    udp = "RTP/AVP;unicast;client_port=50000-50001"
    for offer in (udp, "RTP/AVP;multicast", "RTP/SAVP;unicast;client_port=50000-50001"):
        assert (await client.ask("SETUP", f"{client.url}/trackID=0", Transport=offer)).status == 461
    both = f"{udp},RTP/AVP/TCP;unicast;interleaved=0-1"
    answer = await client.ask("SETUP", f"{client.url}/trackID=0", Transport=both)
    assert (answer.status, answer.get("Transport")[:11]) == (200, "RTP/AVP/TCP")
    client.writer.close()
    await client.writer.wait_closed()


async def test_a_client_that_does_not_read_is_dropped(stage: Start, tmp_path: Path) -> None:
    one = await stage(limits=Limits(backlog=200_000))
    one.publish(1)
    server, trusting = certificate(tmp_path)
    port = await one.server.start("127.0.0.1", 0, tls=server)
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port, ssl=trusting, server_hostname="localhost", limit=4096
    )
    writer.write(b"SETUP rtsp://a/main/trackID=0 RTSP/1.0\r\nCSeq: 1\r\nTransport: RTP/AVP/TCP\r\n\r\n")
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    session = head.partition("Session: ")[2].partition(";")[0]
    writer.write(f"PLAY rtsp://a/main RTSP/1.0\r\nCSeq: 2\r\nSession: {session}\r\n\r\n".encode())
    await one.until(lambda: one.server.clients == 1)
    async with asyncio.timeout(20):
        while one.server.clients:
            one.publish(1)
            await asyncio.sleep(0)
    writer.transport.abort()


async def receives(run: Run, film: Film, transport: str, url: str) -> None:
    """FFmpeg is sent the film from its beginning."""
    command = ["ffmpeg", "-v", "error", "-rtsp_transport", transport, "-i", url, "-fps_mode", "passthrough"]
    code, out, errors = await run(*command, "-frames:v", "45", "-f", "rawvideo", "-")
    assert (code, errors) == (0, "")
    size = 320 * 192 * 3 // 2
    received = [hashlib.sha256(out[at : at + size]).hexdigest() for at in range(0, len(out), size)]
    assert received == film.digests[:45]


@pytest.mark.parametrize("transport", ["tcp", "https"])
async def test_ffmpeg(stage: Start, film: Film, run: Run, tmp_path: Path, transport: str) -> None:
    one = await stage(secured=True, metadata=True)
    server, _ = certificate(tmp_path)
    one.port = await one.server.start("127.0.0.1", 0, tls=server)
    one.roll()
    await receives(
        run, film, transport, one.url().replace("rtsp:", "rtsps:" if transport == "tcp" else "rtsp:")
    )


async def test_ffmpeg_through_the_door_of_a_web_port(
    stage: Start, film: Film, run: Run, tmp_path: Path
) -> None:
    one = await stage(secured=True)
    server, _ = certificate(tmp_path)

    def door() -> Front:
        return Front(asyncio.Protocol, one.server.adopt, 10.0, set())

    listener = await asyncio.get_running_loop().create_server(door, "127.0.0.1", 0, ssl=server)
    one.port = listener.sockets[0].getsockname()[1]
    one.roll()
    await receives(run, film, "https", one.url())
    listener.close()
