"""The stand-in, as a camera on the network."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from vcam.base.annexb import nal_units
from vcam.base.errors import Unreachable
from vcam.demo.check import count_unmasked
from vcam.demo.leaks import Judge
from vcam.demo.process import Process
from vcam.demo.receive import receive, signed
from vcam.demo.scene import LENGTH, Scene
from vcam.demo.standin import DUMP, PASSWORD_VARIABLE, USER_VARIABLE

USER, PASSWORD = "camera", "a:b@c/d e%"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("standin")


@pytest.fixture(scope="module")
def url(folder: Path, scene: Scene) -> Iterator[str]:
    command = [sys.executable, "-m", "vcam.demo.standin", "--dump", str(folder)]
    environment = {USER_VARIABLE: USER, PASSWORD_VARIABLE: PASSWORD}
    with Process("standin", command, folder / "log", environment) as camera:
        yield str(camera.line(60)["url"])
        assert camera.end() == 0


def test_it_serves_the_scene(url: str, scene: Scene) -> None:
    received = receive(url, 2, credentials=(USER, PASSWORD))
    judge = Judge(scene)
    indices = [judge.judge(picture).index for picture, _ in received.pictures()]
    assert len(indices) > 20
    assert None not in indices
    assert all((b - a) % LENGTH == 1 for a, b in itertools.pairwise(indices) if a is not None and b)


def test_unmasked_it_is_counted_as_unmasked_and_the_dump_is_what_it_sends(
    url: str, folder: Path, scene: Scene
) -> None:
    received = receive(url, 5, credentials=(USER, PASSWORD))
    count = count_unmasked(received, scene)
    assert count.unmasked_frames > count.frames / 2
    assert count.regions_masked == 0
    sent = set(nal_units((folder / DUMP).read_bytes()))
    assert all(unit in sent for data, _ in received.units for unit in nal_units(data))


@pytest.mark.parametrize("credentials", [None, (USER, "wrong"), ("nobody", PASSWORD)])
def test_it_asks_for_the_password(url: str, credentials: tuple[str, str] | None) -> None:
    with pytest.raises(Unreachable) as caught:
        receive(url, 1, credentials=credentials)
    assert "wrong" not in str(caught.value)
    assert PASSWORD not in str(caught.value)


def test_without_credentials_it_does_not_start() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GARIM_DEMO")}
    done = subprocess.run(
        [sys.executable, "-m", "vcam.demo.standin"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert USER_VARIABLE in done.stderr
    assert "Traceback" not in done.stderr


def test_credentials_are_quoted_into_the_address() -> None:
    assert signed("rtsp://host:554/a?b=c", "u@v", "p:/?") == "rtsp://u%40v:p%3A%2F%3F@host:554/a?b=c"
