"""Many runs, each with faults of its own, until enough pictures have been judged."""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal

from models.analyst import Analyst
from tests.faults.clip import Clip, Truths, damaged
from tests.faults.killed import Aftermath, kill
from tests.faults.reference import Truth
from tests.faults.run import Outcome, Script, play
from tests.faults.trouble import DAMAGES, Damage, draw
from vcam.screen import Analysing

SPARED: Final = 0.5
"""Delay of the run without faults that shows what is covered of a clip when nothing goes wrong."""
PHASES: Final = (0, 2, 4)
"""Pictures left out at its beginning, so that the plan of passes falls on other pictures each time."""
KNOWING: Final = 0.5
"""Share of the runs whose analyst is told what is in the pictures."""
LENGTHS: Final = (60, 160)
"""Pictures of a run, least and most."""
DEATHS: Final = 5000
"""Pictures judged for each worker that is killed."""


def analyst() -> Analysing:
    """The product's own, on the shipped defaults."""
    return Analyst(["face", "plate"])


def spared(clip: Clip) -> Clip:
    """`clip` without what shows when nothing goes wrong: that is no fault's doing."""
    return replace(clip, known=_covered(clip, knowing=True), truth=_covered(clip, knowing=False))


def _covered(clip: Clip, *, knowing: bool) -> tuple[Truths, ...]:
    sought = clip.known if knowing else clip.truth
    if not any(sought):
        return sought
    missed: list[set[Truth]] = [set() for _ in clip.stamps]
    for first in PHASES:
        count = len(clip.stamps) - first
        script = Script(0, clip, clip, first=first, count=count, delay=SPARED, knowing=knowing)
        for verdict in play(script, analyst()).verdicts:
            missed[verdict.given.number].update(verdict.shown)
    return tuple(
        tuple(one for one in seen if one not in gone) for seen, gone in zip(sought, missed, strict=True)
    )


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
    clips: Counter[str] = field(default_factory=Counter)
    """Pictures judged of each clip."""

    def add(self, outcome: Outcome) -> None:
        """Count one run."""
        verdicts = outcome.verdicts
        whole = sum(verdict.whole for verdict in verdicts)
        self.frames += len(verdicts)
        self.faults.update(outcome.counts)
        if outcome.script.damage:
            self.faults[outcome.script.damage] += 1
        self.clips.update(verdict.given.clip.name for verdict in verdicts)
        self.whole += whole
        self.proven += len(verdicts) - whole
        self.unmasked += sum(verdict.unmasked for verdict in verdicts)
        self.objects += sum(len(verdict.given.judged) for verdict in verdicts)

    def bury(self, aftermath: Aftermath) -> None:
        """Count a killed worker."""
        self.faults["worker killed"] += 1
        self.frames += len(aftermath.sent)
        self.clips.update(verdict.given.clip.name for verdict in aftermath.sent)
        self.whole += sum(verdict.whole for verdict in aftermath.sent)
        self.proven += sum(not verdict.whole for verdict in aftermath.sent)
        self.objects += sum(len(verdict.given.judged) for verdict in aftermath.sent)
        self.unmasked += sum(verdict.unmasked for verdict in (*aftermath.sent, *aftermath.left))

    def line(self) -> dict[str, Any]:
        """The tally as JSON."""
        return {
            "frames": self.frames,
            "faults": dict(sorted(self.faults.items())),
            "whole": self.whole,
            "proven": self.proven,
            "objects": self.objects,
            "clips": dict(sorted(self.clips.items())),
            "unmasked": self.unmasked,
            "seed": self.seed,
        }


def scripts(
    clips: Sequence[Clip],
    seed: int,
    folder: Path,
    *,
    lengths: tuple[int, int] = LENGTHS,
    knowing: float = KNOWING,
) -> Iterator[Script]:
    """Runs without end. Run `n` depends on `seed` and `n` alone; damaged clips are written to `folder`."""
    number = 0
    while True:
        dice = random.Random(f"{seed}/{number}")
        clip = dice.choice(clips)
        # A cut within one scene is none: nothing tells it from people who have moved on.
        other = dice.choice([one for one in clips if one is not clip] or [clip])
        count = dice.randint(*lengths)
        path = None
        damage: Damage | Literal[""] = ""
        if dice.random() < 0.25:
            damage = dice.choice(DAMAGES)
            path = damaged(clip, folder / "damaged.ts", dice, damage)
        yield Script(
            number,
            clip,
            other,
            draw(dice, count),
            first=0 if path else dice.randrange(max(1, len(clip.stamps) - 40)),
            count=count,
            delay=dice.choice((0.5, 1.0, 1.0, 2.0)),
            style=dice.choice(("mosaic", "mosaic", "blur", "solid")),
            knowing=dice.random() < knowing,
            path=path,
            damage=damage,
        )
        number += 1


def told(outcome: Outcome) -> str:
    """The story of a run's first unmasked picture."""
    script = outcome.script
    unmasked = [verdict for verdict in outcome.verdicts if verdict.unmasked]
    bad = unmasked[0]
    shown = [f"a {one.kind} at {[round(edge) for edge in one.box]}" for one in bad.shown]
    if bad.blind:
        shown.append(f"that nobody had looked for a {bad.blind}")
    eyes = "an analyst that is told the truth" if script.knowing else "the product's analyst"
    return "\n".join(
        [
            f"run {script.number}: {script.clip.name} from picture {script.first}, {script.damage or 'undamaged'}, "
            f"delay {script.delay:g} s, {script.style}, {eyes}",
            f"  {len(unmasked)} unmasked; picture {bad.index} (picture {bad.given.number} of "
            f"{bad.given.clip.name}, at {bad.given.at:.2f} s, epoch {bad.given.epoch}) shows {', '.join(shown)}",
            *(f"  {line}" for line in outcome.story),
            f"  it ended with {outcome.ended or 'the clip'}",
        ]
    )


def campaign(
    clips: Sequence[Clip], frames: int, seed: int, tell: Callable[[str], None], *, only: int | None = None
) -> Tally:
    """Run until `frames` pictures have been judged, or only run `only`. Progress and stories go to `tell`."""
    tally = Tally(seed)
    known = [spared(clip) for clip in clips]
    shown = 0
    for _ in range(0 if only is not None else -(-frames // DEATHS)):
        with tempfile.TemporaryDirectory() as folder:
            tally.bury(kill(known[0], Path(folder)))
    with tempfile.TemporaryDirectory() as folder:
        for script in scripts(known, seed, Path(folder)):
            if tally.frames >= frames:
                break
            if only is not None and script.number != only:
                continue
            outcome = play(script, analyst())
            tally.add(outcome)
            if any(verdict.unmasked for verdict in outcome.verdicts):
                tell(f"seed {seed}: {told(outcome)}")
            if tally.frames - shown >= 1000:
                shown = tally.frames
                tell(f"{tally.frames} pictures judged, {tally.unmasked} unmasked")
            if only is not None:
                break
    return tally
