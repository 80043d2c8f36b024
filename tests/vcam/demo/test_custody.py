"""What the recorder has kept, with and without the key."""

from __future__ import annotations

from pathlib import Path

import pytest

from recorder.descriptor import SegmentDescriptor
from recorder.raw import RawWriter
from recorder.vault.keys import Identity
from vcam.base.clock import ManualClock
from vcam.base.media import AccessUnit, StreamInfo
from vcam.demo.custody import inspect, same_as_camera, segments
from vcam.demo.loop import GOP, encode
from vcam.demo.scene import Scene

START = 1_700_000_000_000_000


@pytest.fixture(scope="module")
def identity() -> Identity:
    return Identity.generate()


@pytest.fixture(scope="module")
def camera(scene: Scene) -> list[AccessUnit]:
    units = encode(scene, 2 * GOP + 1)
    return [AccessUnit(u.data, u.index * 3600, START + u.index * 40_000, u.key) for u in units]


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory, camera: list[AccessUnit], identity: Identity) -> Path:
    folder = tmp_path_factory.mktemp("media")
    done: list[SegmentDescriptor] = []
    clock = ManualClock(START)
    writer = RawWriter(folder, "entrance", [identity.recipient], 1.0, done.append, clock=clock)
    writer.stream(StreamInfo("h264", 1280, 720, 25.0))
    for unit in camera:
        writer.raw(unit)
    writer.close()
    assert len(done) == 3
    return folder


def joined(camera: list[AccessUnit]) -> bytes:
    return b"".join(unit.data for unit in camera)


def test_only_the_key_opens_the_originals(media: Path, camera: list[AccessUnit], identity: Identity) -> None:
    files = [path for path in media.rglob("*") if path.is_file()]
    kept = inspect(media, files, identity.secret(), joined(camera))
    assert (kept.raw_segments, kept.masked_segments) == (3, 0)
    assert kept.raw_readable_with_key
    assert not kept.raw_readable_without_key


def test_another_key_does_not(media: Path, camera: list[AccessUnit]) -> None:
    kept = inspect(media, [], Identity.generate().secret(), joined(camera))
    assert kept.raw_segments == 3
    assert not kept.raw_readable_with_key


def test_what_the_camera_did_not_send_is_noticed(
    media: Path, camera: list[AccessUnit], identity: Identity
) -> None:
    assert not inspect(media, [], identity.secret(), joined(camera[:-1])).raw_readable_with_key


def test_a_key_left_behind_is_noticed(
    media: Path, tmp_path: Path, camera: list[AccessUnit], identity: Identity
) -> None:
    left = tmp_path / "notes"
    left.write_text(f"do not lose: {identity.secret()}\n")
    files = [*(path for path in media.rglob("*") if path.is_file()), left]
    assert inspect(media, files, identity.secret(), joined(camera)).raw_readable_without_key


def test_a_plain_copy_left_behind_is_noticed(
    media: Path, tmp_path: Path, camera: list[AccessUnit], identity: Identity
) -> None:
    left = tmp_path / "cache"
    left.write_bytes(b"\x00" * 100 + joined(camera))
    assert inspect(media, [left], identity.secret(), joined(camera)).raw_readable_without_key


def test_earlier_runs_are_left_out(media: Path) -> None:
    starts = [segment.start for segment in segments(media)]
    assert starts == sorted(starts)
    assert len(segments(media, START + 1_900_000)) == 2
    assert not segments(media, START + 60_000_000)


def test_nothing_is_not_the_camera() -> None:
    assert not same_as_camera(b"", b"\x00\x00\x01\x65abc")
    assert same_as_camera(b"\x00\x00\x00\x01\x65abc", b"\x00\x00\x01\x65abc")
