"""What a review adds is masked in what leaves, and only a review of that very footage counts."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt
import pytest

from recorder.descriptor import SegmentDescriptor
from recorder.footage import find, join_masked, regions_masked
from recorder.index import Index
from recorder.masked import MaskedWriter
from recorder.policy import Policy
from recorder.scope import Scope
from tests.support.clips import HEIGHT, RATE, SECONDS, WIDTH, Luma, decode, scene
from tests.vcam.export.conftest import Site
from tests.vcam.export.support import BEGIN, SECOND
from vcam.base.errors import CustodyError, Forbidden, GarimError
from vcam.base.media import TICKS, MaskedUnit
from vcam.export.marks import both
from vcam.export.review import Looked, Reviews
from vcam.export.share import Share, Shared, share
from vcam.export.trace import Traced, Tracer
from vcam.review.folder import VIDEO, Folder
from vcam.review.review import Review, added, removed

KEY = b"k" * 32
SIDE = 160
SPAN = Scope(("gate",), BEGIN, BEGIN + SECONDS * SECOND)


def place(number: int) -> tuple[int, int]:
    """Where whoever the detectors missed is in that picture: left, top."""
    return 6 * number % (WIDTH - SIDE), 100


@pytest.fixture(scope="module")
def recorded() -> list[MaskedUnit]:
    """The masked stream, in which somebody shows who was missed."""
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, RATE), Fraction(RATE)
    encoder.options = {
        "preset": "ultrafast",
        "crf": "18",
        "g": "10",
        "bf": "0",
        "x264-params": "repeat-headers=1",
    }
    packets = []
    for number, (luma, _) in enumerate(scene()):
        grey = np.full((HEIGHT // 2, WIDTH), 128, np.uint8)
        frame = av.VideoFrame.from_ndarray(np.concatenate((luma, grey)), format="yuv420p")
        frame.pts, frame.time_base = number, Fraction(1, RATE)
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    return [
        MaskedUnit(
            bytes(packet),
            number * TICKS // RATE,
            number * TICKS // RATE,
            BEGIN + number * SECOND // RATE,
            packet.is_keyframe,
            number,
            WIDTH,
            HEIGHT,
        )
        for number, packet in enumerate(packets)
    ]


@pytest.fixture
def index(site: Site, recorded: list[MaskedUnit]) -> Index:
    site.house = replace(site.house, marking=both(KEY))
    done: list[SegmentDescriptor] = []
    for camera in ("gate", "yard"):
        writer = MaskedWriter(site.house.media, camera, 60, done.append, site.house.clock)
        for unit in recorded:
            writer.masked(unit)
        writer.close()
    found = Index(site.house.database, Policy.days(30))
    for descriptor in done:
        found.add(descriptor)
    return found


def begun(site: Site, index: Index, path: Path, camera: str = "gate", end: int = SPAN.end) -> Folder:
    path.mkdir()
    segments = find(index, camera, BEGIN, end, "masked")
    join_masked(site.house.media, segments, path / VIDEO, start=BEGIN, end=end)
    return Folder.begin(path, camera, regions_masked(site.house.media, segments, start=BEGIN, end=end))


def mended(review: Review) -> Review:
    """With whoever was missed masked in all pictures but the first ten."""
    boxes = [
        (float(x), float(y), float(x + SIDE), float(y + SIDE)) for x, y in map(place, range(10, RATE * SECONDS))
    ]
    return review.change(added(10, boxes, "a person at the wall"))


def shared(site: Site, index: Index, review: Reviews | Looked, **changes: Any) -> Shared:
    values: dict[str, Any] = {"scope": SPAN, "by": "officer-1", "reason": "an accident", "review": review}
    return share(Share(**(values | changes)), index, site.house)


def likeness(first: Luma, second: Luma) -> float:
    """How alike the detail of two pictures is: 1 the same, 0 nothing in common."""
    fine: list[npt.NDArray[np.float64]] = []
    for each in (first, second):
        plane = each.astype(np.float64)
        fine.append(plane - cv2.GaussianBlur(plane, (0, 0), 6))
    return float(np.corrcoef(fine[0].ravel(), fine[1].ravel())[0, 1])


def ffmpeg(source: Path, out: Path, *options: str) -> Path:
    """Another encoding by FFmpeg's own program."""
    tool = shutil.which("ffmpeg")
    if tool is None:
        pytest.skip("ffmpeg is not installed")
    subprocess.run([tool, "-v", "error", "-i", source, *options, out], check=True)
    return out


def traced(path: Path, known: int) -> Traced | None:
    tracer = Tracer(KEY)
    for luma, seconds in decode(path):
        tracer.add(luma, seconds)
    return tracer.find((known, known ^ 0x2A))


def test_what_a_review_adds_is_masked_in_the_share_which_bears_both_marks(
    site: Site, index: Index, tmp_path: Path
) -> None:
    folder = begun(site, index, tmp_path / "review")
    review = mended(folder.review).approved("officer-2", BEGIN + SECOND)
    made = shared(site, index, Reviews({"gate": review}))
    before = [luma for luma, _ in decode(folder.path / VIDEO)]
    after = [luma for luma, _ in decode(made.file)]
    assert len(before) == len(after) == RATE * SECONDS
    for number, (was, now) in enumerate(zip(before, after, strict=True)):
        x, y = place(number)
        there = (slice(y, y + SIDE), slice(x, x + SIDE))
        assert (
            likeness(was[there], now[there]) < 0.3 if number >= 10 else likeness(was[there], now[there]) > 0.9
        )
        assert likeness(was[:90], now[:90]) > 0.9
    corner = (slice(-24, None), slice(0, 200))
    assert int(np.ptp(after[0][corner].astype(int) - before[0][corner].astype(int))) > 100
    leak = ffmpeg(made.file, tmp_path / "leak.mp4", "-vf", "crop=iw-80:ih-60:40:0", "-crf", "30")
    found = traced(leak, made.row.mark)
    assert found is not None
    assert found.number == made.row.mark


def test_the_papers_name_the_review_and_the_marks(site: Site, index: Index, tmp_path: Path) -> None:
    review = mended(begun(site, index, tmp_path / "review").review).approved("officer-2", BEGIN + SECOND)
    made = shared(site, index, Reviews({"gate": review}))
    manifest = site.manifest(Path(made.row.folder))
    assert manifest["marks"] == ["visible", "invisible"]
    assert manifest["review"] == {
        "reviewer": "officer-2",
        "time": BEGIN + SECOND,
        "changes": 1,
        "sha256": review.sha256,
    }
    (entry,) = site.entries("export.reviewed")
    assert entry["subject"] == f"export/{made.row.id}"
    assert entry["details"] == {
        "reviewer": "officer-2",
        "added": 1,
        "removed": 0,
        "changed": 0,
        "reasons": ["gate: added: a person at the wall"],
    }


def test_without_marks_and_changes_a_share_is_the_recording_byte_for_byte(
    site: Site, index: Index, tmp_path: Path
) -> None:
    folder = begun(site, index, tmp_path / "review")
    for review in (Looked("officer-2", BEGIN), Reviews({"gate": folder.review.approved("officer-2", BEGIN)})):
        made = shared(site, index, review, marked=False)
        assert made.file.read_bytes() == (folder.path / VIDEO).read_bytes()
        assert site.manifest(Path(made.row.folder))["marks"] == []


def test_what_is_added_is_masked_without_marks_too(site: Site, index: Index, tmp_path: Path) -> None:
    folder = begun(site, index, tmp_path / "review")
    made = shared(
        site, index, Reviews({"gate": mended(folder.review).approved("officer-2", BEGIN)}), marked=False
    )
    before, after = ([luma for luma, _ in decode(path)] for path in (folder.path / VIDEO, made.file))
    x, y = place(40)
    there = (slice(y, y + SIDE), slice(x, x + SIDE))
    assert likeness(before[40][there], after[40][there]) < 0.3
    assert traced(made.file, made.row.mark) is None


Begun = Callable[..., Review]


@pytest.fixture
def start(site: Site, index: Index, tmp_path: Path) -> Begun:
    """Begins a review in a new folder."""
    count = iter(range(9))
    return lambda **how: begun(site, index, tmp_path / f"review-{next(count)}", **how).review


@pytest.mark.parametrize(
    ("reviews", "refused"),
    [
        (lambda start: {"gate": start()}, (CustodyError, "not approved")),
        (lambda start: {"gate": start().approved("approver-1", 1)}, (Forbidden, "is no officer")),
        (lambda start: {"gate": start().approved("nobody-1", 1)}, (Forbidden, "nobody")),
        (
            lambda start: {"gate": start(end=BEGIN + SECOND).approved("officer-2", 1)},
            (CustodyError, "other footage"),
        ),
        (
            lambda start: {"yard": start(camera="yard").approved("officer-2", 1)},
            (CustodyError, "Nothing of gate"),
        ),
        (
            lambda start: {name: start(camera=name).approved("officer-2", 1) for name in ("gate", "yard")},
            (CustodyError, "is of yard"),
        ),
        (
            lambda start: {
                "gate": start()
                .model_copy(update={"listing": "ab" * 32, "changes": [removed(1, "a lantern")]})
                .approved("officer-2", 1)
            },
            (CustodyError, "never shows"),
        ),
        (
            lambda start: {"gate": start().model_copy(update={"source": "ab" * 32}).approved("officer-2", 1)},
            (CustodyError, "other footage"),
        ),
        (lambda _: {}, (CustodyError, "no review")),
    ],
    ids=[
        "unapproved",
        "approved by no officer",
        "approved by a stranger",
        "of another time",
        "of another camera",
        "of a camera too many",
        "with a removal",
        "of an original",
        "none",
    ],
)
def test_another_review_lets_nothing_out_and_leaves_nothing(
    site: Site,
    index: Index,
    start: Begun,
    reviews: Callable[[Begun], dict[str, Review]],
    refused: tuple[type[GarimError], str],
) -> None:
    with pytest.raises(refused[0], match=refused[1]):
        shared(site, index, Reviews(reviews(start)))
    assert site.left() == []
    assert site.entries("share.made") == site.entries("export.reviewed") == []


def test_counts_are_of_changes_and_one_person_answers_for_all() -> None:
    sha = "ab" * 32
    blank = Review(camera="gate", video=sha, source=sha, listing=sha, width=640, height=360, frames=9)
    twice = (
        blank.change(removed(7, "a lantern"))
        .change(removed(7, "the same"))
        .change(added(0, [(1, 2, 3, 4)], "x"))
    )
    assert Reviews({"gate": twice.approved("officer-1", 1)}).counts() == (1, 2)
    by_two = {"gate": blank.approved("officer-1", 1), "yard": blank.approved("officer-2", 1)}
    with pytest.raises(CustodyError, match="several people"):
        Reviews(by_two)
