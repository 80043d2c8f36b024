"""Clips measured, with a secret whose place is known in every picture and an analyst that finds it."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from tests.support.patch import PATCH, PatchAnalyst, PatchScene, rgb
from tests.support.portrait import write
from vcam.base.errors import DetectError, NotVideo
from vcam.base.media import Kind, Region
from vcam.base.settings import MaskSettings
from vcam.mask.masker import Masker
from vcam.quality.clip import ClipFigures, ClipMeasure
from vcam.quality.judge import Seen
from vcam.quality.verdicts import Verdicts
from vcam.screen import Analysing

COUNT = 60
SCENE = PatchScene(speed=7.0)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "patch.mp4"
    return write(path, (rgb(SCENE.picture(n)) for n in range(COUNT)))


def truth(every: int = 1, kind: str = "face") -> Verdicts:
    """Where the patch is, as a judge would say it."""
    seen: dict[int, list[Seen]] = {}
    for number in range(0, COUNT, every):
        x, y = SCENE.place(number)
        left, right = max(0, x), min(SCENE.width, x + PATCH)
        seen[number] = [(left, y, right, y + PATCH, 0.9)] if right - left >= PATCH / 2 else []
    return Verdicts("face" if kind == "face" else "plate", seen, COUNT)


def measured(
    clip: Path, verdicts: dict[str, Verdicts], analyst: Analysing | None = None, delay: float = 1.0
) -> ClipFigures:
    measure = ClipMeasure(clip, MaskSettings(delay=delay), analyst or PatchAnalyst(), verdicts)
    for _ in measure.run():
        pass
    return measure.figures


def test_what_the_product_covers_does_not_leak(clip: Path) -> None:
    figures = measured(clip, {"centerface": truth()})
    counted = figures.tallies["centerface"]
    assert counted.seen > COUNT / 2
    assert (counted.leaked, counted.through, counted.dropped) == (0, 0, 0)
    assert (figures.pictures, figures.whole, figures.width, figures.height) == (COUNT, 0, 640, 360)
    assert figures.seconds == pytest.approx(COUNT / 25)
    assert figures.track_starts == 1
    assert figures.starts_a_minute == pytest.approx(60 / figures.seconds)
    assert figures.cpu_ms > 0


def test_without_a_delay_the_start_leaks_and_a_blind_analyst_leaks_all(clip: Path) -> None:
    class Blind(PatchAnalyst):
        def plan(self, index: int, fps: float, size: tuple[int, int]) -> tuple[str, ...]:
            return ("near",) if index % 50 == 0 else ()

        def period(self, family: str, fps: float) -> float:
            return 2.0

    late = measured(clip, {"centerface": truth()}, Blind(), delay=0.0)
    assert late.tallies["centerface"].leaked > 10
    assert late.tallies["centerface"].longest_run > 10
    assert late.leaks["centerface"][0].picture < 10


def test_a_failing_analyst_is_an_error_and_no_figure(clip: Path) -> None:
    with pytest.raises(DetectError, match="on purpose"):
        measured(clip, {"centerface": truth()}, PatchAnalyst(failing=True))


def test_a_mask_that_is_only_claimed_is_a_leak(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Masker.apply

    def claim(self: Masker, picture: object, regions: tuple[Region, ...], zones: object) -> tuple[Region, ...]:
        blank = SCENE.picture(0)
        return real(self, blank, regions)  # it masks another picture

    monkeypatch.setattr(Masker, "apply", claim)
    counted = measured(clip, {"centerface": truth()}).tallies["centerface"]
    assert counted.through == counted.leaked == counted.seen > 0


def test_areas_and_their_limit(clip: Path) -> None:
    figures = measured(clip, {"centerface": truth()})
    shares = [
        sum((x2 - x1) * (y2 - y1) for x1, y1, x2, y2, _ in boxes) / (640 * 360)
        for boxes in truth().seen.values()
    ]
    assert figures.limit == pytest.approx(0.08 + 8 * np.mean(shares))
    assert max(shares) < figures.area_most < 10 * max(shares)
    assert figures.area == pytest.approx(np.mean([moment.area for moment in figures.moments]))
    assert figures.within
    assert figures.quiet_pictures == sum(not boxes for boxes in truth().seen.values())


def test_only_judged_pictures_count(clip: Path) -> None:
    figures = measured(clip, {"centerface": truth(every=7)})
    assert figures.tallies["centerface"].pictures == len(range(0, COUNT, 7))
    assert figures.pictures == len(figures.moments) == COUNT


def test_judges_of_one_kind_agree_and_others_do_not(clip: Path) -> None:
    nowhere = Verdicts("face", {n: [(600, 300, 640, 340, 0.9)] for n in range(COUNT)}, COUNT)
    both = measured(clip, {"centerface": truth(), "yunet": nowhere, "plates": truth(kind="plate")})
    assert both.tallies["yunet"].leaked == both.tallies["yunet"].seen == COUNT
    assert both.tallies["yunet"].agreed == 0
    assert both.limit is not None
    twice = measured(clip, {"yunet": nowhere, "dlib_hog": nowhere})
    assert twice.tallies["yunet"].agreed == COUNT
    assert twice.limit is None, "nobody says how large faces are"
    assert twice.within


def test_what_is_masked_whole_is_counted(clip: Path) -> None:
    class Careless(PatchAnalyst):
        """Looks at the first pictures alone."""

        def plan(self, index: int, fps: float, size: tuple[int, int]) -> tuple[str, ...]:
            return ("near",) if index in {0, 5, 10} else ()

    figures = measured(clip, {"centerface": truth()}, Careless())
    assert figures.whole > COUNT / 2
    assert figures.area_most == 1
    assert figures.tallies["centerface"].leaked == 0


def test_what_holds_no_picture_is_told(tmp_path: Path) -> None:
    path = tmp_path / "empty.mp4"
    path.write_bytes(b"no video")
    with pytest.raises(NotVideo, match=r"empty\.mp4"):
        measured(path, {})


def test_regions_are_those_that_were_masked(clip: Path) -> None:
    measure = ClipMeasure(clip, MaskSettings(), PatchAnalyst(), {"centerface": truth()})
    for shown, looks in islice(measure.run(), 20, 25):
        changed = np.argwhere(shown.before != shown.after)
        (region,) = shown.regions
        assert region.kind is Kind.FACE
        assert region.y1 <= changed[:, 0].min() <= changed[:, 0].max() < region.y2
        assert region.x1 <= changed[:, 1].min() <= changed[:, 1].max() < region.x2
        assert [look.share for look in looks["centerface"]] == [1.0]
