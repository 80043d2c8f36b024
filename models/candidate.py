"""A network file that somebody brings along: is it a detector that Garim can decode, and does it behave?"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.detector import STRIDE
from models.onnxinfo import FLOAT32, Info, Value, inspect
from models.runtime import Outputs, Pixels, Runtime
from models.yolo import CONVENTION, Layout, layout_of
from vcam.base.errors import DetectError, WeightsError

LARGEST = 256 * 1024 * 1024
"""Bytes of the longest network file that is taken in."""
SIDE = 640
"""Long side of the analysed picture where neither the file nor anybody says one."""
_LONGEST = 4096
"""Longest side of a picture that a network may insist on."""
_TRIED = ((352, 224), (416, 416))
"""Width and height that a network of any size is tried with: odd multiples of 32."""
_TOLERANCE = 0.01
"""By how much a score may lie outside 0 to 1: the rounding of bfloat16."""
_NAMES = 10_000
_TEXT = 80
_MEND = "Export it with Ultralytics' defaults: format=onnx, float32, one file"


@dataclass(frozen=True, slots=True)
class Candidate:
    """What was found out about a network.

    `size` is its fixed width and height, None when it takes any. `side` is the long side of the picture it was
    trained on. `names` are its classes, empty when the file does not say; `count` is their number, 0 when unknown.
    `licence` is what the file says.
    """

    layout: Layout
    output: str
    size: tuple[int, int] | None
    side: int
    names: dict[int, str]
    count: int
    licence: str

    def called(self, classes: Sequence[int]) -> list[str]:
        """Names of these classes, as far as they are known."""
        return [self.names[one] for one in classes if one in self.names]


def read(path: Path) -> bytes:
    """The content of a network file. Raises WeightsError when it is absent, empty or too long."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise WeightsError(
            f"{path.name} cannot be read ({error.strerror or type(error).__name__})",
            mend="Name a file ending in .onnx or .pt",
        ) from None
    if len(content) > LARGEST:
        raise WeightsError(f"{path.name} is longer than {LARGEST} bytes", mend="Choose a smaller network")
    if not content:
        raise WeightsError(f"{path.name} is empty", mend=_MEND)
    return content


def examine(path: Path, runtime: Runtime) -> Candidate:
    """Look at the network in `path` without trusting it, then run it on a black picture and on noise.

    Raises WeightsError when it is no ONNX, not one whole file, no detector of a known layout, or says what is not
    finite or no probability.
    """
    info = inspect(read(path))
    task = info.notes.get("task", "detect")
    if task != "detect":
        raise WeightsError(f"It is a network for {_plain(task)!r}", mend="Import a network that detects boxes")
    size = _size(info)
    answers = [
        (width, height, answer)
        for width, height in ([size] if size else _TRIED)
        for answer in _answers(path, runtime, [value.name for value in info.outputs], width, height)
    ]
    output = _output(answers[0][2])
    layouts = {layout_of(answer[output].shape, width, height) for width, height, answer in answers}
    if len(layouts) != 1 or (layout := layouts.pop()) is None:
        shapes = sorted({str(answer[output].shape) for _, _, answer in answers})
        raise WeightsError(f"Its answer has a form that is not known: {', '.join(shapes)}", mend=_MEND)
    for _, _, answer in answers:
        _probable(answer[output][0], layout[0])
    names = _names(info.notes.get("names", ""))
    if layout[1] and names and len(names) != layout[1]:
        raise WeightsError(f"It has {layout[1]} classes but names {len(names)}", mend=_MEND)
    licence = _plain(info.notes.get("license", ""))
    return Candidate(layout[0], output, size, _side(info, size), names, layout[1] or len(names), licence)


def choose(candidate: Candidate, classes: Sequence[int] | None) -> list[int]:
    """The classes that count: those given, or the only one. Raises WeightsError."""
    known = ", ".join(f"{number} {name}" for number, name in sorted(candidate.names.items())[:100])
    if not classes:
        if candidate.count == 1:
            return [0]
        raise WeightsError(
            f"It has {candidate.count or 'an unknown number of'} classes" + (f": {known}" if known else ""),
            mend="Say which count, as in --classes 0,2",
        )
    for one in classes:
        if one < 0 or (candidate.count and one >= candidate.count):
            raise WeightsError(f"It has no class {one}", mend=f"It has: {known or candidate.count}")
    return sorted(set(classes))


def _size(info: Info) -> tuple[int, int] | None:
    """The width and height that the network insists on, None when it takes any."""
    if len(info.inputs) != 1:
        raise WeightsError(f"It has {len(info.inputs)} inputs instead of one picture", mend=_MEND)
    entry: Value = info.inputs[0]
    if entry.type != FLOAT32:
        raise WeightsError("Its input is not of float32", mend="Export it with half=False and int8=False")
    if len(entry.dims) != 4 or entry.dims[1] not in {3, None} or entry.dims[0] not in {1, None}:
        shape = ", ".join("any" if side is None else str(side) for side in entry.dims)
        raise WeightsError(f"Its input has the shape ({shape}) instead of (1, 3, height, width)", mend=_MEND)
    height, width = entry.dims[2:]
    if height is None and width is None:
        return None
    if height is None or width is None:
        raise WeightsError("Of its height and width only one is fixed", mend=_MEND)
    if any(side % STRIDE or not STRIDE <= side <= _LONGEST for side in (height, width)):
        raise WeightsError(
            f"It takes pictures of {width}x{height} only",
            mend=f"Export it with sides that are multiples of {STRIDE}, {_LONGEST} at most",
        )
    return width, height


def _answers(path: Path, runtime: Runtime, outputs: Sequence[str], width: int, height: int) -> list[Outputs]:
    """What the network says of a black picture and of noise, checked to be finite."""
    noise = np.random.default_rng(8).integers(0, 256, (1, height, width, 3)).astype(np.uint8)
    pictures: list[Pixels] = [np.zeros((1, height, width, 3), np.uint8), noise]
    answers: list[Outputs] = []
    try:
        network = runtime.load(path, CONVENTION, (1, height, width), outputs)
        for pixels in pictures:
            answers.append({name: np.array(array) for name, array in network.run(pixels).items()})
    except DetectError as error:
        raise WeightsError(
            f"It cannot be run on pictures of {width}x{height}: {error.what}", mend=_MEND
        ) from None
    for answer in answers:
        if not all(np.isfinite(array).all() for array in answer.values()):
            raise WeightsError("It says numbers that are not finite", mend="Train or export it anew")
    return answers


def _output(answer: Outputs) -> str:
    """The output with the boxes: the only one of three dimensions. Raw levels of five beside it do no harm."""
    flat = [name for name, array in answer.items() if array.ndim == 3]
    if len(flat) != 1 or any(array.ndim not in {3, 5} for array in answer.values()):
        shapes = ", ".join(str(array.shape) for array in answer.values())
        raise WeightsError(f"Its outputs are not those of a detector: {shapes}", mend=_MEND)
    return flat[0]


def _probable(output: np.ndarray[tuple[int, ...], np.dtype[np.float32]], layout: Layout) -> None:
    scores = output[4:] if layout == "v8" else output[:, 4:] if layout == "v5" else output[:, 4]
    if scores.size and (scores.min() < -_TOLERANCE or scores.max() > 1 + _TOLERANCE):
        raise WeightsError("Its scores are no probabilities", mend=_MEND)
    if layout == "end" and not np.array_equal(output[:, 5], np.round(output[:, 5])):
        raise WeightsError("Its classes are no whole numbers", mend=_MEND)


def _side(info: Info, size: tuple[int, int] | None) -> int:
    """Long side of the pictures that the network was trained on, as far as it says, a multiple of 32."""
    if size:
        return max(size)
    noted = [int(side) for side in re.findall(r"\d{1,5}", info.notes.get("imgsz", ""))]
    longest = max(noted, default=SIDE)
    return min(max(round(longest / STRIDE), 1) * STRIDE, _LONGEST)


def _names(text: str) -> dict[int, str]:
    """Classes as the exporter notes them, a Python literal like "{0: 'plate'}"; empty when it is anything else."""
    if len(text) > _NAMES * _TEXT:
        return {}
    try:
        names = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return {}
    if isinstance(names, list):
        names = dict(enumerate(names))
    if not isinstance(names, dict) or len(names) > _NAMES or set(names) != set(range(len(names))):
        return {}
    return {number: _plain(str(name)) for number, name in names.items()}


def _plain(text: str) -> str:
    """Text of a stranger, fit for a terminal and a line of a file."""
    return "".join(letter for letter in text if letter.isprintable())[:_TEXT]
