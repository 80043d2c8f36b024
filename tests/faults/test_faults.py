"""The search for unmasked pictures in short, and proof that it finds them when the product is broken on purpose."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from models.manifest import weights
from tests.faults.campaign import Tally, analyst, scripts, told
from tests.faults.clip import REAL, Clip, drawn, filmed, with_ability
from tests.faults.killed import kill
from tests.faults.run import Outcome, Script, play
from tests.faults.trouble import ANALYST, CAMERA, FATAL, OUTPUT, Fault
from tests.support.portrait import footage
from vcam.base.errors import WeightsError
from vcam.base.media import Picture, Region
from vcam.base.settings import Zone
from vcam.mask.masker import Masker
from vcam.track.proof import Proof

BUSY = 60
"""A picture of the drawn scene from which on a face and a plate are in view."""
PLATES = "dev_02_plate_closeup.mp4"


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    try:
        weights("astronaut")
        analyst().load(64, 64)
    except WeightsError as error:
        pytest.skip(f"a file is absent: {error}")
    return drawn(tmp_path_factory.mktemp("faults"), 120)


def run(clip: Clip, *faults: Fault, count: int = 32) -> Outcome:
    return play(Script(1, clip, clip, faults, first=BUSY, count=count, delay=0.5, knowing=True), analyst())


def unmasked(outcome: Outcome) -> int:
    return sum(verdict.unmasked for verdict in outcome.verdicts)


def test_random_faults_leave_nothing_unmasked(scene: Clip, tmp_path: Path) -> None:
    tally = Tally(7)
    for script in scripts([scene], 7, tmp_path, lengths=(20, 50), knowing=1.0):
        outcome = play(script, analyst())
        assert not unmasked(outcome), told(outcome)
        tally.add(outcome)
        if tally.frames >= 200:
            break
    assert tally.whole
    assert tally.proven
    assert tally.objects
    assert len(tally.faults) >= 4


def test_faults_leave_real_footage_masked(tmp_path: Path) -> None:
    path = footage("clips", PLATES)
    clip = with_ability(filmed(path.parent, PLATES, tmp_path, 40), tmp_path)
    assert REAL[PLATES][0] >= 40
    faults = (
        Fault("one pass fails", 12, 8, 0.5),
        Fault("reconnect", 26, 1, 0.3),
        Fault("slow analyst", 30, 4, 0.2),
    )
    outcome = play(Script(1, clip, clip, faults, count=40), analyst())
    assert not unmasked(outcome), told(outcome)
    assert sum(len(verdict.given.judged) for verdict in outcome.verdicts) > 20


@pytest.mark.parametrize("name", [*CAMERA, *ANALYST, *OUTPUT, *FATAL])
def test_each_fault_comes_true_and_leaves_nothing_unmasked(name: str, scene: Clip) -> None:
    outcome = run(scene, Fault(name, 15, 12, 0.45), count=140 if name == "detector hangs" else 32)
    assert not unmasked(outcome), told(outcome)
    assert outcome.counts[name] == 1
    assert bool(outcome.ended) == (name in FATAL)


def test_a_run_can_be_played_again(scene: Clip) -> None:
    faults = (
        Fault("late answer", 3, 9, 0.2),
        Fault("variable rate", 8, 20, 0.4),
        Fault("silence and a burst", 20, 1, 0.2),
    )
    one, two = (
        [(verdict.index, verdict.given.number, verdict.whole) for verdict in run(scene, *faults).verdicts]
        for _ in range(2)
    )
    assert one == two


def test_without_faults_faces_and_plates_are_covered_and_the_rest_is_clear(scene: Clip) -> None:
    outcome = run(scene, count=50)
    assert not unmasked(outcome)
    assert sum(not verdict.whole for verdict in outcome.verdicts) >= 40


def test_a_masker_that_does_nothing_is_found_out(scene: Clip, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Masker, "apply", lambda self, picture, regions, zones: tuple(regions))
    monkeypatch.setattr(Masker, "whole", lambda self, picture: ())
    outcome = run(scene)
    showing = [verdict for verdict in outcome.verdicts if verdict.given.judged]
    assert len(showing) > 20
    assert all(verdict.shown for verdict in showing)


def test_half_of_the_regions_left_out_is_found_out(scene: Clip, monkeypatch: pytest.MonkeyPatch) -> None:
    apply = Masker.apply

    def half(
        self: Masker, picture: Picture, regions: Sequence[Region], zones: Sequence[Zone]
    ) -> tuple[Region, ...]:
        return apply(self, picture, regions[::2], zones)

    monkeypatch.setattr(Masker, "apply", half)
    assert unmasked(run(scene)) > 10


def test_a_proof_that_believes_everything_is_found_out(scene: Clip, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Proof, "missing", lambda self, pts: "")
    outcome = run(scene, Fault("detector fails", 1, 32, 0.5))
    assert any(verdict.blind for verdict in outcome.verdicts)
    assert any(verdict.shown for verdict in outcome.verdicts)


def test_a_killed_worker_leaves_nothing_unmasked(scene: Clip, tmp_path: Path) -> None:
    aftermath = kill(scene, tmp_path)
    assert not [verdict for verdict in (*aftermath.sent, *aftermath.left) if verdict.unmasked]
    assert sum(not verdict.whole for verdict in aftermath.sent) >= 30
    assert aftermath.left
    assert aftermath.files
