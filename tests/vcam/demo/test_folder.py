"""The demo's folder."""

from __future__ import annotations

import stat
import tomllib
from pathlib import Path

import av
import pytest

from vcam.base.errors import ConfigError
from vcam.base.settings import Settings
from vcam.demo.folder import DemoFolder, write_clip
from vcam.demo.scene import Scene


def settings(text: str) -> Settings:
    return Settings.model_validate(tomllib.loads(text))


def test_secrets_are_the_owners_alone_and_are_kept(tmp_path: Path) -> None:
    folder = DemoFolder.make(tmp_path / "demo")
    secrets = (folder.onvif_password_file, folder.camera_password_file, folder.identity_file)
    for path in secrets:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = [path.read_bytes() for path in secrets]
    again = DemoFolder.make(tmp_path / "demo")
    assert [path.read_bytes() for path in secrets] == before
    assert again.onvif_password != again.camera_password
    assert len(again.onvif_password) >= 20
    assert again.identity.startswith("AGE-SECRET-KEY-1")


def test_the_running_demos_configuration(tmp_path: Path) -> None:
    folder = DemoFolder.make(tmp_path / 'a "quoted" folder')
    text = folder.rtsp_config("rtsp://127.0.0.1:5/stream1", segment=5, loopback=True)
    found = settings(text)
    assert found.onvif.bind == "127.0.0.1"
    assert (found.onvif.port, found.onvif.rtsp_port) == (0, 0)
    assert found.onvif.password.read("onvif") == folder.onvif_password
    assert found.camera[0].source.url == "rtsp://127.0.0.1:5/stream1"
    assert found.camera[0].source.password is not None
    assert found.camera[0].source.password.read("camera") == folder.camera_password
    assert found.recorder.segment == 5
    assert found.recorder.folder == folder.media
    assert found.console.enabled
    assert (found.console.bind, found.console.port) == ("127.0.0.1", 0)
    for secret in (folder.onvif_password, folder.camera_password, folder.identity):
        assert secret not in text
    open_to_all = settings(folder.rtsp_config("rtsp://127.0.0.1:5/", segment=60, loopback=False))
    assert open_to_all.onvif.bind == Settings.model_fields["onvif"].default.bind


def test_the_configuration_to_start_from_stands_alone(tmp_path: Path, scene: Scene) -> None:
    folder = DemoFolder.make(tmp_path)
    found = settings(folder.file_config())
    assert found.camera[0].source.url == f"file:{folder.footage_file}"
    assert (found.onvif.port, found.onvif.rtsp_port) == (8081, 8554)


def test_a_clip_plays(tmp_path: Path, scene: Scene) -> None:
    path = tmp_path / "clip.mp4"
    write_clip(path, scene, 12)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height) == (1280, 720)
        assert [frame.pts for frame in container.decode(stream)] == [3600 * index for index in range(12)]


def test_stored_files_are_a_thiefs_loot(tmp_path: Path) -> None:
    folder = DemoFolder.make(tmp_path)
    folder.config_file.write_text("")
    (folder.media / "a").mkdir()
    (folder.media / "a" / "x").write_bytes(b"")
    (folder.state / "index.sqlite").write_bytes(b"")
    stored = folder.stored()
    assert folder.identity_file not in stored
    assert {path.name for path in stored} >= {
        "x",
        "index.sqlite",
        "onvif.password",
        "camera.password",
        "demo.toml",
    }


def test_a_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be written"):
        DemoFolder.make(tmp_path / "file" / "demo")
