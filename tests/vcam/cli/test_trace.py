"""`garim trace`: a copy that turned up somewhere is traced to its export."""

from __future__ import annotations

from pathlib import Path

import pytest

from recorder.descriptor import SegmentDescriptor
from recorder.index import Index
from recorder.masked import MaskedWriter
from tests.support.clips import HEIGHT, WIDTH
from tests.vcam.cli.conftest import BEGIN, Site
from tests.vcam.cli.test_share import WHO, Capture, run, staffed
from tests.vcam.export.test_review import ffmpeg, recorded
from vcam.app import index_url
from vcam.base.clock import SystemClock
from vcam.base.media import MaskedUnit

__all__ = ["recorded", "staffed"]


@pytest.fixture
def shared(staffed: Site, recorded: list[MaskedUnit], tmp_path: Path, capsys: Capture) -> Path:
    """A share of what the yard has recorded."""
    done: list[SegmentDescriptor] = []
    writer = MaskedWriter(staffed.settings.recorder.folder, "yard", 60, done.append, SystemClock())
    for unit in recorded:
        writer.masked(unit)
    writer.close()
    index = Index.open(index_url(staffed.settings), retention_days=3650)
    for descriptor in done:
        index.add(descriptor)
    index.close()
    when = ("yard", "2026-03-02T02:55:00Z", "2026-03-02T02:56:00Z")
    assert done[0].start > BEGIN
    assert (done[0].width, done[0].height) == (WIDTH, HEIGHT)
    assert run(staffed, "share", *when, *WHO, "--body", "an insurer", "--out", tmp_path / "out") == 0
    return Path(capsys.readouterr().out.strip())


def test_a_leak_is_traced_to_its_export_and_receiver(
    staffed: Site, shared: Path, tmp_path: Path, capsys: Capture
) -> None:
    copy = shared / "export" / "yard-masked.mp4"
    options = ("-vf", "crop=iw-60:ih-40:30:10,scale=480:-2", "-crf", "28")
    leak = ffmpeg(copy, tmp_path / "leak.mkv", "-ss", "0.7", *options)
    assert run(staffed, "trace", leak) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"{shared.name}: share, ")
    assert "by officer-1, an accident\ngiven to: an insurer\n" in said
    unmarked = next(staffed.settings.recorder.folder.rglob("yard/**/*.mp4"))
    assert run(staffed, "trace", unmarked) == 1
    assert "No mark" in capsys.readouterr().out


def test_what_is_no_video_is_named(staffed: Site, capsys: Capture) -> None:
    assert run(staffed, "trace", staffed.config) == 1
    assert "garim.toml" in capsys.readouterr().err
