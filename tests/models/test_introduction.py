from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from models import introduction as module
from models.introduction import Wish, introduce
from models.manifest import weights
from models.shelf import Figures, Shelf
from tests.support.yolonet import GREEN, NOTES, labelled, network, save
from vcam.base.clock import ManualClock
from vcam.base.errors import ConfigError, DetectError, WeightsError
from vcam.base.settings import SiteSettings

CLOCK = ManualClock(utc=1_772_366_400_000_000)


def ignore(done: int, of: int) -> None:
    """Progress that nobody watches."""


@pytest.fixture
def site(tmp_path: Path) -> SiteSettings:
    return SiteSettings(state=tmp_path / "state")


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shipped detectors that find nothing, without being run."""
    blind = Figures(pictures=2, labels=2, found=0, area=0, false=0)
    monkeypatch.setattr(module, "shipped_figures", lambda *_: blind)


@pytest.fixture
def _shipped() -> None:
    try:
        for name in ("yunet", "centerface"):
            weights(name)
    except DetectError as error:
        pytest.skip(f"{error.what}: {error.mend}")


@pytest.fixture
def wish(tmp_path: Path) -> Wish:
    """Magenta for faces: the shipped detectors see none there."""
    file = save(network("v8"), tmp_path / "My Best.onnx")
    return Wish(file, "face", labelled(tmp_path / "set", 2), classes=[0])


@pytest.mark.usefixtures("_shipped")
def test_a_good_one_is_kept_with_all_that_is_known_of_it(site: SiteSettings, wish: Wish) -> None:
    told: list[tuple[int, int]] = []
    done = introduce(wish, site, CLOCK, lambda *progress: told.append(progress))
    assert done.taken
    assert done.doubts == ()
    assert told == [(number, 4) for number in range(1, 5)]
    (entry,) = Shelf(site.state / "models").entries()
    assert entry == done.entry
    assert Shelf(site.state / "models").file(entry).read_bytes() == wish.file.read_bytes()
    assert (entry.name, entry.origin, entry.source) == ("my-best", "imported", "My Best.onnx")
    assert (entry.kind, entry.layout, entry.side, entry.size) == ("face", "v8", 640, None)
    assert (entry.classes, entry.names, entry.threshold) == ([0], ["magenta"], 0.25)
    assert (entry.licence, entry.date) == ("AGPL-3.0", datetime(2026, 3, 1, 12, tzinfo=UTC))
    assert (entry.check.recall, entry.shipped.recall) == (1, 0)


@pytest.mark.usefixtures("_quick")
def test_the_importers_words_come_first(site: SiteSettings, wish: Wish) -> None:
    chosen = replace(wish, name="mine", licence="CC0-1.0, own pictures", side=320, threshold=0.5)
    entry = introduce(chosen, site, CLOCK, ignore).entry
    assert (entry.name, entry.licence, entry.side, entry.threshold) == ("mine", chosen.licence, 320, 0.5)
    plain = replace(wish, file=save(network("v5", notes={}), wish.file.with_name("v5.onnx")))
    assert introduce(plain, site, CLOCK, ignore).entry.licence == "not stated"


@pytest.mark.usefixtures("_quick")
def test_one_that_misses_changes_nothing_unless_it_is_forced(site: SiteSettings, wish: Wish) -> None:
    green = replace(wish, classes=[1])
    done = introduce(green, site, CLOCK, ignore)
    assert not done.taken
    assert "0.0% is below 90.0%" in done.doubts[0]
    assert not site.state.exists()
    forced = introduce(replace(green, force=True), site, CLOCK, ignore)
    assert forced.taken
    assert forced.doubts == done.doubts


@pytest.mark.parametrize(
    ("found", "shipped", "area", "doubts"),
    [
        (90, 90, 2.0, 0),
        (89, 50, 2.0, 1),
        (95, 96, 2.0, 1),
        (100, 50, 10.5, 1),
        (10, 50, 99.0, 3),
    ],
)
def test_the_check_decides(
    site: SiteSettings,
    wish: Wish,
    monkeypatch: pytest.MonkeyPatch,
    *,
    found: int,
    shipped: int,
    area: float,
    doubts: int,
) -> None:
    def figures(number: int, boxes: float) -> Figures:
        return Figures(pictures=50, labels=100, found=number, area=boxes, false=0)

    monkeypatch.setattr(module, "imported_figures", lambda *_: figures(found, area))
    monkeypatch.setattr(module, "shipped_figures", lambda *_: figures(shipped, 1))
    done = introduce(wish, site, CLOCK, ignore)
    assert len(done.doubts) == doubts
    assert done.taken is (doubts == 0)
    assert site.state.exists() is done.taken


@pytest.mark.usefixtures("_quick")
def test_a_name_is_not_taken_twice(site: SiteSettings, wish: Wish) -> None:
    introduce(wish, site, CLOCK, ignore)
    with pytest.raises(ConfigError, match="already"):
        introduce(wish, site, CLOCK, ignore)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"threshold": 0.0}, "threshold"),
        ({"threshold": float("nan")}, "threshold"),
        ({"least": 1.5}, "recall"),
        ({"side": 100}, "100 pixels"),
        ({"side": 0}, "0 pixels"),
        ({"name": "../up"}, "no name"),
        ({"licence": "two\nlines"}, "licence"),
        ({"licence": "x" * 201}, "licence"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(
    site: SiteSettings, wish: Wish, change: dict[str, object], why: str
) -> None:
    with pytest.raises(ConfigError, match=why) as caught:
        introduce(replace(wish, **change), site, CLOCK, ignore)  # type: ignore[arg-type] # of its own types
    assert caught.value.mend
    assert not site.state.exists()


@pytest.mark.usefixtures("_quick")
def test_a_fixed_size_is_not_changed(site: SiteSettings, wish: Wish) -> None:
    fixed = replace(wish, file=save(network("v8", (640, 640)), wish.file), side=1280)
    with pytest.raises(ConfigError, match="640x640 only"):
        introduce(fixed, site, CLOCK, ignore)
    assert introduce(replace(fixed, side=640), site, CLOCK, ignore).taken


@pytest.mark.parametrize(
    "content",
    [b"", b"none", network("v8").SerializeToString()[:900], network("v8", notes=NOTES | {"task": "pose"})],
)
def test_a_bad_file_is_named_and_changes_nothing(site: SiteSettings, wish: Wish, content: object) -> None:
    wish.file.write_bytes(content if isinstance(content, bytes) else content.SerializeToString())  # type: ignore[attr-defined]
    with pytest.raises(WeightsError, match=r"My Best\.onnx"):
        introduce(replace(wish, force=True), site, CLOCK, ignore)
    assert not site.state.exists()


def test_another_ending_is_refused(site: SiteSettings, wish: Wish) -> None:
    other = wish.file.rename(wish.file.with_suffix(".pb"))
    with pytest.raises(WeightsError, match="neither"):
        introduce(replace(wish, file=other), site, CLOCK, ignore)


@pytest.mark.usefixtures("_quick")
def test_a_checkpoint_is_exported_first(
    site: SiteSettings, wish: Wish, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint = wish.file.with_name("best.pt")
    checkpoint.write_bytes(b"a checkpoint")

    def exported(file: Path, out: Path) -> None:
        assert file == checkpoint
        save(network("end"), out)

    monkeypatch.setattr(module, "export", exported)
    entry = introduce(replace(wish, file=checkpoint), site, CLOCK, ignore).entry
    assert (entry.name, entry.source, entry.layout) == ("best", "best.pt", "end")


@pytest.mark.usefixtures("_quick")
def test_the_class_that_is_checked_is_the_one_that_counts(
    site: SiteSettings, wish: Wish, tmp_path: Path
) -> None:
    folder = labelled(tmp_path / "green", 2, colour=GREEN)
    assert introduce(replace(wish, classes=[1], check=folder), site, CLOCK, ignore).taken
