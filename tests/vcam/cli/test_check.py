"""`garim check`."""

from __future__ import annotations

import pytest

from tests.vcam.cli.conftest import Site
from vcam.cli import main

Capture = pytest.CaptureFixture[str]


def check(site: Site, *arguments: str) -> int:
    return main(["check", "--config", str(site.config), *arguments])


def test_what_agrees_is_said_so(site: Site, capsys: Capture) -> None:
    assert check(site, "--deep") == 0
    assert capsys.readouterr().out == "Recordings and index agree\n"


def test_one_flipped_byte_is_found_by_the_deep_check(site: Site, capsys: Capture) -> None:
    (body,) = site.settings.recorder.folder.rglob("*.age-body")
    data = bytearray(body.read_bytes())
    data[len(data) // 2] ^= 1
    body.write_bytes(data)
    check(site, "--deep", "--no-mend")
    assert body.name.removesuffix(".age-body") in capsys.readouterr().out


def test_a_lost_index_is_made_again_unless_told_not_to(site: Site, capsys: Capture) -> None:
    for file in site.settings.site.state.glob("index.sqlite*"):
        file.unlink()
    assert check(site, "--no-mend") == 1
    assert "2 not mended" in capsys.readouterr().out
    assert check(site) == 0
    assert "0 not mended" in capsys.readouterr().out
    assert check(site, "--deep") == 0
    assert "agree" in capsys.readouterr().out
