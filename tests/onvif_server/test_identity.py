"""Identities last."""

from __future__ import annotations

import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from onvif_server.identity import camera_identity, installation
from vcam.base.errors import ConfigError


def test_an_installation_is_made_once(tmp_path: Path) -> None:
    state = tmp_path / "deep" / "state"
    made = installation(state)
    assert installation(state) == made
    assert [path.name for path in state.iterdir()] == ["installation"]
    assert installation(tmp_path / "other") != made


def test_all_who_start_at_once_agree(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: installation(tmp_path), range(64)))) == 1


@pytest.mark.parametrize("content", [b"", b"not a uuid\n", b"\xff\xfe"])
def test_a_damaged_file_is_named_and_kept(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "installation"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="installation"):
        installation(tmp_path)
    assert path.read_bytes() == content


def test_a_state_that_is_no_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    with pytest.raises(ConfigError, match="state"):
        installation(tmp_path / "state")


def test_a_camera_is_the_same_for_ever() -> None:
    site = uuid.UUID("6f1f4a53-97a7-4f0e-8f5b-0d7e7d0d2f10")
    front = camera_identity(site, "front")
    assert front == camera_identity(site, "front")
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", front.endpoint)
    assert re.fullmatch(r"[0-9A-F]{12}", front.serial)
    assert re.fullmatch(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}", front.mac)
    back = camera_identity(site, "back")
    assert front.endpoint != back.endpoint
    assert front.serial != back.serial
    assert front.mac != back.mac
