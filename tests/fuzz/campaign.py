"""So many spoilt requests of all sorts, and what came of them."""

from __future__ import annotations

import gc
import random
import time
import tracemalloc
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.fuzz.datagrams import datagrams
from tests.fuzz.soap import Soap
from tests.fuzz.sockets import Sockets
from tests.fuzz.subject import subject
from tests.fuzz.watch import Finding, Watch

SHARES = {"soap": 60, "http": 10, "rtsp": 12, "rtsp parser": 8, "discovery": 10}
"""How often each sort of request comes, in percent."""
WARM = 0.25
"""Share of the cases after which memory should have settled."""
GROWTH = 1.25
"""Largest ratio of the resident memory at the end to that when it had settled."""
TRACED = 1500
"""Cases at the end whose memory is traced line by line."""
TRACED_GROWTH = 4 << 20
"""Largest growth in bytes over the traced cases: caches that are bounded may still fill."""


@dataclass
class Outcome:
    """What a campaign found."""

    seed: int
    cases: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    rss: tuple[int, int] = (0, 0)
    traced: int = 0
    top: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def grown(self) -> bool:
        """Whether memory grew from case to case."""
        return self.rss[1] > self.rss[0] * GROWTH or self.traced > TRACED_GROWTH

    @property
    def ok(self) -> bool:
        return not self.findings and not self.grown

    def line(self) -> dict[str, object]:
        """For JSON."""
        return {
            "ok": self.ok,
            "seed": self.seed,
            "cases": dict(sorted(self.cases.items())),
            "total": sum(self.cases.values()),
            "findings": [f"{one.kind}: {one.where}" for one in self.findings],
            "rss_mb": [round(each / 1e6, 1) for each in self.rss],
            "traced_growth_bytes": self.traced,
            "seconds": round(self.seconds, 1),
        }


def _rss() -> int:
    gc.collect()
    words = Path("/proc/self/statm").read_text(encoding="ascii").split()
    return int(words[1]) * 4096


async def campaign(cases: int, seed: int, tell: Callable[[str], None]) -> Outcome:
    """Run `cases` cases; the same `seed` makes the same ones. `tell` hears how it goes."""
    outcome = Outcome(seed)
    chance = random.Random(seed)
    since = time.monotonic()
    with Watch({}) as watch:
        async with subject() as tested, datagrams(tested, watch, chance) as small:
            watch.secrets = tested.secrets
            sockets = Sockets(tested, watch, chance)
            run: dict[str, Callable[[], Awaitable[None]]] = {
                "soap": Soap(tested, watch, chance).case,
                "http": sockets.http,
                "rtsp": sockets.rtsp,
                "rtsp parser": small.parser,
                "discovery": small.discovery,
            }
            await _cases(cases, run, outcome, chance, tell)
            watch.begin("end", b"")
        outcome.findings = list(watch.findings.values())
    outcome.seconds = time.monotonic() - since
    return outcome


async def _cases(
    cases: int,
    run: dict[str, Callable[[], Awaitable[None]]],
    outcome: Outcome,
    chance: random.Random,
    tell: Callable[[str], None],
) -> None:
    kinds, weights = list(SHARES), list(SHARES.values())
    settled, traced = int(cases * WARM), max(cases - TRACED, int(cases * 0.9))
    before: tracemalloc.Snapshot | None = None
    first = 0
    for number in range(cases):
        if number == settled:
            outcome.rss = (_rss(), 0)
        if number == traced:
            outcome.rss = (outcome.rss[0], _rss())
            tracemalloc.start(8)
            before, first = tracemalloc.take_snapshot(), tracemalloc.get_traced_memory()[0]
        if number % 10_000 == 0 and number:
            tell(f"{number} cases")
        kind = chance.choices(kinds, weights)[0]
        outcome.cases[kind] += 1
        await run[kind]()
    gc.collect()
    if before is not None:
        outcome.traced = tracemalloc.get_traced_memory()[0] - first
        found = tracemalloc.take_snapshot().compare_to(before, "lineno")
        outcome.top = [str(each) for each in found[:8]]
        tracemalloc.stop()
