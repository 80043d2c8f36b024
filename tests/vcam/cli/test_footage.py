"""`garim footage`: what was recorded is found, and comes out as other programs read it."""

from __future__ import annotations

import re
from pathlib import Path

import av
import pyrage
import pytest

from tests.vcam.cli.conftest import COUNT, SIZE, Site
from vcam.cli import main

Capture = pytest.CaptureFixture[str]


def run(site: Site, *arguments: str | Path) -> int:
    return main(["footage", *map(str, arguments), "--config", str(site.config)])


def test_segments_are_listed_by_time(site: Site, capsys: Capture) -> None:
    assert run(site, "list") == 0
    text = capsys.readouterr().out
    assert text.count("gate") == 2
    assert "2026-01-01T00:00:00.000Z" in text
    assert run(site, "list", "--kind", "masked", "--from", "2026-01-01T00:00:01Z") == 0
    assert capsys.readouterr().out.count("gate") == 1
    assert run(site, "list", "--from", "2026-01-02T00:00:00Z") == 0
    assert "gate" not in capsys.readouterr().out


def test_masked_footage_comes_out_as_one_file(site: Site, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    assert run(site, "masked", out, "--camera", "gate") == 0
    with av.open(str(out)) as container:
        pictures = list(container.decode(video=0))
    assert len(pictures) == COUNT
    assert (pictures[0].width, pictures[0].height) == SIZE


def test_a_range_takes_whole_gops(site: Site, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    assert run(site, "masked", out, "--camera", "gate", "--from", "2026-01-01T00:00:01.2Z") == 0
    with av.open(str(out)) as container:
        assert sum(1 for _ in container.decode(video=0)) == COUNT // 2


def test_originals_come_out_encrypted_and_open_with_the_key(
    site: Site, tmp_path: Path, capsys: Capture
) -> None:
    out = tmp_path / "originals"
    assert run(site, "original", out, "--camera", "gate") == 0
    (file,) = out.iterdir()
    assert str(file) in capsys.readouterr().out
    sealed = file.read_bytes()
    assert site.stream[:64] not in sealed
    identity = pyrage.x25519.Identity.from_str(site.key.read_text(encoding="ascii").splitlines()[-1])
    assert pyrage.decrypt(sealed, [identity]) == site.stream


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--camera", "gat"], "Cameras with footage: gate"),
        (["--camera", "gate", "--from", "2026-02-01T00:00:00Z"], "no masked footage of gate"),
        (["--camera", "gate", "--from", "yesterday"], "is no time"),
        (
            ["--camera", "gate", "--from", "2026-01-02T00:00:00Z", "--to", "2026-01-01T00:00:00Z"],
            "ends before it begins",
        ),
    ],
)
def test_what_cannot_be_found_is_explained(
    site: Site, tmp_path: Path, capsys: Capture, arguments: list[str], message: str
) -> None:
    out = tmp_path / "out.mp4"
    assert run(site, "masked", out, *arguments) in {1, 2}
    error = capsys.readouterr().err
    assert message in error
    assert not re.search("Traceback", error)
    assert not out.exists()


def test_nothing_is_overwritten(site: Site, tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "out.mp4"
    out.write_bytes(b"mine")
    assert run(site, "masked", out, "--camera", "gate") == 1
    assert "exists already" in capsys.readouterr().err
    assert out.read_bytes() == b"mine"


def test_what_is_taken_out_is_on_record(site: Site, tmp_path: Path, capsys: Capture) -> None:
    assert run(site, "masked", tmp_path / "out.mp4", "--camera", "gate") == 0
    assert run(site, "original", tmp_path / "originals", "--camera", "gate") == 0
    capsys.readouterr()
    assert main(["audit", "list", "--config", str(site.config)]) == 0
    told = [line for line in capsys.readouterr().out.splitlines() if "footage.viewed" in line]
    assert len(told) == 2
    assert all("camera/gate" in line for line in told)
