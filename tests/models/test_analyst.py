from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models import detector as module
from models.analyst import COUNTS, Analyst, common_scale
from models.manifest import Input
from models.passes import PASSES, STILL_PASSES
from models.runtime import Engine, Network, Outputs, Pixels, Runtime
from vcam.base.errors import DetectError
from vcam.base.media import Kind, Picture, Region

MakePicture = Callable[[Pixels], Picture]
HD = (1920, 1080)


class Scripted:
    """A runtime whose YuNet reports one face, at the cell of stride 8 and with the score it is told."""

    engine: Engine = "onnxruntime"

    def __init__(self, score: float) -> None:
        self.score = score
        self._pixels = 0

    def load(
        self, path: Path, convention: Input, shape: tuple[int, int, int], outputs: Sequence[str]
    ) -> Network:
        self._pixels = shape[1] * shape[2]
        return self

    def run(self, batch: Pixels) -> Outputs:
        answer: dict[str, NDArray[np.float32]] = {}
        for stride in (8, 16, 32):
            cells = batch.shape[1] * batch.shape[2] // stride**2
            answer |= {
                f"cls_{stride}": np.zeros((1, cells, 1), np.float32),
                f"obj_{stride}": np.ones((1, cells, 1), np.float32),
                f"bbox_{stride}": np.ones((1, cells, 4), np.float32),
            }
        answer["cls_8"][0, 0] = self.score**2
        # the cell in the corner: a box around (16, 16), 16 pixels wide
        answer["bbox_8"][0, 0] = [2, 2, np.log(2), np.log(2)]
        return answer


class Heat:
    """A runtime whose CenterFace reports one face in the middle, of the side and with the score it is told."""

    engine: Engine = "onnxruntime"

    def __init__(self, side: float, score: float) -> None:
        self.side, self.score = side, score

    def load(
        self, path: Path, convention: Input, shape: tuple[int, int, int], outputs: Sequence[str]
    ) -> Network:
        return self

    def run(self, batch: Pixels) -> Outputs:
        down, across = batch.shape[1] // 4, batch.shape[2] // 4
        heat = np.zeros((1, 1, down, across), np.float32)
        heat[0, 0, down // 2, across // 2] = self.score
        size = np.full((1, 2, down, across), math.log(self.side / 4), np.float32)
        return {"537": heat, "538": size, "539": np.zeros((1, 2, down, across), np.float32)}


@pytest.fixture
def _no_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "weights", Path)


def grey(width: int, height: int) -> Pixels:
    return np.full((height, width, 3), 128, np.uint8)


def _yuv(pixels: NDArray[np.generic]) -> Picture:
    height, width = pixels.shape[0] // 2 * 2, pixels.shape[1] // 2 * 2
    even = np.ascontiguousarray(pixels[:height, :width], np.uint8)
    return Picture(av.VideoFrame.from_ndarray(even, format="bgr24").reformat(format="yuv420p"), 0, 0, 0)


def around(box: tuple[float, float, float, float], x: float, y: float) -> bool:
    return box[0] < x < box[2] and box[1] < y < box[3]


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])
@pytest.mark.parametrize("name", [one.name for one in (*PASSES, *STILL_PASSES) if one.family == "face"])
def test_every_face_pass_finds_the_astronaut(
    request: pytest.FixtureRequest, engine: str, name: str, portrait: Pixels, picture_of: MakePicture
) -> None:
    runtime: Runtime = request.getfixturevalue(engine)
    analysis = Analyst(["face"], runtime=runtime, still=True).analyse(picture_of(portrait), (name,), ())
    assert (analysis.index, analysis.pts, analysis.passes) == (7, 630_000, frozenset({name}))
    best = max(analysis.detections, key=lambda seen: seen.score)
    assert best.kind is Kind.FACE
    assert best.score > 0.7
    # the face, with room for hair line and ears
    box = best.x1, best.y1, best.x2, best.y2
    assert around(box, 180, 65)
    assert around(box, 265, 175)
    assert (best.x2 - best.x1) * (best.y2 - best.y1) < 200 * 220


@pytest.mark.parametrize("canvas", [(1920, 1080), (1080, 1920), (3840, 2160), (854, 480), (350, 1002)])
def test_boxes_are_in_pixels_of_the_picture(
    canvas: tuple[int, int], portrait: Pixels, picture_of: MakePicture, openvino: Runtime
) -> None:
    width, height = canvas
    side = min(width, height) // 2 & ~1
    left, top = width - side - 10, height - side - 20
    scene = grey(width, height)
    scene[top : top + side, left : left + side] = cv2.resize(
        portrait, (side, side), interpolation=cv2.INTER_AREA
    )
    analyst = Analyst(["face"], runtime=openvino)
    seen = analyst.analyse(picture_of(scene), ("yunet:960", "centerface:640"), ()).detections
    assert len(seen) == 1
    box = seen[0].x1, seen[0].y1, seen[0].x2, seen[0].y2
    scale = side / 512
    for x, y in ((182, 68), (264, 68), (182, 172), (264, 172)):
        assert around(box, left + x * scale, top + y * scale)
    assert box[2] - box[0] < 200 * scale


def test_a_tiny_picture_is_analysed(openvino: Runtime, portrait: Pixels, picture_of: MakePicture) -> None:
    tiny = np.asarray(cv2.resize(portrait[:256, 90:346], (48, 48), interpolation=cv2.INTER_AREA), np.uint8)
    analyst = Analyst(["face", "plate", "person"], runtime=openvino)
    names = tuple({name for step in range(26) for name in analyst.plan(step, 25, (48, 48))})
    faces = [
        seen
        for seen in analyst.analyse(picture_of(tiny), names, ()).detections
        if seen.kind is Kind.FACE and around((seen.x1, seen.y1, seen.x2, seen.y2), 25, 22)
    ]
    assert faces


def test_persons_and_heads(openvino: Runtime, portrait: Pixels, picture_of: MakePicture) -> None:
    picture = picture_of(portrait)
    both = Analyst(["person", "head"], runtime=openvino).analyse(picture, ("object:416",), ()).detections
    assert {seen.kind for seen in both} == {Kind.PERSON, Kind.HEAD}
    (head,) = Analyst(["head"], runtime=openvino).analyse(picture, ("object:416",), ()).detections
    assert head.kind is Kind.HEAD
    assert around((head.x1, head.y1, head.x2, head.y2), 222, 118)


def test_a_head_is_masked_where_no_face_was_seen(
    openvino: Runtime, portrait: Pixels, picture_of: MakePicture
) -> None:
    picture = picture_of(portrait)
    analyst = Analyst(["face", "head"], runtime=openvino)
    both = analyst.analyse(picture, ("object:416", "yunet:960"), ()).detections
    assert {seen.kind for seen in both} == {Kind.FACE}
    (face,) = both
    box = face.x1, face.y1, face.x2, face.y2
    assert analyst.analyse(picture, ("object:416",), (Region(*box, Kind.FACE, 1),)).detections == ()
    (head,) = analyst.analyse(picture, ("object:416",), ()).detections
    assert head.kind is Kind.HEAD
    # the face lies in it from brow to chin
    assert around((head.x1, head.y1, head.x2, head.y2), 182, 68)
    assert around((head.x1, head.y1, head.x2, head.y2), 264, 172)


def test_screens(openvino: Runtime, eval_folder: Path) -> None:
    pixels = cv2.imread(str(eval_folder / "faces" / "dev_maskraw_0147.jpg"))
    assert pixels is not None
    analyst = Analyst(["screen"], runtime=openvino)
    seen = analyst.analyse(_yuv(pixels), ("object:416",), ()).detections
    assert {one.kind for one in seen} == {Kind.SCREEN}
    # a display at the back of the room, which is full of persons too
    (screen,) = [one for one in seen if around((one.x1, one.y1, one.x2, one.y2), 790, 217)]
    assert 80 < screen.x2 - screen.x1 < 130
    assert 50 < screen.y2 - screen.y1 < 90


def test_persons_are_not_screens(openvino: Runtime, portrait: Pixels, picture_of: MakePicture) -> None:
    analyst = Analyst(["screen"], runtime=openvino)
    assert analyst.analyse(picture_of(portrait), ("object:416",), ()).detections == ()


def test_lines_of_text(openvino: Runtime, picture_of: MakePicture) -> None:
    sheet = np.full((1080, 1920, 3), 225, np.uint8)
    cv2.putText(sheet, "Room 815, ask for Mr Kim", (300, 500), cv2.FONT_HERSHEY_SIMPLEX, 1.4, (30, 30, 30), 2)
    analyst = Analyst(["text"], runtime=openvino)
    assert analyst.families == {"text": frozenset({"text:960"})}
    (line,) = analyst.analyse(picture_of(sheet), ("text:960",), ()).detections
    assert line.kind is Kind.TEXT
    (width, height), base = cv2.getTextSize("Room 815, ask for Mr Kim", cv2.FONT_HERSHEY_SIMPLEX, 1.4, 2)
    assert line.x1 <= 302
    assert line.x2 >= 298 + width
    assert line.y1 <= 502 - height
    assert line.y2 >= 498 + base
    assert line.y2 - line.y1 < 4 * height


@pytest.mark.usefixtures("_no_weights")
def test_weak_detections_count_where_a_track_is_expected(picture_of: MakePicture) -> None:
    picture = picture_of(grey(960, 544))
    # the threshold is 0.25; 0.2 is weak
    analyst = Analyst(["face"], runtime=Scripted(0.2))
    here = Region(4, 4, 28, 28, Kind.FACE, 1)
    assert analyst.analyse(picture, ("yunet:960",), ()).detections == ()
    (seen,) = analyst.analyse(picture, ("yunet:960",), (here,)).detections
    assert 0.1 <= seen.score < COUNTS
    elsewhere = Region(500, 300, 540, 340, Kind.FACE, 1)
    assert analyst.analyse(picture, ("yunet:960",), (elsewhere,)).detections == ()
    other = Region(4, 4, 28, 28, Kind.PLATE, 1)
    assert analyst.analyse(picture, ("yunet:960",), (other,)).detections == ()
    strong = Analyst(["face"], runtime=Scripted(0.26)).analyse(picture, ("yunet:960",), ()).detections
    assert [seen.score >= COUNTS for seen in strong] == [True]


@pytest.mark.usefixtures("_no_weights")
@pytest.mark.parametrize(
    ("size", "score", "counts"),
    [
        ((1920, 1080), 0.26, True),
        ((960, 544), 0.26, True),
        ((960, 540), 0.26, True),
        ((540, 960), 0.26, True),
        ((640, 360), 0.26, False),
        ((640, 360), 0.39, False),
        ((640, 360), 0.41, True),
        ((360, 640), 0.39, False),
        ((64, 64), 0.39, False),
    ],
)
def test_in_enlarged_pictures_more_is_asked_of_a_face(
    size: tuple[int, int], score: float, counts: bool, picture_of: MakePicture
) -> None:
    analyst = Analyst(["face"], runtime=Scripted(score))
    seen = analyst.analyse(picture_of(grey(*size)), ("yunet:960",), ()).detections
    assert bool(seen) is counts


@pytest.mark.usefixtures("_no_weights")
@pytest.mark.parametrize("name", [one.name for one in PASSES if one.detector == "centerface"])
@pytest.mark.parametrize(
    ("side", "score", "counts"), [(180, 0.4, True), (200, 0.4, False), (200, 0.49, False), (200, 0.51, True)]
)
def test_a_large_face_must_be_a_sure_one(
    name: str, side: float, score: float, counts: bool, picture_of: MakePicture
) -> None:
    picture = picture_of(grey(640, 480))
    analyst = Analyst(["face"], runtime=Heat(side, score))
    assert bool(analyst.analyse(picture, (name,), ()).detections) is counts
    # nor does a track that is expected there help it
    here = Region(220, 140, 420, 340, Kind.FACE, 1)
    assert bool(analyst.analyse(picture, (name,), (here,)).detections) is counts


@pytest.mark.usefixtures("_no_weights")
@pytest.mark.parametrize("size", [(640, 360), (1920, 1080)])
@pytest.mark.parametrize(
    ("runtime", "names"),
    [
        (Scripted(0.9), ("yunet:960", "yunet:often")),
        (Heat(40, 0.9), ("centerface:640", "centerface:full")),
    ],
)
def test_detections_say_when_their_pass_comes_again(
    runtime: Runtime, names: tuple[str, str], size: tuple[int, int], picture_of: MakePicture
) -> None:
    picture = picture_of(grey(*size))
    live, thorough = (Analyst(["face"], runtime=runtime, thorough=value) for value in (False, True))
    for name in names:
        planned = next(one for one in PASSES if one.name == name).every(size)
        (seen,) = live.analyse(picture, (name,), ()).detections
        assert seen.every == pytest.approx(planned)
        (seen,) = thorough.analyse(picture, (name,), ()).detections
        assert seen.every == pytest.approx(0.04 if name in thorough.always else planned)


def test_a_thorough_analyst_gives_every_picture_the_passes_with_a_budget() -> None:
    assert Analyst(["face", "plate"]).always == frozenset()
    analyst = Analyst(["face", "plate"], thorough=True)
    assert analyst.always == {"centerface:full", "yunet:often"}
    # the others come as they do live
    for index in range(50):
        assert analyst.plan(index, 25, HD) == Analyst(["face", "plate"]).plan(index, 25, HD)
    assert analyst.families == Analyst(["face", "plate"]).families
    assert Analyst(["plate", "head"], thorough=True).always == frozenset()


def test_an_analyst_of_stills_looks_closer_in_the_middle_of_their_second() -> None:
    live, still = (Analyst(["face", "plate"], still=value) for value in (False, True))
    closer = {one.name for one in STILL_PASSES}
    for index in range(25):
        more = set(still.plan(index, 25, HD)) - set(live.plan(index, 25, HD))
        assert more == (closer if index == 12 else set())
    assert still.families == live.families
    assert still.always == live.always


def test_a_mirrored_pass_tells_where_things_are_in_the_picture_itself(
    portrait: Pixels, picture_of: MakePicture, openvino: Runtime
) -> None:
    scene = grey(960, 540)
    scene[20:532, 20:532] = portrait
    analyst = Analyst(["face"], runtime=openvino, still=True)
    plain, mirrored = (
        analyst.analyse(picture_of(scene), (name,), ()).detections[0]
        for name in ("centerface:640", "centerface:640:mirrored")
    )
    for name in ("x1", "y1", "x2", "y2"):
        assert getattr(mirrored, name) == pytest.approx(getattr(plain, name), abs=20)


def test_a_thorough_analyst_looks_for_vehicles_whenever_it_looks_for_plates() -> None:
    live, thorough = (Analyst(["face", "plate", "head"], thorough=value) for value in (False, True))
    plans = [(live.plan(index, 25, HD), thorough.plan(index, 25, HD)) for index in range(50)]
    for seldom, often in plans:
        plates = any(name.startswith("plate:") for name in seldom)
        assert set(often) == set(seldom) | ({"object:416"} if plates else set())
    assert any(seldom != often for seldom, often in plans)


class Both:
    """A runtime on which YuNet sees what one script tells, CenterFace what another does, and nobody sees a person."""

    engine: Engine = "onnxruntime"

    def __init__(self, yunet: Scripted, centerface: Heat) -> None:
        self._yunet, self._centerface = yunet, centerface

    def load(
        self, path: Path, convention: Input, shape: tuple[int, int, int], outputs: Sequence[str]
    ) -> Network:
        if "537" in outputs:
            return self._centerface.load(path, convention, shape, outputs)
        return self._yunet.load(path, convention, shape, outputs)


@pytest.mark.usefixtures("_no_weights")
@pytest.mark.parametrize(("score", "counts"), [(0.75, False), (0.95, True)])
def test_a_thorough_analyst_does_not_believe_yunet_alone_unless_it_is_sure(
    score: float, counts: bool, picture_of: MakePicture
) -> None:
    """YuNet sees a face in the corner, CenterFace another one in the middle."""
    runtime = Both(Scripted(score), Heat(40, 0.9))
    picture = picture_of(grey(640, 360))
    names = ("yunet:often", "centerface:full")

    def corner(analyst: Analyst, tracked: Sequence[Region] = ()) -> bool:
        seen = analyst.analyse(picture, names, tracked).detections
        assert any(around((one.x1, one.y1, one.x2, one.y2), 320, 176) for one in seen)
        return any(around((one.x1, one.y1, one.x2, one.y2), 16, 16) for one in seen)

    thorough = Analyst(["face", "head"], runtime=runtime, thorough=True)
    assert corner(thorough) is counts
    # a face that was believed before, and a camera that is looked at more seldom
    assert corner(thorough, [Region(3, 3, 29, 29, Kind.FACE, 1)])
    assert corner(Analyst(["face", "head"], runtime=runtime))
    # the last picture of a file is looked at by YuNet alone
    assert thorough.analyse(picture, ("yunet:960",), ()).detections


@pytest.mark.usefixtures("_no_weights")
@pytest.mark.parametrize("names", [("yunet:960", "yunet:often"), ("yunet:often", "yunet:960")])
def test_of_two_passes_that_see_alike_the_one_that_sees_more_runs(
    names: tuple[str, ...], picture_of: MakePicture
) -> None:
    analyst = Analyst(["face"], runtime=Scripted(0.5))
    (seen,) = analyst.analyse(picture_of(grey(960, 544)), names, ()).detections
    assert seen.score >= COUNTS


@pytest.mark.usefixtures("_no_weights")
@pytest.mark.parametrize("score", [np.nan, np.inf])
def test_a_broken_network_is_an_error(score: float, picture_of: MakePicture) -> None:
    analyst = Analyst(["face"], runtime=Scripted(score))
    with pytest.raises(DetectError, match="finite"):
        analyst.analyse(picture_of(grey(64, 64)), ("yunet:960",), ())


@pytest.mark.usefixtures("_no_weights")
def test_boxes_stay_inside_the_picture(picture_of: MakePicture) -> None:
    picture = picture_of(grey(64, 32))
    (seen,) = Analyst(["face"], runtime=Scripted(0.9)).analyse(picture, ("yunet:960",), ()).detections
    assert seen.x1 >= 0
    assert seen.y1 >= 0
    assert seen.x2 <= 64
    assert seen.y2 <= 32


def test_an_unknown_pass_is_an_error(picture_of: MakePicture) -> None:
    with pytest.raises(DetectError, match="no pass"):
        Analyst(["face"]).analyse(picture_of(grey(64, 64)), ("plate:1280",), ())


def test_a_kind_that_nothing_finds_is_an_error() -> None:
    with pytest.raises(DetectError, match=r"zone.*mask\.kinds"):
        Analyst(["face", "zone"])  # type: ignore[list-item]  # on purpose


def test_families_and_periods() -> None:
    analyst = Analyst(["face", "plate"])
    assert set(analyst.families) == {"face", "plate"}
    for family, names in analyst.families.items():
        assert names <= set(analyst.plan(0, 25, HD))
        assert 0.04 <= analyst.period(family, 25) <= 0.6
    with pytest.raises(DetectError):
        analyst.period("object", 25)
    assert Analyst([]).families == {}
    assert Analyst([]).plan(0, 25, HD) == ()


def test_small_pictures_are_looked_at_more_often() -> None:
    analyst = Analyst(["face"])
    counts = {
        size: sum(len(analyst.plan(index, 25, size)) for index in range(25))
        for size in ((640, 360), (1280, 720), HD)
    }
    assert counts[(640, 360)] > counts[(1280, 720)] > counts[HD] == 5


@given(st.floats(0.05, 0.9), st.lists(st.floats(0.0, 1.0), min_size=2, max_size=2))
def test_scores_keep_their_order_and_cross_at_the_threshold(threshold: float, pair: list[float]) -> None:
    low, high = (threshold / 2 + score * (1 - threshold / 2) for score in sorted(pair))
    scaled = common_scale(np.array([low, high, threshold, 1.0], np.float32), threshold)
    assert scaled[0] <= scaled[1] + 1e-6
    assert scaled[2] == pytest.approx(COUNTS, abs=1e-3)
    assert scaled[3] == pytest.approx(1)
    assert 0.099 <= scaled[0] <= 1
