"""The certificate by which a virtual device proves itself over TLS: one that it is given, or signs itself."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from vcam.base.clock import Clock
from vcam.base.errors import ConfigError
from vcam.base.partfile import write_whole

LIFE = timedelta(days=397)
"""How long a certificate of our own making is good: what browsers bear."""
RENEW = timedelta(days=30)
"""How long before its end it is made anew."""
LOOK = 6 * 3600.0
"""Seconds between looks at certificates in use."""

_KEY_BITS = 2048
_log = structlog.get_logger()


class Pair(Protocol):
    """A certificate and its private key, as PEM files."""

    @property
    def certificate(self) -> Path: ...

    @property
    def key(self) -> Path: ...

    def prepare(self) -> None:
        """See that both files are there and good. Raises ConfigError."""


class GivenPair:
    """Files that somebody else keeps."""

    def __init__(self, certificate: Path, key: Path) -> None:
        self.certificate = certificate
        self.key = key

    def prepare(self) -> None:
        for path in (self.certificate, self.key):
            try:
                with path.open("rb"):
                    pass
            except OSError as error:
                raise ConfigError(
                    f"{path} cannot be read ({error.strerror})",
                    mend="Let onvif.tls name PEM files that Garim's user may read",
                ) from error


class OwnPair:
    """A certificate for `hosts` (addresses and names), signed by itself and kept in `folder` as `name`.

    It is made anew `RENEW` before its end, and when it is not for all of `hosts`. RSA with 2048 bits and SHA-256,
    which old NVRs know too.
    """

    def __init__(self, folder: Path, name: str, hosts: Sequence[str], clock: Clock) -> None:
        self.certificate = folder / f"{name}.crt"
        self.key = folder / f"{name}.key"
        self._name = name
        self._hosts = tuple(dict.fromkeys(hosts))
        self._clock = clock

    def prepare(self) -> None:
        if self._good():
            return
        key = rsa.generate_private_key(65537, _KEY_BITS)
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        public = self._sign(key).public_bytes(serialization.Encoding.PEM)
        try:
            self.key.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self.key, private, mode=0o600)
            write_whole(self.certificate, public, mode=0o644)
        except OSError as error:
            raise ConfigError(
                f"{self.key.parent} cannot be written ({error.strerror})",
                mend="Let site.state name a folder that Garim's user may write to",
            ) from error
        _log.info("TLS certificate made", camera=self._name, file=self.certificate.name)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.utc() / 1e6, UTC)

    def _good(self) -> bool:
        try:
            found = x509.load_pem_x509_certificate(self.certificate.read_bytes())
            private = serialization.load_pem_private_key(self.key.read_bytes(), None)
            names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except (OSError, ValueError, TypeError, x509.ExtensionNotFound):
            return False
        now = self._now()
        lasting = found.not_valid_before_utc <= now < found.not_valid_after_utc - RENEW
        return lasting and set(self._names()) <= set(names) and found.public_key() == private.public_key()

    def _names(self) -> list[x509.GeneralName]:
        return [_name(host) for host in self._hosts]

    def _sign(self, key: rsa.RSAPrivateKey) -> x509.Certificate:
        now = self._now()
        who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self._name)])
        usage = x509.KeyUsage(True, False, True, False, False, False, False, False, False)
        made = (
            x509.CertificateBuilder()
            .subject_name(who)
            .issuer_name(who)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            # A client whose clock is a little slow must not think that it is not yet good.
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + LIFE)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.SubjectAlternativeName(self._names()), critical=False)
        )
        return made.sign(key, hashes.SHA256())


def _name(host: str) -> x509.GeneralName:
    with contextlib.suppress(ValueError):
        return x509.IPAddress(ipaddress.ip_address(host.strip("[]")))
    return x509.DNSName(host)


class Secure:
    """TLS 1.2 and later for servers, by the certificate of `pair`. Raises ConfigError when that is no good."""

    def __init__(self, pair: Pair) -> None:
        self._pair = pair
        self._loaded: tuple[float, float] | None = None
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.refresh()

    def refresh(self) -> None:
        """Take up a certificate that was renewed; connections that are open keep the old one."""
        self._pair.prepare()
        try:
            found = (self._pair.certificate.stat().st_mtime, self._pair.key.stat().st_mtime)
            if found != self._loaded:
                # An empty passphrase, or OpenSSL would ask for one at the terminal.
                self.context.load_cert_chain(self._pair.certificate, self._pair.key, password=lambda: b"")
                self._loaded = found
        except (OSError, ValueError) as error:
            raise ConfigError(
                f"{self._pair.certificate} cannot be used ({error})",
                mend="Let onvif.tls name a certificate and the private key that belongs to it, both as PEM",
            ) from error

    async def keep(self) -> None:
        """Refresh for ever; what fails is logged, and the certificate at hand is used on."""
        while True:
            await asyncio.sleep(LOOK)
            try:
                await asyncio.to_thread(self.refresh)
            except ConfigError as error:
                _log.error("TLS certificate not renewed", error=error.what, mend=error.mend)
