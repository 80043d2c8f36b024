from __future__ import annotations

import stat
from pathlib import Path

import pytest

from onvif_server.store import Store, kept
from vcam.base.errors import ConfigError


def test_what_was_written_is_there_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "onvif" / "gate.json"
    store = Store(path)
    assert store.read("users") is None
    store.write("users", [{"name": "한글"}])
    store.write("scopes", ["a"])
    again = Store(path)
    assert (again.read("users"), again.read("scopes")) == ([{"name": "한글"}], ["a"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["gate.json"]


def test_a_reset_keeps_what_it_is_told_to(tmp_path: Path) -> None:
    store = Store(tmp_path / "gate.json")
    store.write("users", [1])
    store.write("scopes", [2])
    store.clear({"scopes": [2]})
    again = Store(tmp_path / "gate.json")
    assert (again.read("users"), again.read("scopes")) == (None, [2])


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"{}", b'{"version 1": 5}', b"\xff"])
def test_what_cannot_be_read_is_named_and_kept(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "gate.json"
    path.write_bytes(text)
    with pytest.raises(ConfigError, match=r"gate\.json"):
        Store(path)
    assert path.read_bytes() == text


def test_what_cannot_be_written_leaves_the_old_value(tmp_path: Path) -> None:
    folder = tmp_path / "onvif"
    store = Store(folder / "gate.json")
    store.write("users", [1])
    (folder / "gate.json").unlink()
    folder.rmdir()
    folder.write_text("a file in the way")
    with pytest.raises(ConfigError, match="cannot be written"):
        store.write("users", [2])
    assert store.read("users") == [1]


def test_a_section_is_read_as_its_type(tmp_path: Path) -> None:
    store = Store(tmp_path / "gate.json")
    assert kept(store, "names", list[str], ["first"]) == ["first"]
    store.write("names", ["a", "b"])
    assert kept(store, "names", list[str], []) == ["a", "b"]
    store.write("names", [{"secret": "s3cret"}])
    with pytest.raises(ConfigError, match="names") as caught:
        kept(store, "names", list[str], [])
    assert "s3cret" not in str(caught.value)
