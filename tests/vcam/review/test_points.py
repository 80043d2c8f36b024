"""What tracks leave to doubt is listed, gravest first, and what is plain is not."""

from __future__ import annotations

from vcam.base.media import Kind
from vcam.review.line import Line, Shown
from vcam.review.points import Why, points
from vcam.track.box import Box

WIDTH, HEIGHT, RATE = 640, 360, 10


def _video(
    tracks: dict[int, tuple[int, int, Box, float]], frames: int = 100, whole: range = range(0)
) -> list[Line]:
    """Tracks by number: first and last picture, box at first, pixels it moves right each picture."""
    found = []
    for frame in range(frames):
        shown = []
        for number, (first, last, (x1, y1, x2, y2), speed) in tracks.items():
            if first <= frame <= last:
                by = speed * (frame - first)
                shown.append(Shown((x1 + by, y1, x2 + by, y2), number, Kind.FACE))
        if frame in whole:
            shown = [Shown((0, 0, WIDTH, HEIGHT), 0, Kind.WHOLE)]
        found.append(Line(frame, frame / RATE, tuple(shown)))
    return found


def _whys(video: list[Line]) -> list[tuple[Why, int]]:
    return [(point.why, point.track) for point in points(video, WIDTH, HEIGHT)]


def test_who_is_masked_throughout_leaves_nothing_to_doubt() -> None:
    assert _whys(_video({1: (0, 99, (300, 100, 340, 150), 0)})) == []


def test_who_crosses_the_picture_from_border_to_border_leaves_nothing_to_doubt() -> None:
    assert _whys(_video({1: (20, 80, (0, 100, 40, 150), 10)})) == []


def test_a_gap_between_two_tracks_in_one_place_is_the_first_thing_to_look_at() -> None:
    video = _video(
        {
            1: (0, 40, (300, 100, 340, 150), 0),
            2: (52, 99, (310, 105, 350, 155), 0),
            3: (0, 30, (100, 100, 140, 150), 0),
        }
    )
    found = points(video, WIDTH, HEIGHT)
    assert [(point.why, point.track) for point in found] == [(Why.GAP, 1), (Why.LOST, 3)]
    assert (found[0].start, found[0].end) == (4.0, 5.2)
    assert found[0].box == (300, 100, 350, 155)


def test_a_mask_that_begins_in_the_middle_is_told_with_the_time_before_it() -> None:
    found = points(_video({4: (60, 99, (300, 100, 340, 150), 0)}), WIDTH, HEIGHT)
    assert [(point.why, point.start, point.end) for point in found] == [(Why.APPEARS, 2.0, 6.0)]


def test_a_moments_mask_is_told() -> None:
    assert (Why.SHORT, 5) in _whys(_video({5: (50, 52, (300, 100, 340, 150), 0)}))


def test_a_leap_is_told() -> None:
    video = _video({6: (0, 99, (100, 100, 140, 150), 0)})
    far = [
        Line(line.frame, line.time, (Shown((400, 100, 440, 150), 6, Kind.FACE),)) if line.frame > 50 else line
        for line in video
    ]
    assert _whys(far) == [(Why.LEAP, 6)]


def test_an_ellipse_of_several_boxes_is_one_mask() -> None:
    shown = (Shown((310, 100, 330, 160), 7, Kind.FACE), Shown((300, 110, 340, 150), 7, Kind.FACE))
    assert points([Line(n, n / RATE, shown) for n in range(50)], WIDTH, HEIGHT) == []


def test_pictures_masked_whole_are_told_last_and_end_no_track() -> None:
    assert _whys(_video({1: (0, 99, (300, 100, 340, 150), 0)}, whole=range(30, 40))) == [(Why.WHOLE, 0)]


def test_an_empty_video_has_none() -> None:
    assert points([], WIDTH, HEIGHT) == []
