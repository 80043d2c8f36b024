"""Whatever is done to an export, the check names it; and what was not touched it leaves alone."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recorder.evidence.manifest import File
from recorder.evidence.verifier import minisign as texts
from recorder.evidence.verifier.check import MANIFEST, SIGNATURE, STAMP, check
from tests.recorder.evidence.support import KEY, OTHER, digest, manifest, sign, write

PUBLIC = texts.PublicKey(KEY.public.id, KEY.public.raw)
FILES = {"gate.h264": b"\0\0\0\1" * 9, "stills/one.png": b"png", "empty": b""}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "export", FILES)


def codes(folder: Path, key: texts.PublicKey | None = PUBLIC) -> set[tuple[str, str]]:
    return {(one.code, one.about) for one in check(str(folder), key).findings}


def replaced(folder: Path, change: Callable[[dict[str, object]], object]) -> None:
    """Change the manifest's value and sign it again, as somebody with the key might."""
    value = json.loads((folder / MANIFEST).read_bytes())
    change(value)
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    sign(folder, text.encode())


def test_an_untouched_export_is_whole(folder: Path) -> None:
    outcome = check(str(folder), PUBLIC)
    assert outcome.findings == []
    assert outcome.authenticated
    assert not check(str(folder), None).authenticated
    assert check(str(folder), None).findings == []
    (folder / STAMP).write_bytes(b"another program looks at it")
    assert codes(folder) == set()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_one_flipped_bit_anywhere_is_found(folder: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["gate.h264", "stills/one.png", MANIFEST, SIGNATURE]))
    path = folder / name
    before = path.read_bytes()
    # The untrusted comment alone may say what it likes.
    first = before.index(b"\n") if name == SIGNATURE else 0
    at = data.draw(st.integers(first * 8, len(before) * 8 - 1))
    altered = bytearray(before)
    altered[at // 8] ^= 1 << at % 8
    path.write_bytes(altered)
    try:
        assert codes(folder)
    finally:
        path.write_bytes(before)


def test_what_is_missing_added_or_altered_is_named(folder: Path) -> None:
    (folder / "empty").unlink()
    (folder / "stills" / "one.png").write_bytes(b"gnp")
    (folder / "gate.h264").write_bytes(b"")
    (folder / "stills" / "two.png").write_bytes(b"")
    assert codes(folder) == {
        ("file-absent", "empty"),
        ("file-hash", "stills/one.png"),
        ("file-size", "gate.h264 (0 != 36)"),
        ("file-unlisted", "stills/two.png"),
    }


def test_links_pipes_and_empty_folders_are_named(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(FILES["gate.h264"])
    (folder / "gate.h264").unlink()
    (folder / "gate.h264").symlink_to(outside)
    os.mkfifo(folder / "pipe")
    (folder / "hollow").mkdir()
    (folder / "loop").symlink_to(folder)
    assert codes(folder) == {
        ("special", "gate.h264"),
        ("special", "pipe"),
        ("special", "hollow"),
        ("special", "loop"),
        ("file-absent", "gate.h264"),
    }


@pytest.mark.parametrize("name", [MANIFEST, SIGNATURE])
def test_a_manifest_or_signature_behind_a_link_is_not_read(folder: Path, tmp_path: Path, name: str) -> None:
    (folder / name).rename(tmp_path / name)
    (folder / name).symlink_to(tmp_path / name)
    assert {"manifest-absent", "signature-absent"} & {code for code, _ in codes(folder)}


@pytest.mark.parametrize(
    "name",
    [
        "../outside",
        "/etc/passwd",
        "a/../../b",
        "C:x",
        "a\\b",
        "",
        ".",
        "..",
        "a//b",
        "a/",
        "a\0b",
        "x.",
        ".part",
        "가",
    ],
)
def test_a_name_that_leads_elsewhere_is_refused_though_it_is_signed(folder: Path, name: str) -> None:
    sign(folder, manifest(File(digest(name, b""), "bitstream", "gate")).canonical())
    assert codes(folder) == {("manifest-field", "files[0].name")}


def test_names_that_differ_by_case_alone_are_refused(folder: Path) -> None:
    one, other = (File(digest(name, b""), "bitstream", "gate") for name in ("a.h264", "A.h264"))
    sign(folder, manifest(one, other).canonical())
    assert codes(folder) == {("manifest-field", "files: a name twice")}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"", "manifest-json"),
        (b"\xff", "manifest-json"),
        (b'{"a":1.5}', "manifest-json"),
        (b'{"a":NaN}', "manifest-json"),
        (b'{"a":9007199254740993}', "manifest-json"),
        (b'{"a":' + b"9" * 5000 + b"}", "manifest-json"),
        (b"[" * 100_000, "manifest-json"),
        (b'{"a":1,"a":1}', "manifest-twice"),
        (b'{"b":{"a":1,"a":2}}', "manifest-twice"),
        (b'{"a": 1}', "manifest-form"),
        (b'{"b":1,"a":1}', "manifest-form"),
        (b'{"a":"\\u0041"}', "manifest-form"),
        (b'{"a":1}\n', "manifest-form"),
        (b"{}", "manifest-field"),
        (b"[]", "manifest-field"),
    ],
)
def test_a_manifest_that_can_be_read_two_ways_is_refused(folder: Path, text: bytes, code: str) -> None:
    sign(folder, text)
    assert {found for found, _ in codes(folder)} == {code}


@pytest.mark.parametrize(
    "field", ["export", "kind", "scope", "files", "people", "signer", "segments", "software"]
)
def test_a_manifest_without_a_field_is_refused(folder: Path, field: str) -> None:
    replaced(folder, lambda value: value.pop(field))
    assert codes(folder) == {("manifest-field", field)}


@pytest.mark.parametrize(
    ("change", "about"),
    [
        ({"files": []}, "files"),
        ({"files": [1]}, "files[0]"),
        ({"files": [{"name": "a", "size": -1, "sha256": "0" * 64}]}, "files[0].size"),
        ({"files": [{"name": "a", "size": True, "sha256": "0" * 64}]}, "files[0].size"),
        ({"files": [{"name": "a", "size": 1, "sha256": "A" * 64}]}, "files[0].sha256"),
        ({"signer": {"key": 5}}, "signer.key"),
        ({"signer": []}, "signer.key"),
        ({"format": "garim-export/2"}, "format"),
    ],
)
def test_a_field_that_makes_no_sense_is_named(folder: Path, change: dict[str, object], about: str) -> None:
    replaced(folder, lambda value: value.update(change))
    assert codes(folder) == {("manifest-field", about)}


def test_another_key_is_told_from_a_wrong_signature(folder: Path) -> None:
    other = texts.PublicKey(OTHER.public.id, OTHER.public.raw)
    assert {code for code, _ in codes(folder, other)} == {"signature-key"}
    impostor = texts.PublicKey(KEY.public.id, OTHER.public.raw)
    assert {code for code, _ in codes(folder, impostor)} == {"signature-wrong"}


def test_whoever_signs_anew_is_not_taken_for_the_institution(tmp_path: Path) -> None:
    """A forger names his own key in the manifest: everything fits but the key that the receiver was given."""
    forged = write(tmp_path / "forged", FILES, key=OTHER)
    assert {code for code, _ in codes(forged)} == {"signature-key"}


def test_an_encrypted_file_counts_sealed_opened_or_both(tmp_path: Path) -> None:
    sealed, opened = digest("gate.h264.age", b"cipher"), digest("gate.h264", b"plain")
    made = manifest(File(sealed, "bitstream", "gate", opened))
    folder = write(tmp_path / "export", {"gate.h264.age": b"cipher"}, made=made)
    assert codes(folder) == set()
    (folder / "gate.h264").write_bytes(b"plain")
    assert codes(folder) == set()
    (folder / "gate.h264.age").unlink()
    assert codes(folder) == set()
    (folder / "gate.h264").write_bytes(b"plane")
    assert codes(folder) == {("file-hash", "gate.h264")}
    (folder / "gate.h264").unlink()
    assert codes(folder) == {("file-absent", "gate.h264.age")}


def test_no_folder_is_no_export(tmp_path: Path) -> None:
    assert {code for code, _ in codes(tmp_path / "nowhere")} == {"folder"}
    assert {code for code, _ in codes(tmp_path)} == {"manifest-absent"}
