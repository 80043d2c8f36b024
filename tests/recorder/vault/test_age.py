"""The age v1 suite against Debian's age and pyrage, neither of which is ours."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path

import pyrage
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyrage import x25519

from recorder.vault.age import AGE, split
from recorder.vault.keys import Identity
from recorder.vault.payload import CHUNK, NONCE, SEALED
from vcam.base.errors import VaultError

BORDERS = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 2 * CHUNK, 2 * CHUNK + 1, 5 * CHUNK + 17]
IDENTITY = Identity.generate()


def pattern(size: int) -> bytes:
    """Bytes in which no two chunks are alike."""
    block = b"".join(i.to_bytes(4, "big") for i in range(size // 4 + 1))
    return block[:size]


def seal(data: bytes, *recipients: str, step: int = 10_007) -> tuple[bytes, bytes]:
    sealer = AGE.sealer(recipients or (IDENTITY.recipient,))
    body = b"".join(sealer.write(data[i : i + step]) for i in range(0, len(data), step))
    return sealer.header, body + sealer.close()


def unseal(header: bytes, body: bytes, identity: Identity = IDENTITY) -> bytes:
    return b"".join(AGE.opener(header, io.BytesIO(body), [identity.secret()]).pieces())


def verified(header: bytes, body: bytes) -> tuple[bytes, str]:
    """What `pieces` gives before it raises, and what it raises."""
    out = b""
    try:
        for piece in AGE.opener(header, io.BytesIO(body), [IDENTITY.secret()]).pieces():
            out += piece
    except VaultError as error:
        return out, str(error)
    return out, ""


@pytest.mark.parametrize("size", BORDERS)
def test_pyrage_opens_what_we_seal(size: int) -> None:
    data = pattern(size)
    header, body = seal(data)
    assert pyrage.decrypt(header + body, [x25519.Identity.from_str(IDENTITY.secret())]) == data


@pytest.mark.parametrize("size", BORDERS)
def test_we_open_what_pyrage_seals(size: int) -> None:
    theirs = x25519.Identity.generate()
    other = x25519.Identity.generate()
    data = pattern(size)
    stream = io.BytesIO(pyrage.encrypt(data, [other.to_public(), theirs.to_public()]))
    header = split(stream)
    opener = AGE.opener(header, io.BytesIO(stream.read()), [str(theirs)])
    assert b"".join(opener.pieces()) == data
    assert (opener.size, opener.truncated) == (size, False)


@pytest.mark.skipif(shutil.which("age") is None, reason="Debian's age is not installed (apt-get install age)")
@pytest.mark.parametrize("size", [0, CHUNK, 3 * CHUNK + 1])
def test_debians_age_opens_what_we_seal_and_we_open_what_it_seals(size: int, tmp_path: Path) -> None:
    data = pattern(size)
    key = tmp_path / "identity.txt"
    key.write_text(IDENTITY.secret() + "\n")
    header, body = seal(data)
    opened = subprocess.run(["age", "-d", "-i", key], input=header + body, capture_output=True, check=True)
    assert opened.stdout == data
    sealed = subprocess.run(["age", "-r", IDENTITY.recipient], input=data, capture_output=True, check=True)
    stream = io.BytesIO(sealed.stdout)
    assert unseal(split(stream), stream.read()) == data


def test_keys_are_those_of_pyrage() -> None:
    theirs = x25519.Identity.generate()
    assert Identity.parse(str(theirs)).recipient == str(theirs.to_public())
    assert Identity.parse(str(theirs)).secret() == str(theirs)
    assert x25519.Recipient.from_str(IDENTITY.recipient)


@settings(max_examples=60, deadline=None)
@given(
    size=st.integers(-40, 40).flatmap(
        lambda d: st.sampled_from([0, CHUNK, 2 * CHUNK, 3 * CHUNK]).map(lambda c: max(0, c + d))
    ),
    step=st.integers(1, 3 * CHUNK),
)
def test_every_size_and_cut_of_writes_comes_back(size: int, step: int) -> None:
    data = pattern(size)
    header, body = seal(data, step=max(step, size // 200 + 1))
    assert unseal(header, body) == data
    assert len(body) == NONCE + size + 16 * max(1, -(-size // CHUNK))


@settings(max_examples=60, deadline=None)
@given(offset=st.integers(0, 4 * CHUNK), length=st.integers(0, 3 * CHUNK))
def test_a_read_anywhere_gives_those_bytes(offset: int, length: int) -> None:
    data = pattern(3 * CHUNK + 100)
    header, body = _sought
    opener = AGE.opener(header, io.BytesIO(body), [IDENTITY.secret()])
    assert opener.read(offset, length) == data[offset : offset + length]


_sought = seal(pattern(3 * CHUNK + 100))


def test_a_read_in_the_middle_opens_only_its_chunks() -> None:
    header, body = _sought
    broken = bytearray(body)
    broken[NONCE] ^= 1
    opener = AGE.opener(header, io.BytesIO(bytes(broken)), [IDENTITY.secret()])
    assert opener.read(CHUNK + 5, 10) == pattern(3 * CHUNK)[CHUNK + 5 : CHUNK + 15]
    with pytest.raises(VaultError, match="damaged in chunk 0"):
        opener.read(CHUNK - 1, 2)


@pytest.mark.parametrize(
    ("cut", "kept"),
    [
        (0, None),
        (NONCE - 1, None),
        (NONCE, 0),
        (NONCE + 1, 0),
        (NONCE + 15, 0),
        (NONCE + 16, 0),
        (NONCE + SEALED - 1, 0),
        (NONCE + SEALED, 1),
        (NONCE + SEALED + 1, 1),
        (NONCE + 2 * SEALED, 2),
        (NONCE + 2 * SEALED + 16, 2),
        (NONCE + 3 * SEALED, 3),
        (NONCE + 3 * SEALED + 115, 3),
    ],
)
def test_a_truncated_body_keeps_its_verified_prefix(cut: int, kept: int | None) -> None:
    data = pattern(3 * CHUNK + 100)
    header, body = _sought
    if kept is None:
        with pytest.raises(VaultError, match="truncated"):
            unseal(header, body[:cut])
        return
    out, error = verified(header, body[:cut])
    assert "truncated" in error
    assert out == data[: kept * CHUNK]
    assert AGE.opener(header, io.BytesIO(body[:cut]), [IDENTITY.secret()]).truncated


def test_a_body_cut_at_a_chunk_border_of_a_full_last_chunk_is_noticed() -> None:
    header, body = seal(pattern(2 * CHUNK))
    out, error = verified(header, body[: NONCE + SEALED])
    assert out == pattern(CHUNK)
    assert "truncated" in error


def test_bytes_after_the_end_are_noticed() -> None:
    header, body = seal(pattern(CHUNK))
    out, error = verified(header, body + b"x" * 20)
    assert out == b""
    assert "goes on after its end" in error


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_every_flipped_bit_of_the_body_is_noticed(data: st.DataObject) -> None:
    header, body = _flipped
    bit = data.draw(st.integers(0, len(body) * 8 - 1))
    broken = bytearray(body)
    broken[bit // 8] ^= 1 << bit % 8
    out, error = verified(header, bytes(broken))
    assert error
    assert pattern(CHUNK + 50).startswith(out)


_flipped = seal(pattern(CHUNK + 50))


def test_every_flipped_bit_of_the_header_is_noticed() -> None:
    header, body = seal(b"data")
    for bit in range(len(header) * 8):
        broken = bytearray(header)
        broken[bit // 8] ^= 1 << bit % 8
        with pytest.raises(VaultError):
            unseal(bytes(broken), body)


def test_another_key_opens_nothing() -> None:
    header, body = seal(b"data")
    with pytest.raises(VaultError, match="None of the keys"):
        unseal(header, body, Identity.generate())


def test_a_header_of_another_segment_is_refused() -> None:
    _, body = seal(b"first")
    header, _ = seal(b"other")
    out, error = verified(header, body)
    assert out == b""
    assert error


def test_rewrapping_replaces_the_header_alone() -> None:
    successor = Identity.generate()
    data = pattern(CHUNK + 5)
    header, body = seal(data)
    header = AGE.rewrap(header, [IDENTITY.secret()], [successor.recipient])
    assert unseal(header, body, successor) == data
    assert pyrage.decrypt(header + body, [x25519.Identity.from_str(successor.secret())]) == data
    with pytest.raises(VaultError, match="None of the keys"):
        unseal(header, body)


def test_each_of_several_recipients_can_open() -> None:
    second = Identity.generate()
    header, body = seal(b"data", IDENTITY.recipient, second.recipient)
    assert unseal(header, body) == unseal(header, body, second) == b"data"


def test_no_stream_is_sealed_to_nobody() -> None:
    with pytest.raises(VaultError, match="no recipient"):
        AGE.sealer([])


@pytest.mark.parametrize(
    "recipient", ["", "age1", "age1qqqq", IDENTITY.recipient[:-1] + "b", IDENTITY.secret()]
)
def test_a_wrong_recipient_is_refused(recipient: str) -> None:
    with pytest.raises(VaultError) as caught:
        AGE.check_recipient(recipient)
    assert "SECRET" not in caught.value.what
    assert recipient == "" or recipient not in str(caught.value)


def test_a_closed_stream_takes_nothing() -> None:
    sealer = AGE.sealer([IDENTITY.recipient])
    sealer.close()
    with pytest.raises(VaultError, match="closed"):
        sealer.write(b"late")
    with pytest.raises(VaultError, match="closed"):
        sealer.close()


@pytest.mark.parametrize(
    "text", [b"", b"hello", b"-----BEGIN AGE ENCRYPTED FILE-----\n", b"age-encryption.org/v1\n-> X25519 x"]
)
def test_what_is_no_age_file_is_refused(text: bytes) -> None:
    with pytest.raises(VaultError, match="no binary age file"):
        split(io.BytesIO(text))
