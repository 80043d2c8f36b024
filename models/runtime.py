"""Runs networks: OpenVINO where it is installed, ONNX Runtime elsewhere, behind one small protocol.

OpenVINO chooses bfloat16 by itself on processors with AMX or AVX-512 BF16; recall does not suffer.
Both take pictures as they come from the scaler, uint8 (n, height, width, 3) in BGR order, and do channel order,
mean and layout inside the network.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from models.manifest import Input
from models.onnxfile import open_shape
from vcam.base.errors import DetectError, WeightsError

if TYPE_CHECKING:
    import onnxruntime
    import openvino

Pixels = NDArray[np.uint8]
Outputs = Mapping[str, NDArray[np.float32]]
"""Output name to array; valid until the next run of the same network."""

Engine = Literal["openvino", "onnxruntime"]

_MEND = "Run 'make install' to renew packages and weights"


class Network(Protocol):
    """One network for one picture size."""

    def run(self, batch: Pixels) -> Outputs:
        """Outputs for `batch`, uint8 BGR of the shape it was loaded for. Raises DetectError."""


class Runtime(Protocol):
    """What loads networks."""

    @property
    def engine(self) -> Engine: ...

    def load(
        self, path: Path, convention: Input, shape: tuple[int, int, int], outputs: Sequence[str]
    ) -> Network:
        """The network in `path` for a batch of `shape` = (n, height, width), that computes only `outputs`.

        Raises WeightsError when it cannot be loaded or has no such outputs.
        """


class _OpenVinoNetwork:
    def __init__(self, compiled: openvino.CompiledModel, names: Sequence[str], path: Path) -> None:
        self._request = compiled.create_infer_request()
        self._names = tuple(names)
        self._path = path

    def run(self, batch: Pixels) -> Outputs:
        try:
            results = self._request.infer(batch, share_inputs=True, share_outputs=True)
        except RuntimeError as error:
            raise DetectError(
                f"OpenVINO failed on {self._path.name}: {_first_line(error)}", mend=_MEND
            ) from None
        return {name: results[index] for index, name in enumerate(self._names)}


class OpenVino:
    """OpenVINO's CPU device."""

    engine: Engine = "openvino"

    def __init__(self, threads: int = 1) -> None:
        os.environ.setdefault("OPENVINO_TELEMETRY_DISABLED", "1")
        from openvino import Core

        self._core = Core()
        self._read: dict[Path, openvino.Model] = {}
        self._properties: dict[str, Any] = {
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": 1,
            "PERFORMANCE_HINT": "LATENCY",
            "ENABLE_CPU_PINNING": False,
        }

    def load(
        self, path: Path, convention: Input, shape: tuple[int, int, int], outputs: Sequence[str]
    ) -> Network:
        """See `Runtime.load`."""
        from openvino import Layout, Model, Type
        from openvino.preprocess import PrePostProcessor

        batch, height, width = shape
        try:
            if path not in self._read:
                self._read[path] = self._core.read_model(path)
            whole = self._read[path].clone()
            # results in the order asked for: optimisation adds names to outputs, so they go by position
            wanted = [whole.output(name).get_node() for name in outputs]
            model = Model(wanted, whole.get_parameters(), path.stem)
            model.reshape([batch, 3, height, width])
            steps = PrePostProcessor(model)
            picture = steps.input()
            picture.tensor().set_element_type(Type.u8).set_layout(Layout("NHWC"))
            picture.model().set_layout(Layout("NCHW"))
            work = picture.preprocess().convert_element_type(Type.f32)
            if any(convention.mean):
                work = work.mean(list(convention.mean))
            if convention.scale != 1:
                work = work.scale(convention.scale)
            if convention.order == "rgb":
                work.reverse_channels()
            compiled = self._core.compile_model(steps.build(), "CPU", self._properties)
            return _OpenVinoNetwork(compiled, outputs, path)
        except RuntimeError as error:
            raise WeightsError(f"OpenVINO cannot load {path.name}: {_first_line(error)}", mend=_MEND) from None


class _OrtNetwork:
    def __init__(
        self, session: onnxruntime.InferenceSession, convention: Input, names: Sequence[str], path: Path
    ) -> None:
        self._session = session
        self._input = session.get_inputs()[0].name
        self._names = tuple(names)
        self._mean = np.asarray(convention.mean, np.float32).reshape(3, 1, 1)
        self._scale = np.float32(convention.scale)
        self._rgb = convention.order == "rgb"
        self._path = path

    def run(self, batch: Pixels) -> Outputs:
        from onnxruntime.capi.onnxruntime_pybind11_state import (
            Fail,
            InvalidArgument,
            RuntimeException,
        )

        planes = batch.transpose(0, 3, 1, 2)
        floats = np.subtract(planes, self._mean, dtype=np.float32, order="C")
        if self._scale != 1:
            floats /= self._scale
        if self._rgb:
            floats = np.ascontiguousarray(floats[:, ::-1])
        try:
            results = self._session.run(self._names, {self._input: floats})
        except (Fail, InvalidArgument, RuntimeException) as error:
            raise DetectError(
                f"ONNX Runtime failed on {self._path.name}: {_first_line(error)}", mend=_MEND
            ) from None
        return dict(zip(self._names, results, strict=True))


class OnnxRuntime:
    """ONNX Runtime's CPU provider. One session serves every size of a network."""

    engine: Engine = "onnxruntime"

    def __init__(self, threads: int = 1) -> None:
        self._threads = threads
        self._sessions: dict[Path, onnxruntime.InferenceSession] = {}

    def load(
        self, path: Path, convention: Input, shape: tuple[int, int, int], outputs: Sequence[str]
    ) -> Network:
        """See `Runtime.load`."""
        if min(shape) < 1:
            raise WeightsError(f"{path.name} cannot be loaded for pictures of {shape}")
        if path not in self._sessions:
            self._sessions[path] = self._open(path)
        session = self._sessions[path]
        missing = set(outputs) - {output.name for output in session.get_outputs()}
        if missing:
            raise WeightsError(f"{path.name} has no output {', '.join(sorted(missing))}", mend=_MEND)
        return _OrtNetwork(session, convention, outputs, path)

    def _open(self, path: Path) -> onnxruntime.InferenceSession:
        import onnxruntime as ort
        from onnxruntime.capi.onnxruntime_pybind11_state import (
            Fail,
            InvalidArgument,
            InvalidGraph,
            InvalidProtobuf,
        )

        options = ort.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            model = open_shape(path.read_bytes())
            return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except (OSError, Fail, InvalidArgument, InvalidGraph, InvalidProtobuf) as error:
            raise WeightsError(
                f"ONNX Runtime cannot load {path.name}: {_first_line(error)}", mend=_MEND
            ) from None


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0]


def open_runtime(engine: Engine | None = None, threads: int = 1) -> Runtime:
    """The runtime named `engine`; by default OpenVINO when it is installed, else ONNX Runtime.

    `threads` bounds the threads of one inference. Raises DetectError when the package is not installed.
    """
    if engine is None:
        engine = "openvino" if importlib.util.find_spec("openvino") else "onnxruntime"
    if importlib.util.find_spec(engine) is None:
        raise DetectError(f"The runtime {engine} is not installed", mend="Run 'make install'")
    return OpenVino(threads) if engine == "openvino" else OnnxRuntime(threads)
