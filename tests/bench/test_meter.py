"""CPU time is counted where it is used."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest

from bench.meter import Cost, Meter, busy

BURN = "import time\nend = time.process_time() + 0.3\nwhile time.process_time() < end: pass"


def burn(seconds: float) -> None:
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def test_threads_and_children_count() -> None:
    start = busy()
    thread = threading.Thread(target=burn, args=(0.2,))
    thread.start()
    thread.join()
    assert busy() - start >= 0.19
    start = busy()
    subprocess.run([sys.executable, "-c", BURN], check=True)
    assert busy() - start >= 0.29


def test_the_warm_up_is_left_out() -> None:
    meter = Meter(2)
    burn(0.3)
    assert not meter.picture()
    assert meter.picture()
    burn(0.1)
    assert not meter.picture()
    cost = meter.cost()
    assert cost.pictures == 1
    assert cost.seconds < 0.3
    assert cost.milliseconds >= 99


def test_costs_add_up_a_picture() -> None:
    cost = Cost(2.0, 100).plus(5.0)
    assert cost.milliseconds == pytest.approx(25.0)
    assert Cost(1.0, 0).milliseconds == 0.0
