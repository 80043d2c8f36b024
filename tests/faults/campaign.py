"""Many runs, each with faults of its own, until enough pictures have been judged."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from models.analyst import Analyst
from tests.faults.clip import Clip, damaged
from tests.faults.run import Outcome, Script, play
from tests.faults.trouble import DAMAGES, draw
from vcam.screen import Analysing

SPARED: Final = ((1.0, 0), (0.5, 7))
"""Delay and first picture of the runs without faults that show what the detectors are able to see."""
_LENGTHS: Final = (60, 160)
"""Pictures of a run, least and most."""


def analyst() -> Analysing:
    """The product's own, on the shipped defaults."""
    return Analyst(["face", "plate"])


def able(clip: Clip) -> Clip:
    """`clip` with the truth that is covered when nothing goes wrong: what detectors miss then is no fault's doing."""
    missed: list[set[object]] = [set() for _ in clip.stamps]
    for delay, first in SPARED:
        count = len(clip.stamps) - first
        outcome = play(Script(0, clip, clip, first=first, count=count, delay=delay), analyst())
        for verdict in outcome.verdicts:
            missed[verdict.given.number].update(verdict.shown)
    truth = tuple(
        tuple(one for one in seen if one not in gone) for seen, gone in zip(clip.truth, missed, strict=True)
    )
    return replace(clip, truth=truth)


@dataclass
class Tally:
    """What all runs together came to."""

    seed: int
    frames: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    whole: int = 0
    proven: int = 0
    unmasked: int = 0
    objects: int = 0
    """Faces and plates that the judged pictures would have shown."""

    def add(self, outcome: Outcome) -> None:
        """Count one run."""
        verdicts = outcome.verdicts
        whole = sum(verdict.whole for verdict in verdicts)
        self.frames += len(verdicts)
        self.faults.update(outcome.counts)
        self.whole += whole
        self.proven += len(verdicts) - whole
        self.unmasked += sum(verdict.unmasked for verdict in verdicts)
        self.objects += sum(len(verdict.given.truth) for verdict in verdicts)

    def line(self) -> dict[str, Any]:
        """The tally as JSON."""
        return {
            "frames": self.frames,
            "faults": dict(sorted(self.faults.items())),
            "whole": self.whole,
            "proven": self.proven,
            "objects": self.objects,
            "unmasked": self.unmasked,
            "seed": self.seed,
        }


def scripts(clips: Sequence[Clip], seed: int, folder: Path) -> Iterator[Script]:
    """Runs without end. Run `n` depends on `seed` and `n` alone; damaged clips are written to `folder`."""
    number = 0
    while True:
        dice = random.Random(f"{seed}/{number}")
        clip, other = dice.choice(clips), dice.choice(clips)
        count = dice.randint(*_LENGTHS)
        path = None
        if dice.random() < 0.25:
            path = damaged(clip, folder / "damaged.ts", dice, dice.choice(DAMAGES))
        yield Script(
            number,
            clip,
            other,
            draw(dice, count),
            first=0 if path else dice.randrange(max(1, len(clip.stamps) - 40)),
            count=count,
            delay=dice.choice((0.5, 1.0, 1.0, 2.0)),
            style=dice.choice(("mosaic", "mosaic", "blur", "solid")),
            path=path,
        )
        number += 1


def told(outcome: Outcome) -> str:
    """The story of a run's first unmasked picture."""
    script = outcome.script
    bad = next(verdict for verdict in outcome.verdicts if verdict.unmasked)
    what = f"nobody had looked for a {bad.blind}" if bad.blind else ", ".join(
        f"{one.kind} at {[round(edge) for edge in one.box]}" for one in bad.shown
    )
    return "\n".join(
        [
            f"Run {script.seed}: {script.clip.name} from picture {script.first}, delay {script.delay:g} s, "
            f"{script.style}, {sum(verdict.unmasked for verdict in outcome.verdicts)} unmasked",
            f"  picture {bad.index} (picture {bad.given.number} of {bad.given.clip.name}, "
            f"{bad.given.at:.2f} s, epoch {bad.given.epoch}) shows: {what}",
            *(f"  {line}" for line in outcome.story),
            f"  ended: {outcome.ended or 'with the clip'}",
        ]
    )
