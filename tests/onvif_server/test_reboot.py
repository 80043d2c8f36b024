"""A reboot as the network sees it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from onvif_server import reboot
from onvif_server.presence import Presence
from onvif_server.reboot import Reboot
from onvif_server.store import Store
from vcam.base.errors import GarimError, WorkerError


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(reboot, "DELAY", 0.0)
    return []


@pytest.fixture
def presence(said: list[str], tmp_path: Path) -> Presence:
    made = Presence(Store(tmp_path / "device.json"), (), ())
    made.listen(said.append)
    return made


@pytest.mark.parametrize("error", [None, WorkerError("it does not start", mend="look")])
async def test_it_leaves_restarts_and_comes_back(
    presence: Presence, said: list[str], error: GarimError | None
) -> None:
    back = asyncio.Event()

    async def restart() -> None:
        said.append("restart")
        back.set()
        if error is not None:
            raise error

    machine = Reboot(presence, restart)
    machine.request()
    machine.request()
    await asyncio.wait_for(back.wait(), 10)
    await asyncio.sleep(0)
    assert said == ["Bye", "restart", "Hello"]
    await machine.stop()


async def test_a_device_that_stops_reboots_no_more(
    presence: Presence, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reboot, "DELAY", 3600.0)
    machine = Reboot(presence)
    await machine.stop()
    machine.request()
    await machine.stop()
    assert said == []
