"""Certificates for TLS, judged by Python's own TLS client."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509

from onvif_server.certificate import LIFE, RENEW, GivenPair, OwnPair, Secure
from vcam.base.clock import ManualClock, SystemClock
from vcam.base.errors import ConfigError

NOW = int(datetime.now(UTC).timestamp() * 1e6)


def read(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


@asynccontextmanager
async def serving(context: ssl.SSLContext) -> AsyncIterator[int]:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def greet(port: int, trusted: Path, **limits: ssl.TLSVersion) -> str | None:
    """The version of TLS on which a client that trusts the file and knows the name agrees with the server."""
    client = ssl.create_default_context(cafile=trusted)
    for name, version in limits.items():
        setattr(client, name, version)
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client)
    version = writer.get_extra_info("ssl_object").version()
    writer.transport.abort()
    return str(version)


async def test_a_client_that_trusts_it_is_served_by_tls_12_and_later(tmp_path: Path) -> None:
    pair = OwnPair(tmp_path / "tls", "front", ["127.0.0.1", "::1", "camera.example"], SystemClock())
    async with serving(Secure(pair).context) as port:
        assert await greet(port, pair.certificate) == "TLSv1.3"
        assert await greet(port, pair.certificate, maximum_version=ssl.TLSVersion.TLSv1_2) == "TLSv1.2"
        with pytest.warns(DeprecationWarning, match="TLSv1_1"), pytest.raises((ssl.SSLError, ConnectionError)):
            await greet(port, pair.certificate, maximum_version=ssl.TLSVersion.TLSv1_1)
        # whoever was refused is gone, and others are served as before
        assert await greet(port, pair.certificate) == "TLSv1.3"


async def test_a_client_that_knows_it_by_another_address_does_not_trust_it(tmp_path: Path) -> None:
    pair = OwnPair(tmp_path, "front", ["192.0.2.21"], SystemClock())
    async with serving(Secure(pair).context) as port:
        with pytest.raises(ssl.SSLCertVerificationError, match="IP address mismatch"):
            await greet(port, pair.certificate)


def test_the_key_is_the_owners_alone(tmp_path: Path) -> None:
    pair = OwnPair(tmp_path, "front", ["127.0.0.1"], SystemClock())
    pair.prepare()
    assert pair.key.stat().st_mode & 0o777 == 0o600


def test_it_is_kept_until_shortly_before_its_end(tmp_path: Path) -> None:
    clock = ManualClock(utc=NOW)
    pair = OwnPair(tmp_path, "front", ["127.0.0.1"], clock)
    secure = Secure(pair)
    first = read(pair.certificate)
    clock.advance((LIFE - RENEW).total_seconds() - 60)
    secure.refresh()
    assert read(pair.certificate) == first
    clock.advance(120)
    secure.refresh()
    assert read(pair.certificate).not_valid_after_utc > first.not_valid_after_utc


def test_a_new_address_needs_a_new_one_and_one_less_does_not(tmp_path: Path) -> None:
    def serial(*hosts: str) -> int:
        pair = OwnPair(tmp_path, "front", hosts, SystemClock())
        pair.prepare()
        return read(pair.certificate).serial_number

    first = serial("127.0.0.1", "192.0.2.5")
    assert serial("192.0.2.5") == first
    assert serial("192.0.2.6") != first


def test_a_spoilt_or_foreign_key_is_made_anew(tmp_path: Path) -> None:
    pair = OwnPair(tmp_path, "front", ["127.0.0.1"], SystemClock())
    pair.prepare()
    first = read(pair.certificate).serial_number
    pair.key.write_bytes(b"spoilt")
    Secure(pair)
    assert read(pair.certificate).serial_number != first


async def test_files_that_somebody_else_renews_are_taken_up(tmp_path: Path) -> None:
    given = GivenPair(tmp_path / "a.crt", tmp_path / "a.key")
    for name in ("old", "new"):
        made = OwnPair(tmp_path, name, ["127.0.0.1"], SystemClock())
        made.prepare()
    for file in ("crt", "key"):
        (tmp_path / f"a.{file}").write_bytes((tmp_path / f"old.{file}").read_bytes())
    secure = Secure(given)
    async with serving(secure.context) as port:
        assert await greet(port, tmp_path / "old.crt") == "TLSv1.3"
        for file in ("crt", "key"):
            (tmp_path / f"a.{file}").write_bytes((tmp_path / f"new.{file}").read_bytes())
        secure.refresh()
        assert await greet(port, tmp_path / "new.crt") == "TLSv1.3"


def test_files_that_are_no_good_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.crt cannot be read"):
        Secure(GivenPair(tmp_path / "absent.crt", tmp_path / "absent.key"))
    for name in ("a", "b"):
        OwnPair(tmp_path, name, ["127.0.0.1"], SystemClock()).prepare()
    with pytest.raises(ConfigError, match=r"a\.crt cannot be used"):
        Secure(GivenPair(tmp_path / "a.crt", tmp_path / "b.key"))
