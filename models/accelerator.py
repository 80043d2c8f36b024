"""Accelerators: graphics and neural processors that answer in the processor's stead, as long as they agree with it.

Every network is loaded on both. What an accelerator says of a test picture is compared with what the processor says,
when the network is loaded and again and again while it runs. One that cannot load a network, fails, or says something
else is given up for good, for all networks; from then on the processor answers.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import structlog
from numpy.typing import NDArray

from models.manifest import Input
from models.runtime import Engine, Network, OnnxRuntime, OpenVino, Outputs, Pixels, Runtime
from vcam.base.errors import DetectError

log = structlog.get_logger()

PROVIDERS = (
    "CUDAExecutionProvider",
    "TensorrtExecutionProvider",
    "CoreMLExecutionProvider",
    "DmlExecutionProvider",
)
"""ONNX Runtime's providers that are tried, best first."""
DEVICES = ("GPU", "NPU")
"""OpenVINO's devices that are tried, best first."""

_FILES = ("dri/renderD*", "accel/accel*", "nvidia[0-9]*", "kfd", "dxg")
"""Linux's device files of graphics and neural processors: DRM, accel, NVIDIA, AMD, WSL."""

AGAIN = 50
"""Runs of a network after which the accelerator is put to the test again: at least every few seconds of a stream."""
_MEAN = 0.25
"""Greatest mean difference of a channel that agrees, in its own standard deviations: bfloat16 makes up to 0.12."""
_WORST = 0.4
"""Greatest difference of a single number, as a share of its channel's whole range: bfloat16 makes up to 0.23."""
_FLOOR = 0.002
"""Added to standard deviation and range, for channels that hardly vary."""
_CHANNELS = 256
"""An output (n, a, b) whose shorter side is at most this long has its channels there, each on its own scale."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An accelerator that is said to be there. `open` may raise DetectError or RuntimeError."""

    name: str
    open: Callable[[], Runtime]


def available(threads: int, devices: Path = Path("/dev")) -> list[Candidate]:
    """The accelerators that the installed packages know of, best first; whether they work is another matter.

    On Linux the packages, which take 45 MB to answer, are asked only when there is a device file.
    """
    found: list[Candidate] = []
    if sys.platform == "linux" and not any(any(devices.glob(name)) for name in _FILES):
        return found
    if importlib.util.find_spec("onnxruntime"):
        import onnxruntime

        known = set(onnxruntime.get_available_providers())
        found += [Candidate(name, partial(OnnxRuntime, threads, name)) for name in PROVIDERS if name in known]
    if importlib.util.find_spec("openvino"):
        from openvino import Core

        # "GPU", or "GPU.0", "GPU.1" where there are several
        known = set(Core().available_devices)
        names = [name for kind in DEVICES for name in sorted(known) if name.partition(".")[0] == kind]
        found += [Candidate(name, partial(OpenVino, threads, name)) for name in names]
    return found


def picture(shape: tuple[int, int, int]) -> Pixels:
    """The test picture of `shape` (n, height, width): coarse and fine noise, uint8 BGR, always the same."""
    batch, height, width = shape
    rng = np.random.default_rng(20)
    coarse = rng.integers(0, 256, (batch, height // 32 + 1, width // 32 + 1, 3))
    large = coarse.repeat(32, axis=1).repeat(32, axis=2)[:, :height, :width]
    return np.asarray(np.clip(large + rng.integers(-40, 41, large.shape), 0, 255), np.uint8)


def agree(said: Outputs, right: Outputs) -> bool:
    """Whether `said` is what `right` is, but for the rounding of short floating-point numbers."""
    return set(said) == set(right) and all(_agrees(said[name], ours) for name, ours in right.items())


def _agrees(said: NDArray[np.float32], right: NDArray[np.float32]) -> bool:
    if said.shape != right.shape or not np.isfinite(said).all():
        return False
    if not right.size:
        return True
    rows, ours = _channels(said.astype(np.float64)), _channels(right.astype(np.float64))
    difference = np.abs(rows - ours)
    mean_limit = _MEAN * (ours.std(axis=1) + _FLOOR)
    worst_limit = _WORST * (np.ptp(ours, axis=1) + _FLOOR)
    return bool((difference.mean(axis=1) <= mean_limit).all() and (difference.max(axis=1) <= worst_limit).all())


def _channels(output: NDArray[np.float64]) -> NDArray[np.float64]:
    """`output` as (channels, numbers)."""
    if output.ndim == 4:
        return np.moveaxis(output, 1, 0).reshape(output.shape[1], -1)
    if output.ndim == 3 and min(output.shape[1:]) <= _CHANNELS:
        axis = 1 if output.shape[1] < output.shape[2] else 2
        return np.moveaxis(output, axis, 0).reshape(output.shape[axis], -1)
    return output.reshape(1, -1)


class Accelerated:
    """A runtime of the first candidate that proves itself; of `cpu` when none does."""

    def __init__(self, cpu: Runtime, candidates: Sequence[Candidate], *, wanted: bool) -> None:
        """`wanted` makes it worth a warning that there is no candidate at all."""
        self._cpu = cpu
        self._candidates = list(candidates)
        self._fast: Runtime | None = None
        if wanted and not candidates:
            log.warning("no accelerator is there; the processor answers", mend="Set site.device to 'auto'")

    @property
    def engine(self) -> Engine:
        return self._cpu.engine

    @property
    def accelerator(self) -> str | None:
        """The accelerator that is trusted now."""
        return self._candidates[0].name if self._candidates else None

    def load(
        self, path: Path, convention: Input, shape: tuple[int, int, int], outputs: Sequence[str]
    ) -> Network:
        """See `Runtime.load`."""
        safe = self._cpu.load(path, convention, shape, outputs)
        test = picture(shape)
        right = {name: np.array(array) for name, array in safe.run(test).items()}
        while (name := self.accelerator) is not None:
            try:
                if self._fast is None:
                    self._fast = self._candidates[0].open()
                fast = self._fast.load(path, convention, shape, outputs)
                if agree(fast.run(test), right):
                    return _Watched(self, name, fast, safe, test=test, right=right)
                why = "its answer is not the processor's"
            except (DetectError, RuntimeError) as error:
                why = str(error)
            self.give_up(name, f"{path.name}: {why}")
        return safe

    def give_up(self, name: str, why: str) -> None:
        """Trust the accelerator `name` no more."""
        if self.accelerator == name:
            log.warning("an accelerator is given up", accelerator=name, reason=why, next=self._next())
            del self._candidates[0]
            self._fast = None

    def _next(self) -> str:
        return self._candidates[1].name if len(self._candidates) > 1 else "CPU"


class _Watched:
    """One network on an accelerator, with the processor's own to be measured by and to fall back on."""

    def __init__(
        self, owner: Accelerated, name: str, fast: Network, safe: Network, *, test: Pixels, right: Outputs
    ) -> None:
        self._owner = owner
        self._name = name
        self._fast = fast
        self._safe = safe
        self._test = test
        self._right = right
        self._runs = 0

    def run(self, batch: Pixels) -> Outputs:
        """See `Network.run`."""
        if self._owner.accelerator != self._name:
            return self._safe.run(batch)
        self._runs += 1
        try:
            if self._runs % AGAIN or agree(self._fast.run(self._test), self._right):
                return self._fast.run(batch)
            why = "its answer is not the processor's any more"
        except DetectError as error:
            why = error.what
        self._owner.give_up(self._name, why)
        return self._safe.run(batch)
