"""How objects are followed: every number that the tracker goes by."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TrackSettings:
    """Parameters of the tracker.

    Times in seconds; lengths in sizes of the object, the size being the root of its box's area. "Grown by g" means
    that every side of the box moves outward by g sizes.
    """

    start_score: float = 0.3
    """A track yields regions once one of its detections scores this. Weaker ones wait for it, and then count too."""
    keep_score: float = 0.1
    """Detections below this are ignored."""
    join: float = 1.5
    """Detections further apart are never joined into one track."""
    hold: float = 0.25
    """A track that is not seen stays covered until it should have been seen again, by its detectors' plan or its own
    rhythm, and for so many seconds more."""
    hold_plate: float = 1.4
    """A plate, once sure, stays covered for at least this: its one sharp pass comes once a second, and may miss."""
    near_motion: float = 0.35
    """Motion is covered for this long before and after it is seen. It is looked for six times a second, and a place
    where nothing moves any more needs no mask: whoever stands there is still unlike the background."""
    own_period: float = 1.0
    """Longest gap between a track's own detections that prolongs its hold-over."""
    lead: float = 0.5
    """A track is covered for this long before its first detection, or for the delay if that is shorter."""
    sure_score: float = 1.3
    """A track whose detections score less than this together may be a false alarm..."""
    sure_score_plate: float = 1.0
    """...or, of a plate, less than this: far ones are seen once a second, and soon gone..."""
    doubt: float = 0.3
    """...and is held over and led in for this share of the time until its detector looks again: what stands still and
    is seen by one pass alone is covered throughout..."""
    doubt_least: float = 0.2
    """...and for so many seconds more."""
    margin: float = 0.0
    """Boxes are grown by this always, beyond what the detectors' boxes already hold."""
    drift: float = 0.3
    """Growth a second away from the nearest detection of a track whose velocity is known."""
    drift_unknown: float = 0.8
    """The same, for a track that was seen once only."""
    still: float = 1.0
    """Acceleration in sizes/s^2 that an object at rest may take up."""
    lively: float = 3.0
    """Acceleration in sizes/s^2 that a moving object may take up, for each size/s of its speed."""
    grow_max: float = 0.25
    """Most growth from drift and acceleration together..."""
    grow_max_head: float = 0.05
    """...and of heads, whose boxes leave room on all sides..."""
    grow_max_plate: float = 1.0
    """...and of plates, which are small, seen less often than faces, and leave the picture at a run."""
    grow_max_motion: float = 0.06
    """The same of motion, whose boxes are seen often and hold all that moved."""
    speed_share: float = 0.15
    """An extrapolated box is drawn out along its path by this share of the way, forward and back."""
    speed_max: float = 15.0
    """Fastest motion believed, in sizes/s. Who walks across the picture makes about 7."""
    way_max: float = 6.0
    """Longest way that a box is extrapolated, in sizes."""
    settle: float = 0.04
    """Spread in time below which detections tell little of a velocity: it is pulled to zero."""
    gate: float = 0.5
    """A detection joins a track when their centres are this close, in sizes..."""
    gate_rate: float = 1.5
    """...plus this for each second since the track's nearest detection, when its velocity is known..."""
    gate_rate_unknown: float = 8.0
    """...or this, when it is not..."""
    gate_max: float = 2.5
    """...and at most this."""
    sure_overlap: float = 0.05
    """A detection that overlaps the predicted box by less (IoU) may be another object: both are kept covered."""
    same_overlap: float = 0.4
    """Two boxes of one picture that overlap by this (IoU) are one object seen twice."""
    size_ratio: float = 2.2
    """Largest ratio of sizes that joins."""
    memory: float = 10.0
    """What lies further back than this from the newest analysis is forgotten."""


LOOKED_AT = TrackSettings(hold=0.15, lead=0.25, doubt_least=0.04, grow_max=0.06)
"""For streams of which every picture is looked at for faces: there is less to guess, and what was guessed wrong is
masked for a moment only. On the measured clips it saves a third of the masked area."""
