"""A worker that dies, hangs up or talks nonsense is replaced; its counters and the others' peace are kept."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable

import pytest

from vcam.base.channel import Demand, Encode, ForceKey, Keys, Segment, State
from vcam.base.clock import SystemClock
from vcam.base.media import MaskedUnit
from vcam.base.rendition import Overlay, Rendition
from vcam.base.scene import Scene, Tampering
from vcam.base.settings import CameraSettings, RecorderSettings, SiteSettings, SourceSettings
from vcam.supervisor import Listener, Supervisor

PRELUDE = """
import os, signal, socket, sys, time
from vcam.base.channel import *
from vcam.base.media import MaskedUnit
s = socket.socket(fileno=int(sys.argv[1]))
u = Unpacker()
def hear():
    data = s.recv(65536)
    return list(u.feed(data)) if data else [Stop()]
def say(*messages):
    for message in messages:
        s.sendall(pack(message))
setup, *rest = hear()
"""

STEADY = (
    PRELUDE
    + """
say(State("running"), Stats(frames_in=10, frames_out=9))
say(Unit(MaskedUnit(b"\\0\\0\\1x", 1, 1, 2, True, 0, 64, 48)))
while not any(isinstance(m, Stop) for m in rest):
    rest = hear()
"""
)


class Ear:
    """Hears a supervisor, and lets a test wait for what it hears."""

    def __init__(self) -> None:
        self.units: list[MaskedUnit] = []
        self.states: list[State] = []
        self.keys: list[Keys] = []
        self.heard = asyncio.Event()

    def listener(self, scenes: Callable[[Scene | Tampering], None] = lambda _: None) -> Listener:
        return Listener(self._unit, self._segment, self._state, scenes, scenes, self.keys.append)

    def _unit(self, unit: MaskedUnit) -> None:
        self.units.append(unit)
        self.heard.set()

    def _segment(self, segment: Segment) -> None:
        self.heard.set()

    def _state(self, state: State) -> None:
        self.states.append(state)

    async def units_heard(self, count: int) -> None:
        async with asyncio.timeout(30):
            while len(self.units) < count:
                self.heard.clear()
                await self.heard.wait()


def supervisor(ear: Ear, script: str, scenes: list[Scene | Tampering] | None = None) -> Supervisor:
    return Supervisor(
        CameraSettings(name="gate", source=SourceSettings(url="file:none.mp4")),
        RecorderSettings(enabled=False),
        SiteSettings(),
        listener=ear.listener() if scenes is None else ear.listener(scenes.append),
        clock=SystemClock(),
        command=(sys.executable, "-c", script),
    )


async def test_a_steady_worker_is_heard_and_stops_when_told() -> None:
    ear = Ear()
    one = supervisor(ear, STEADY)
    task = asyncio.create_task(one.run())
    await ear.units_heard(1)
    assert ear.states == [State("running")]
    assert ear.units[0].data == b"\0\0\1x"
    await one.stop()
    await asyncio.wait_for(task, 10)
    assert one.restarts == 0
    assert one.stats.frames_in == 10


async def test_what_a_worker_says_of_its_keys_is_heard() -> None:
    ear = Ear()
    unit = "say(Unit(MaskedUnit(b'x', 1, 1, 2, True, 0, 64, 48)))\n"
    one = supervisor(ear, PRELUDE + "say(Keys('no store', 'mount it'), Keys())\n" + unit + "hear()")
    task = asyncio.create_task(one.run())
    await ear.units_heard(1)
    await one.stop()
    await asyncio.wait_for(task, 10)
    assert ear.keys == [Keys("no store", "mount it"), Keys()]


async def test_a_killed_worker_is_replaced_and_its_counters_are_kept() -> None:
    ear = Ear()
    one = supervisor(ear, STEADY)
    task = asyncio.create_task(one.run())
    await ear.units_heard(1)
    assert one.pid is not None
    os.kill(one.pid, signal.SIGKILL)
    await ear.units_heard(2)
    await one.stop()
    await asyncio.wait_for(task, 10)
    assert one.restarts == 1
    assert one.stats.frames_in == 20


async def test_a_worker_starts_anew_when_asked() -> None:
    ear = Ear()
    one = supervisor(ear, STEADY)
    task = asyncio.create_task(one.run())
    await ear.units_heard(1)
    before = one.pid
    await one.restart()
    await ear.units_heard(2)
    assert one.pid != before
    await one.stop()
    await asyncio.wait_for(task, 10)
    assert one.restarts == 1


ECHO = (
    PRELUDE
    + """
for number in range(2):
    while not any(isinstance(m, Demand | Stop) for m in rest):
        rest += hear()
    for order in (m for m in rest if isinstance(m, Order)):
        say(State("running", repr(order)))
    say(Scene(1, 2, 3, 4), Tampering(5, True, False))
    say(Unit(MaskedUnit(b"x", 1, 1, 2, True, 0, 64, 48)))
    if any(isinstance(m, Stop) for m in rest):
        break
    rest = []
"""
)


async def test_every_new_worker_is_given_what_is_to_last() -> None:
    ear = Ear()
    scenes: list[Scene | Tampering] = []
    one = supervisor(ear, ECHO, scenes)
    wanted = Encode((Rendition("main", "h265"),), (Overlay("a", text="정문"),))
    await one.order(Encode((Rendition("main"),)))  # given up before a worker was there
    await one.order(wanted)
    await one.order(Demand(("sub",)))
    await one.order(ForceKey("sub"))  # for nobody: no worker is there yet
    task = asyncio.create_task(one.run())
    await ear.units_heard(1)
    await one.order(Demand(()))
    await ear.units_heard(2)
    await ear.units_heard(3)  # of the next worker, which had ended
    await one.stop()
    await asyncio.wait_for(task, 30)
    said = [state.error for state in ear.states]
    assert said[:3] == [repr(wanted), repr(Demand(("sub",))), repr(Demand(()))]
    assert said[3:5] == [repr(wanted), repr(Demand(()))]
    assert scenes[:2] == [Scene(1, 2, 3, 4), Tampering(5, True, False)]


@pytest.mark.parametrize(
    "misdeed",
    [
        "s.sendall(b'\\xff' * 64); time.sleep(60)",
        "say(Stop()); time.sleep(60)",
        "sys.exit(3)",
        "s.close(); time.sleep(60)",
    ],
    ids=["nonsense", "an order to its parent", "dies at once", "hangs up"],
)
async def test_a_worker_that_misbehaves_is_ended_and_replaced(misdeed: str) -> None:
    ear = Ear()
    unit = "say(Unit(MaskedUnit(b'x', 1, 1, 2, True, 0, 64, 48)))\n"
    one = supervisor(ear, PRELUDE + unit + misdeed)
    task = asyncio.create_task(one.run())
    await ear.units_heard(2)
    await one.stop()
    await asyncio.wait_for(task, 30)
    assert one.restarts >= 1
