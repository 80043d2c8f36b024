"""One run: a camera in trouble, the product's own live threads, and a receiver that judges what comes out."""

from __future__ import annotations

import random
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from unittest.mock import patch

from tests.faults.camera import Camera
from tests.faults.clip import Clip
from tests.faults.receiver import Receiver, Verdict
from tests.faults.sick import HUNG, Broken, Knowing, SickAnalyst, sick_encoder, sick_masker
from tests.faults.stage import Stage, looker_on
from tests.faults.trouble import Fault, Troubles
from vcam.base.errors import GarimError
from vcam.base.media import Picture
from vcam.base.settings import EncodeSettings, MaskSettings
from vcam.live import Live
from vcam.pipeline import Pipeline
from vcam.screen import Analysing

TICK: Final = 0.001
"""Real seconds of the masking loop's sleep, in place of `vcam.live.TICK`."""
BIT_RATE: Final = 40_000_000
"""High, so that coding hides nothing that the mask does not."""


@dataclass(frozen=True, slots=True)
class Script:
    """All that a run depends on; `number` is the seed of its camera."""

    number: int
    clip: Clip
    other: Clip
    faults: tuple[Fault, ...] = ()
    first: int = 0
    count: int = 100
    delay: float = 1.0
    style: str = "mosaic"
    knowing: bool = False
    """Whether the analyst is told what each picture shows, in place of running networks."""
    path: Path | None = None
    """What is played in place of the clip's own file, when it has been damaged."""
    damage: str = ""
    """What has been done to it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out of a run. `ended` is the error that ended it, or empty."""

    script: Script
    verdicts: tuple[Verdict, ...]
    counts: Mapping[str, int]
    story: tuple[str, ...]
    ended: str
    dropped: int


class _Watched(Pipeline):
    """The pipeline, which tells the stage when it has taken a picture."""

    stage: Stage
    taken = 0

    def push(self, picture: Picture, now: float) -> None:
        super().push(picture, now)
        self.taken += 1

    def release(self, now: float) -> None:
        super().release(now)
        self.stage.taken(self.taken, now)


def play(script: Script, analyst: Analysing) -> Outcome:
    """Run `script` to its end. Only errors that the product raises on purpose, or that were planted, end it early."""
    stage, troubles = Stage(), Troubles(script.faults)
    camera = Camera(
        stage,
        troubles,
        script.clip,
        script.other,
        random.Random(script.number),
        first=script.first,
        count=script.count,
        path=script.path,
        knowing=script.knowing,
    )
    looking = Knowing(analyst, camera.truths) if script.knowing else analyst
    sick = SickAnalyst(looking, stage, troubles, camera.given)
    receiver = Receiver(stage, troubles, camera.given, sick.blind)
    mask = MaskSettings.model_validate({"delay": script.delay, "style": script.style})
    ended = ""
    with ExitStack() as patches:
        for name, value in (
            ("vcam.live.Looker", looker_on(stage)),
            ("vcam.live.TICK", TICK),
            ("vcam.live.HUNG", HUNG),
            ("vcam.screen.Masker", sick_masker(troubles)),
            ("vcam.encode.view.Encoder", sick_encoder(stage, troubles)),
        ):
            patches.enter_context(patch(name, value))
        pipeline = _Watched(mask, EncodeSettings(bit_rate=BIT_RATE), sick, [receiver])
        pipeline.stage = stage
        live = Live(camera, pipeline, sick, None, delay=script.delay, clock=stage, on_stats=lambda _: None)
        stage.dropped = lambda: live._dropped
        try:
            live.run()
        except (GarimError, Broken, MemoryError) as error:
            if not isinstance(error.__cause__, (GarimError, Broken, MemoryError, OSError, type(None))):
                raise  # nobody planted this
            ended = f"{type(error).__name__}: {error}"
        finally:
            stage.end()
    return Outcome(
        script, tuple(receiver.verdicts), troubles.counts, tuple(troubles.story), ended, live._dropped
    )
