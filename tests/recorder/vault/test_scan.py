"""The thief's search finds what is readable, and nothing where nothing is."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from recorder.descriptor import SegmentDescriptor
from recorder.index import Index
from recorder.layout import BODY, HEADER, PART, with_suffix
from recorder.masked import MaskedWriter
from recorder.raw import RawWriter
from recorder.vault.header import Header, derive, unwrap
from recorder.vault.keys import Identity
from recorder.vault.payload import NONCE
from recorder.vault.scan import leaks, readable_without_key
from recorder.vault.sps import holds_video
from tests.recorder.support import encode, files, masked, real_units
from vcam.base.clock import ManualClock


@pytest.fixture
def stolen(tmp_path: Path, identity: Identity) -> Path:
    """A media folder and its index, as a thief has them."""
    info, units = encode(50)
    segments: list[SegmentDescriptor] = []
    raw = RawWriter(
        tmp_path / "disk" / "media", "gate", [identity.recipient], 1, segments.append, ManualClock()
    )
    raw.stream(info)
    for unit in units:
        raw.raw(unit)
    raw.close()
    index = Index.open(f"sqlite:///{tmp_path / 'disk' / 'index.db'}")
    for segment in segments:
        index.add(segment)
    index.close()
    return tmp_path / "disk"


def secrets_of(stolen: Path, identity: Identity) -> dict[str, bytes]:
    """Every key that opens the first segment."""
    header = files(stolen, HEADER)[0]
    body = with_suffix(header.with_name(header.name.removesuffix(HEADER)), BODY)
    stanza = Header.parse(header.read_bytes()).stanzas[0]
    file_key = unwrap(stanza, identity)
    assert file_key is not None
    share = base64.b64decode(stanza.arguments[1] + "=")
    shared = identity.key.exchange(X25519PublicKey.from_public_bytes(share))
    salt = share + identity.key.public_key().public_bytes_raw()
    return {
        "file key": file_key,
        "payload key": derive(file_key, body.read_bytes()[:NONCE], b"payload"),
        "wrapping key": derive(shared, salt, b"age-encryption.org/v1/X25519"),
        "private key": identity.key.private_bytes_raw(),
    }


def test_nothing_of_what_the_recorder_keeps_opens_it(stolen: Path) -> None:
    assert list(leaks(files(stolen))) == []
    assert not readable_without_key(files(stolen))


@pytest.mark.parametrize("name", ["file key", "payload key", "wrapping key", "private key"])
@pytest.mark.parametrize("form", ["raw", "hexadecimal", "base64"])
def test_a_stored_key_is_found_in_any_form(stolen: Path, identity: Identity, name: str, form: str) -> None:
    key = secrets_of(stolen, identity)[name]
    written = {"raw": key, "hexadecimal": key.hex().encode(), "base64": base64.b64encode(key)}[form]
    note = stolen / "note.txt"
    note.write_bytes(b"the key is " + written + b" and so on")
    few = [*files(stolen / "media", HEADER), *files(stolen / "media", BODY), note]
    found = list(leaks(few))
    assert found
    assert key.hex() not in str(found)
    assert readable_without_key(few)


def test_a_stored_identity_is_found(stolen: Path, identity: Identity) -> None:
    (stolen / "backup.conf").write_text(f"# mine\nkey={identity.secret()}\n")
    assert readable_without_key(files(stolen))


def test_another_identity_is_no_leak(stolen: Path) -> None:
    (stolen / "backup.conf").write_text(f"key={Identity.generate().secret()}\n")
    assert not readable_without_key(files(stolen))


def test_masked_copies_and_what_is_being_written_are_no_leak(stolen: Path, identity: Identity) -> None:
    info, units = encode(60)
    raw = RawWriter(stolen / "media", "gate", [identity.recipient], 9, lambda _: None, ManualClock())
    copy = MaskedWriter(stolen / "media", "gate", 1, lambda _: None, ManualClock())
    raw.stream(info)
    for unit, cover in zip(units, masked(units), strict=True):
        raw.raw(unit)
        copy.masked(cover)
    assert files(stolen, PART)
    assert list(leaks(files(stolen))) == []
    raw.close()
    copy.close()


def test_a_plain_copy_is_found(stolen: Path) -> None:
    (stolen / "forgotten.h264").write_bytes(bytes(100) + b"".join(unit.data for unit in encode(10)[1]))
    assert readable_without_key(files(stolen))


@pytest.mark.parametrize(
    "clip",
    ["clips/dev_04_entrance_crowd_1080p.mp4", "codecs/der_hevc.mp4", "codecs/real_h265_video_torchcodec.mp4"],
)
def test_real_video_is_recognised(clip: str) -> None:
    info, units = real_units(clip, 30)
    assert holds_video(b"".join(unit.data for unit in units)) or not any(unit.key for unit in units)
    with av.open(io.BytesIO(b"".join(unit.data for unit in units)), "r", format=info.codec) as container:
        assert next(container.decode(video=0)).width == info.width


def test_a_jpeg_is_recognised() -> None:
    picture = np.random.default_rng(1).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    assert holds_video(b"in front" + cv2.imencode(".jpg", picture)[1].tobytes())


def test_random_bytes_are_no_video() -> None:
    assert not holds_video(np.random.default_rng(2).bytes(1 << 24))
