"""Time stamps, with OpenSSL as the authority."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from recorder.evidence import stamp
from vcam.base.errors import ConfigError, CustodyError

pytest.importorskip("rfc3161_client", reason="the extra 'timestamp' is not installed")
SIGNATURE = b"untrusted comment: signature\n"


def certificate(
    name: str, issuer: tuple[x509.Certificate, rsa.RSAPrivateKey] | None
) -> tuple[x509.Certificate, rsa.RSAPrivateKey]:
    """A root, or a time-stamping certificate below one."""
    key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer[0].subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    if issuer is not None:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(usage, critical=True)
    return builder.sign(key if issuer is None else issuer[1], hashes.SHA256()), key


@pytest.fixture
def authority(tmp_path: Path) -> tuple[Callable[[bytes], bytes], x509.Certificate]:
    """What answers a query, and its root."""
    tool = shutil.which("openssl")
    if tool is None:
        pytest.skip("openssl is not installed")
    root = certificate("root", None)
    leaf, key = certificate("authority", root)
    (tmp_path / "tsa.pem").write_bytes(leaf.public_bytes(serialization.Encoding.PEM))
    (tmp_path / "root.pem").write_bytes(root[0].public_bytes(serialization.Encoding.PEM))
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "tsa.key").write_bytes(pem)
    (tmp_path / "serial").write_text("01\n", encoding="ascii")
    (tmp_path / "tsa.cnf").write_text(
        f"[tsa]\ndefault_tsa=one\n[one]\nserial={tmp_path}/serial\nsigner_cert={tmp_path}/tsa.pem\n"
        f"signer_key={tmp_path}/tsa.key\nsigner_digest=sha256\n"
        "default_policy=1.2.3.4\ndigests=sha256\ncrypto_device=builtin\naccuracy=secs:1\n",
        encoding="ascii",
    )

    def answer(query: bytes) -> bytes:
        (tmp_path / "query").write_bytes(query)
        run = [tool, "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query", "-out", "reply"]
        subprocess.run(run, cwd=tmp_path, check=True, capture_output=True)
        return (tmp_path / "reply").read_bytes()

    return answer, root[0]


def test_an_authority_says_when(authority: tuple[Callable[[bytes], bytes], x509.Certificate]) -> None:
    answer, root = authority
    reply = answer(stamp.query(SIGNATURE))
    when = datetime.fromtimestamp(stamp.check(reply, SIGNATURE, [root]) / 1_000_000, UTC)
    assert abs(datetime.now(UTC) - when) < timedelta(hours=1)
    with pytest.raises(CustodyError, match="does not fit"):
        stamp.check(reply, SIGNATURE + b" ", [root])
    with pytest.raises(CustodyError, match="does not fit"):
        stamp.check(reply, SIGNATURE, [certificate("root", None)[0]])
    with pytest.raises(CustodyError, match="cannot be read"):
        stamp.check(reply[:40], SIGNATURE, [root])
    altered = bytearray(reply)
    altered[-10] ^= 1
    with pytest.raises(CustodyError, match="time stamp"):
        stamp.check(bytes(altered), SIGNATURE, [root])


def test_a_root_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "root.pem").write_bytes(b"nonsense")
    for name in ("root.pem", "nowhere.pem"):
        with pytest.raises(ConfigError, match="holds no certificate"):
            stamp.read_roots(tmp_path / name)
