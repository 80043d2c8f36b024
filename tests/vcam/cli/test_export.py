"""From custodians' answers to an export that verifies, at the command line."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from recorder.release.runtime import kind_of
from tests.vcam.cli.test_release import Capture, approved, custodians, folder, garim, record
from vcam.base.settings_file import load

__all__ = ["folder"]


@pytest.fixture
def place(folder: Path) -> Iterator[Path]:
    """The site, with its one-time keys and plaintext in memory."""
    memory = Path("/dev/shm")  # noqa: S108 - that it is shared memory is what is asked of it
    if kind_of(memory) != "tmpfs":
        pytest.skip("there is no folder in memory here")
    runtime = Path(tempfile.mkdtemp(prefix="garim-test-", dir=memory))
    config = folder / "garim.toml"
    text = (
        config.read_text(encoding="utf-8")
        .replace('"run"', f'"{runtime}"')
        .replace("runtime_on_disk = true\n", "")
    )
    config.write_text(text, encoding="utf-8")
    yield folder
    shutil.rmtree(runtime)


def released(place: Path, capsys: Capture) -> str:
    number = approved(place, capsys)
    assert garim(f"release ask {number} --as officer-1 --out", place / "asks") == 0
    release = capsys.readouterr().err.partition(":")[0]
    for name, identity in (("custodian-1", "one.key"), ("custodian-2", "two.words")):
        file = place / "asks" / f"{release}-{name}.ask.json"
        line = ("--identity", place / identity, "--out", place / f"{name}-{release}", "--yes")
        assert garim("release answer", file, *line) == 0
        assert garim("release accept --as officer-1", place / f"{name}-{release}") == 0
    capsys.readouterr()
    return number


def test_an_original_leaves_for_a_warrant_and_its_release_ends(place: Path, capsys: Capture) -> None:
    custodians(place, capsys)
    sent = record(load(place / "garim.toml"))
    number = released(place, capsys)
    out = place / "out"
    assert garim(f"export {number} --kind original --as officer-1 --out", out) == 1
    assert "--unencrypted" in capsys.readouterr().err
    assert list(out.glob("E*")) == []
    assert garim(f"export {number} --kind original --as officer-1 --unencrypted --out", out) == 0
    made = Path(capsys.readouterr().out.strip())
    assert (made / "export" / "gate.h264").read_bytes() == b"".join(unit.data for unit in sent[:30])
    assert garim("verify", made / "export", "--key", made / "institution.pub") == 0
    assert "custodian" not in capsys.readouterr().out
    assert garim("exports list") == 0
    assert f"{made.name}\toriginal\t{number}\tgate" in capsys.readouterr().out
    assert garim(f"export {number} --kind original --as officer-1 --unencrypted") == 1
    assert "no such release" in capsys.readouterr().err
    assert garim(f"exports destroy {made.name} --as officer-1 --reason handed-over") == 0
    assert not made.exists()


def test_the_key_is_printed_as_receivers_need_it(place: Path, capsys: Capture) -> None:
    assert garim("exports key --out", place / "institution.pub") == 0
    line, fingerprint = capsys.readouterr().out.splitlines()
    assert line in (place / "institution.pub").read_text(encoding="utf-8")
    assert len(fingerprint.split()) == 16


def test_tracks_are_chosen_from_a_list(place: Path, capsys: Capture) -> None:
    assert garim("export 2026-0001 --kind selective --as officer-1 --keep gate:1") == 2
    assert "--list-tracks" in capsys.readouterr().err
