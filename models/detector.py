"""The one interface of all detectors, and what they share: networks kept by picture size."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar, Protocol

import numpy as np

from models.boxes import Found
from models.manifest import Input, shipped, weights
from models.runtime import Network, Outputs, Pixels, Runtime
from vcam.base.errors import DetectError
from vcam.base.media import Kind

STRIDE = 32
"""Analysed pictures must be a multiple of this high and wide."""

_KEPT = 8
"""Networks kept for so many picture sizes each; the one unused longest goes first."""


class Detector(Protocol):
    """Finds things in pictures."""

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """What the labels of `Found` mean."""

    def detect(self, batch: Pixels, threshold: float) -> list[Found]:
        """For each picture of `batch`, uint8 BGR (n, height, width, 3), what scores at least `threshold`.

        Height and width are multiples of 32. Raises DetectError when the network fails or when what it says is
        not finite or absurd, WeightsError when it cannot be loaded.
        """


class Bank:
    """A network file, compiled lazily for each picture size that is asked for."""

    def __init__(
        self,
        runtime: Runtime,
        name: str,
        outputs: Sequence[str],
        *,
        convention: Input | None = None,
        file: Callable[[], Path] | None = None,
    ) -> None:
        """The network called `name` in the manifest; or, with `file`, any other that is called so in messages.

        `file` gives the network's path when it is first needed, `convention` how it wants its picture.
        """
        self._runtime = runtime
        self._name = name
        self._outputs = tuple(outputs)
        self._file = file or (lambda: weights(name))
        self._convention = convention or (shipped().entry(name).input if file is None else None) or Input()
        self._networks: OrderedDict[tuple[int, int, int], Network] = OrderedDict()

    def run(self, batch: Pixels) -> Outputs:
        """Raw outputs for `batch`. Raises DetectError, WeightsError."""
        if batch.ndim != 4 or batch.shape[3] != 3 or batch.dtype != np.uint8:
            raise DetectError(f"{self._name} wants uint8 (n, height, width, 3), got {batch.shape}")
        shape = (batch.shape[0], batch.shape[1], batch.shape[2])
        if not shape[0] or shape[1] % STRIDE or shape[2] % STRIDE or not shape[1] or not shape[2]:
            raise DetectError(f"{self._name} wants sides that are multiples of {STRIDE}, got {shape}")
        network = self._networks.get(shape)
        if network is None:
            network = self._runtime.load(self._file(), self._convention, shape, self._outputs)
            self._networks[shape] = network
            if len(self._networks) > _KEPT:
                self._networks.popitem(last=False)
        self._networks.move_to_end(shape)
        return network.run(batch)


class Decoder:
    """Base of the detectors: a bank of networks under the name in the manifest, of which only `outputs` are used."""

    name: ClassVar[str]
    kinds: ClassVar[tuple[Kind, ...]]
    outputs: ClassVar[tuple[str, ...]]

    def __init__(self, runtime: Runtime) -> None:
        self._bank = Bank(runtime, self.name, self.outputs)
