"""C2PA claims: what is signed into a video is read by the library that others read it with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from recorder.evidence.claims import Credentials, claim, state
from tests.vcam.export.support import INFO, units
from vcam.base.errors import ConfigError, CustodyError
from vcam.export.remux import remux
from vcam.export.timeline import places

pytest.importorskip("c2pa", reason="the extra 'c2pa' is not installed")
_Pair = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]


def certificate(name: str, issuer: _Pair | None = None) -> _Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, name), x509.NameAttribute(NameOID.ORGANIZATION_NAME, "test")]
    )
    above, signing = (subject, key) if issuer is None else (issuer[0].subject, issuer[1])
    now, top = datetime.now(UTC), issuer is None
    usage = x509.KeyUsage(not top, False, False, False, False, top, top, False, False)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(above)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=top, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False)
        .add_extension(usage, critical=True)
    )
    if not top:
        email = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        builder = builder.add_extension(email, critical=False)
    return builder.sign(signing, hashes.SHA256()), key


def credentials() -> Credentials:
    root = certificate("root")
    leaf, key = certificate("camera", root)
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Credentials(leaf.public_bytes(pem) + root[0].public_bytes(pem), private)


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / "in.mp4"
    sent = units()
    with path.open("wb") as out:
        remux(out, INFO, sent, places(sent, INFO.fps))
    return path


def test_a_claim_fits_its_file_and_no_other(video: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    assert state(video) == "none"
    claim(video, out, credentials(), title="E20260101-00000001", version="0")
    assert state(out) == "valid"
    data = bytearray(out.read_bytes())
    data[-500] ^= 1
    out.write_bytes(data)
    assert state(out) == "invalid"


def test_credentials_that_are_none_are_named(video: Path, tmp_path: Path) -> None:
    with pytest.raises(CustodyError, match="C2PA claim"):
        claim(video, tmp_path / "out.mp4", Credentials(b"nonsense", b"nonsense"), title="x", version="0")
    assert not (tmp_path / "out.mp4").exists()
    with pytest.raises(ConfigError, match="cannot be read"):
        Credentials.read(tmp_path / "chain.pem", tmp_path / "key.pem")
