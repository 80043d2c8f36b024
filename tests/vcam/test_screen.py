"""Whatever goes wrong around it, the screen lets out every picture once, in order, and never the secret."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import settings as runs
from hypothesis import strategies as st

from models.analyst import Analyst
from tests.support.patch import GREY, PatchAnalyst, PatchScene, luma, shows_patch
from vcam.base.errors import DetectError
from vcam.base.media import TICKS, Kind, Region, StreamInfo
from vcam.base.settings import MaskSettings, Zone
from vcam.screen import Analysing, Decided, Masked, Screen, Work
from vcam.track.buffer import Released

INFO = StreamInfo("h264", 640, 360, 25.0)


def look(screen: Screen, analyst: Analysing, work: Work | None) -> None:
    if work is not None:
        screen.learn(analyst.analyse(work.picture, work.passes, work.tracked))


@dataclass(frozen=True)
class Seen:
    """What is kept of a masked picture: its frame is valid only until the next one."""

    index: int
    pts: int
    proven: bool
    kinds: tuple[Kind, ...]
    shows: bool


def seen(pictures: Iterable[Masked]) -> list[Seen]:
    return [
        Seen(
            m.picture.index,
            m.picture.pts,
            m.proven,
            tuple(r.kind for r in m.regions),
            shows_patch(m.picture.frame),
        )
        for m in pictures
    ]


def run(screen: Screen, analyst: PatchAnalyst, scene: PatchScene, count: int) -> list[Seen]:
    out = seen(screen.open(INFO))
    for number in range(count):
        picture = scene.picture(number)
        now = picture.pts / TICKS
        screen.push(picture, now)
        look(screen, analyst, screen.owed(picture))
        out += seen(screen.release(now))
    look(screen, analyst, screen.proof(picture))
    return out + seen(screen.drain())


def test_the_patch_shows_when_nothing_masks_it() -> None:
    assert shows_patch(PatchScene().picture(30).frame)


@pytest.mark.parametrize("delay", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("style", ["mosaic", "blur", "solid"])
def test_a_patch_that_enters_and_leaves_is_covered_in_every_picture(delay: float, style: str) -> None:
    scene, analyst = PatchScene(), PatchAnalyst()
    settings = MaskSettings.model_validate({"delay": delay, "style": style})
    masked = run(Screen(settings, analyst), analyst, scene, 200)
    assert [m.index for m in masked] == list(range(200))
    assert not any(m.shows for m in masked)
    assert all(m.proven for m in masked)
    assert any(Kind.FACE in m.kinds for m in masked)


def test_without_delay_the_past_alone_proves() -> None:
    scene, analyst = PatchScene(), PatchAnalyst()
    masked = run(Screen(MaskSettings(delay=0), analyst), analyst, scene, 60)
    assert all(m.proven for m in masked)
    assert not any(m.shows for m in masked[20:])


def test_a_broken_detector_masks_everything_whole() -> None:
    scene, analyst = PatchScene(), PatchAnalyst()
    screen = Screen(MaskSettings(), analyst)
    out = seen(screen.open(INFO))
    for number in range(50):
        picture = scene.picture(number)
        screen.push(picture, picture.pts / TICKS)
        out += seen(screen.release(picture.pts / TICKS))
    out += seen(screen.drain())
    assert len(out) == 50
    assert all(not m.proven and m.kinds == (Kind.WHOLE,) for m in out)
    assert not any(m.shows for m in out)


def test_an_answer_about_a_picture_that_has_left_is_void() -> None:
    scene, analyst = PatchScene(), PatchAnalyst()
    screen = Screen(MaskSettings(delay=0.5), analyst)
    list(screen.open(INFO))
    late: list[Work] = []
    out: list[Seen] = []
    for number in range(100):
        picture = scene.picture(number)
        now = picture.pts / TICKS
        screen.push(picture, now)
        if work := screen.owed(picture):
            late.append(work)
        out += seen(screen.release(now))
        # The analyst is a second late: it looks at pictures that have been masked in place.
        if late and late[0].picture.pts < picture.pts - TICKS:
            look(screen, analyst, late.pop(0))
    out += seen(screen.drain())
    assert not any(m.proven for m in out)


@pytest.mark.parametrize("seed", range(12))
def test_no_fault_lets_the_patch_out(seed: int) -> None:
    """Detector errors, late answers, damage, new sizes, new streams, jumps of time, stalls: at random, together."""
    dice = random.Random(seed)
    analyst = PatchAnalyst()
    screen = Screen(MaskSettings(delay=dice.choice([0.5, 1.0])), analyst)
    scene = PatchScene()
    out = seen(screen.open(INFO))
    sent, pts, now, number = 0, 0, 0.0, 20
    waiting: list[Work] = []
    for _ in range(400):
        step = dice.choice([1, 1, 1, 1, 1, 2])
        pts, now, number = pts + 3600 * step, now + 0.04 * step, number + step
        event = dice.random()
        if event < 0.01:
            scene = PatchScene(*dice.choice([(640, 360), (320, 240), (800, 450)]))
        elif event < 0.02:
            out += seen(screen.open(INFO))
            pts, number = 0, 20
        elif event < 0.03:
            now += 3.0
        elif event < 0.04:
            pts += TICKS * 5
        if number > 150:
            # The patch jumps back to the left: only a new stream does that.
            out += seen(screen.open(INFO))
            number = 0
        picture = scene.picture(number, pts=pts, damaged=dice.random() < 0.01)
        screen.push(picture, now)
        sent += 1
        if work := screen.owed(picture):
            waiting.append(work)
        while waiting and dice.random() < 0.8:
            work = waiting.pop(0)
            analyst.failing = dice.random() < 0.1
            try:
                look(screen, analyst, work)
            except DetectError:
                continue
        out += seen(screen.release(now))
    out += seen(screen.drain())
    assert [m.index for m in out] == list(range(sent))
    leaks = [m.index for m in out if m.shows]
    assert leaks == []
    assert any(m.proven for m in out)


def test_the_time_line_goes_on_when_the_camera_comes_back() -> None:
    scene, analyst = PatchScene(), PatchAnalyst()
    screen = Screen(MaskSettings(delay=0.5), analyst)
    out = run(screen, analyst, scene, 30)
    out += seen(screen.open(INFO))
    for number in range(30):
        picture = scene.picture(number)
        now = 29 / 25 + 10.0 + number / 25
        screen.push(picture, now)
        out += seen(screen.release(now))
    out += seen(screen.drain())
    times = [m.pts for m in out]
    assert times == sorted(set(times))
    assert times[30] - times[29] == 10 * TICKS


def test_motion_masks_whole_until_the_background_is_known_and_then_what_moves() -> None:
    scene, analyst = PatchScene(), Analyst(["motion"])
    screen = Screen(MaskSettings(kinds=["motion"]), analyst)
    out = seen(screen.open(INFO))
    for number in range(100):
        # the patch comes into view after a second
        picture = scene.picture(max(0, number - 25), pts=number * 3600)
        rows = luma(picture.frame)
        rows[rows == GREY] = 50  # scaled down, the chequers are as grey as the ground
        screen.push(picture, picture.pts / TICKS)
        look(screen, analyst, screen.owed(picture))
        out += seen(screen.release(picture.pts / TICKS))
    look(screen, analyst, screen.proof(picture))
    out += seen(screen.drain())
    assert not out[0].proven
    assert all(m.proven for m in out[12:])
    assert not any(m.shows for m in out)
    assert Kind.MOTION in out[60].kinds
    assert out[12].kinds == ()


def asked_in(analyst: PatchAnalyst, pts: Iterable[int]) -> list[tuple[str, ...]]:
    """What each picture of a stream at these times is asked for; nothing where it is not looked at."""
    scene, screen = PatchScene(), Screen(MaskSettings(delay=0.5), analyst)
    list(screen.open(INFO))
    out = []
    for number, at in enumerate(pts):
        picture = scene.picture(number, pts=at)
        screen.push(picture, at / TICKS)
        work = screen.owed(picture)
        out.append(work.passes if work else ())
        assert screen.owed(picture) is None, "asking settles the debt"
        look(screen, analyst, work)
        list(screen.release(at / TICKS))
    return out


@runs(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 3 * TICKS), min_size=1, max_size=60))
def test_every_picture_is_owed_the_passes_that_come_always(steps: list[int]) -> None:
    """Whatever the rate of the pictures, and beside what the plan owes, which comes no oftener for it."""
    pts = list(accumulate(steps))
    plain, thorough = asked_in(PatchAnalyst(), pts), asked_in(PatchAnalyst(always=frozenset({"fine"})), pts)
    assert all("fine" in passes for passes in thorough)
    assert [tuple(name for name in passes if name != "fine") for passes in thorough] == plain


def test_passes_that_come_always_prove_nothing_by_themselves() -> None:
    scene, analyst = PatchScene(), PatchAnalyst(always=frozenset({"fine"}))
    analyst.plan = lambda index, fps, size: ()  # type: ignore[method-assign]
    screen = Screen(MaskSettings(delay=0.5), analyst)
    out = seen(screen.open(INFO))
    for number in range(50):
        picture = scene.picture(number)
        screen.push(picture, picture.pts / TICKS)
        look(screen, analyst, screen.owed(picture))
        out += seen(screen.release(picture.pts / TICKS))
    out += seen(screen.drain())
    assert len(analyst.asked) == 50
    assert not any(m.proven or m.shows for m in out)


def test_a_pass_that_comes_always_and_failed_is_owed_to_the_next_picture_once() -> None:
    scene, analyst = PatchScene(), PatchAnalyst(always=frozenset({"near"}))
    screen = Screen(MaskSettings(delay=0.5), analyst)
    list(screen.open(INFO))
    for number in range(10):
        picture = scene.picture(number)
        screen.push(picture, picture.pts / TICKS)
        work = screen.owed(picture)
        assert work is not None
        assert work.passes == ("near",)
        screen.failed(work)


ZONE = {"name": "poster", "points": [(0.3, 0.2), (0.7, 0.2), (0.7, 0.8), (0.3, 0.8)]}


@pytest.mark.parametrize("delay", [0.5, 1.0])
def test_who_walks_through_a_never_zone_is_masked_in_every_picture(delay: float) -> None:
    scene, analyst = PatchScene(), PatchAnalyst()
    settings = MaskSettings.model_validate({"delay": delay, "never": [ZONE]})
    assert not any(m.shows for m in run(Screen(settings, analyst), analyst, scene, 200))


def test_what_was_never_outside_a_never_zone_is_left_clear_once_it_is_proven() -> None:
    scene, analyst = PatchScene(speed=0), PatchAnalyst()
    scene.place = lambda number: (280, 120)  # type: ignore[method-assign]
    settings = MaskSettings.model_validate({"delay": 0.5, "never": [ZONE]})
    clear = run(Screen(settings, analyst), analyst, scene, 50)
    assert all(m.proven and m.shows and not m.kinds for m in clear)
    # always wins over never, and so does a picture that is not proven
    both = settings.model_copy(update={"always": settings.never})
    assert not any(m.shows for m in run(Screen(both, analyst), analyst, scene, 50))
    analyst.failing = True
    screen = Screen(settings, analyst)
    out = seen(screen.open(INFO))
    for number in range(20):
        screen.push(scene.picture(number), number / 25)
    out += seen(screen.drain())
    assert all(m.kinds == (Kind.WHOLE,) and not m.shows for m in out)


@pytest.mark.parametrize("hours", ["00:00-00:01", "12:00-12:01"])
def test_nothing_is_unmasked_early_or_late_by_a_rule(hours: str) -> None:
    """The camera masks vehicles alone; a rule masks faces in its minute, and so long before and after."""
    scene, analyst = PatchScene(speed=0), PatchAnalyst()
    scene.place = lambda number: (280, 120)  # type: ignore[method-assign]
    rule = {"name": "faces", "hours": hours, "kinds": ["face"]}
    settings = MaskSettings.model_validate(
        {"kinds": ["vehicle"], "delay": 0.5, "timezone": "UTC", "rule": [rule]}
    )
    screen = Screen(settings, analyst)
    start = 12 * 3600 * 1_000_000 if hours.startswith("12") else 0
    out = seen(screen.open(INFO))
    times = []
    for number in range(4 * 25):
        picture = scene.picture(number)
        picture.time = start + 58_000_000 + number * 40_000
        times.append(picture.time - start)
        screen.push(picture, picture.pts / TICKS)
        look(screen, analyst, screen.owed(picture))
        out += seen(screen.release(picture.pts / TICKS))
    look(screen, analyst, screen.proof(picture))
    out += seen(screen.drain())
    shown = [time for time, one in zip(times, out, strict=True) if one.shows]
    assert shown
    assert min(shown) >= 61_000_000


class Clear:
    """Clears what it is told to, and remembers what it was asked."""

    def __init__(self, *more: Region, all_of_it: bool = True) -> None:
        self.more = more
        self.all_of_it = all_of_it
        self.asked: list[Released] = []

    def clear(self, released: Released) -> tuple[Region, ...]:
        self.asked.append(released)
        return (*released.regions, *self.more) if self.all_of_it else self.more


def test_what_is_cleared_shows() -> None:
    analyst, clear = PatchAnalyst(), Clear()
    out = run(Screen(MaskSettings(), analyst, Decided(clear)), analyst, PatchScene(), 100)
    assert all(m.shows and not m.kinds for m in out[20:])
    assert [released.picture.index for released in clear.asked] == list(range(100))
    assert all(set(released.evidence) == {r.track for r in released.regions} for released in clear.asked)


def test_only_a_pictures_own_regions_can_be_cleared() -> None:
    """Whatever else is named, the masks are those without a choice."""
    analyst, usual = PatchAnalyst(), PatchAnalyst()
    strange = Clear(
        Region(0, 0, 640, 360, Kind.FACE, 1), Region(0, 0, 640, 360, Kind.WHOLE, 0), all_of_it=False
    )
    out = run(Screen(MaskSettings(), analyst, Decided(strange)), analyst, PatchScene(), 100)
    assert out == run(Screen(MaskSettings(), usual), usual, PatchScene(), 100)
    assert not any(m.shows for m in out)


def test_nothing_is_cleared_of_a_picture_that_nobody_looked_at() -> None:
    analyst = PatchAnalyst(failing=True)
    screen = Screen(MaskSettings(), analyst, Decided(Clear()))
    out = seen(screen.open(INFO))
    for number in range(20, 50):
        screen.push(PatchScene().picture(number), number / 25)
    out += seen(screen.drain())
    assert len(out) == 30
    assert all(m.kinds == (Kind.WHOLE,) and not m.shows for m in out)


@pytest.mark.parametrize(("left", "shows"), [(0.0, False), (0.5, True)])
def test_outside_a_zone_that_is_kept_nothing_is_cleared(left: float, shows: bool) -> None:
    keep = Zone(name="half", points=[(left, 0), (left + 0.5, 0), (left + 0.5, 1), (left, 1)])
    analyst = PatchAnalyst()
    scene = PatchScene(speed=0.0)
    scene.place = lambda number: (480, 120)  # type: ignore[method-assign]
    out = run(Screen(MaskSettings(), analyst, Decided(Clear(), keep)), analyst, scene, 30)
    assert {m.shows for m in out} == {shows}
    assert all(m.proven and m.kinds == (Kind.ZONE,) for m in out)
