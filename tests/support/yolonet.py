"""Real networks in the layouts of YOLO exports, with fixed weights: they find magenta and, as a second class, green.

Cells of 32 pixels score by the share of the colour in them; cells of 8 and 16 pixels are there and score nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from models.imported import Imported
from models.shelf import Entry, Figures, Shelf
from models.yolo import Layout
from vcam.base.settings import ModelKind

MAGENTA = (255, 0, 255)
GREEN = (0, 255, 0)
_STRIDES = (8, 16, 32)
_WEIGHTS = [[0.5, -1.0, 0.5], [-1.0, 1.0, -1.0]]
"""By class, of red, green and blue."""
_BOX = (64.0, 40.0)
"""Width and height of the box around each cell's middle."""
_FIGURES = Figures(pictures=1, labels=1, found=1, area=1, false=0)
NOTES = {"task": "detect", "names": "{0: 'magenta', 1: 'green'}", "imgsz": "[640, 640]", "license": "AGPL-3.0"}


class _Graph:
    """Nodes and constants as they come."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [name], **attributes))
        return name

    def constant(self, value: object, kind: type[np.generic] = np.float32) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value, kind), name))
        return name

    def rename(self, name: str) -> None:
        """Call the last node's output `name`."""
        self.nodes[-1].output[0] = name


def _level(graph: _Graph, colours: str, stride: int, *, anchors: bool) -> str:
    """One level as (1, numbers, cells): centre, sides, for anchors the object's probability, classes."""
    share = graph.add("AveragePool", colours, kernel_shape=[stride, stride], strides=[stride, stride])
    share = graph.add("Mul", share, graph.constant(1.0 if stride == 32 else 0.0))
    zero = graph.add("Mul", graph.add("ReduceMax", share, axes=[1], keepdims=1), graph.constant(0.0))
    one = graph.add("Add", zero, graph.constant(1.0))
    places = []
    for axis in (3, 2):
        count = graph.add("CumSum", one, graph.constant(axis, np.int64))
        middle = graph.add("Sub", count, graph.constant(0.5))
        places.append(graph.add("Mul", middle, graph.constant(float(stride))))
    sides = [graph.add("Add", zero, graph.constant(side)) for side in _BOX]
    parts = [*places, *sides, *([one] if anchors else []), share]
    level = graph.add("Concat", *parts, axis=1)
    return graph.add("Reshape", level, graph.constant([0, 0, -1], np.int64))


def _end(graph: _Graph, rows: str) -> None:
    """The 300 best of `rows` (1, 4 + classes, n) as (1, 300, 6)."""
    ends = [graph.constant([number], np.int64) for number in (0, 2, 4, 6)]
    axis = graph.constant([1], np.int64)
    centre = graph.add("Slice", rows, ends[0], ends[1], axis)
    sides = graph.add("Slice", rows, ends[1], ends[2], axis)
    scores = graph.add("Slice", rows, ends[2], ends[3], axis)
    half = graph.add("Mul", sides, graph.constant(0.5))
    best = graph.add("ReduceMax", scores, axes=[1], keepdims=1)
    label = graph.add("Cast", graph.add("ArgMax", scores, axis=1, keepdims=1), to=TensorProto.FLOAT)
    low, high = graph.add("Sub", centre, half), graph.add("Add", centre, half)
    every = graph.add("Concat", low, high, best, label, axis=1)
    top = graph.add("Flatten", best)
    graph.nodes.append(
        helper.make_node("TopK", [top, graph.constant([300], np.int64)], ["values", "places"], axis=1)
    )
    flat = graph.add("Squeeze", "places", graph.constant([0], np.int64))
    graph.add("Transpose", graph.add("Gather", every, flat, axis=2), perm=[0, 2, 1])


def network(
    layout: str, size: tuple[int, int] | None = None, notes: Mapping[str, str] = NOTES, *, classes: int = 2
) -> onnx.ModelProto:
    """A network in the layout "v8", "v5" or "end", for pictures of any or of one width and height."""
    graph = _Graph()
    weights = graph.constant(np.reshape(_WEIGHTS[:classes], (classes, 3, 1, 1)))
    colours = graph.add("Relu", graph.add("Conv", "images", weights))
    levels = [_level(graph, colours, stride, anchors=layout == "v5") for stride in _STRIDES]
    if layout == "v5":
        silent = graph.constant(np.reshape([1] * 4 + [0] + [1] * classes, (1, 5 + classes, 1)))
        levels = [part for level in levels for part in (level, *[graph.add("Mul", level, silent)] * 2)]
    rows = graph.add("Concat", *levels, axis=2)
    if layout == "v5":
        graph.add("Transpose", rows, perm=[0, 2, 1])
    elif layout == "end":
        _end(graph, rows)
    graph.rename("output0")
    return model(graph.nodes, graph.constants, size, notes)


def model(
    nodes: list[onnx.NodeProto],
    constants: list[onnx.TensorProto],
    size: tuple[int, int] | None = None,
    notes: Mapping[str, str] = NOTES,
    kind: int = TensorProto.FLOAT,
) -> onnx.ModelProto:
    """A model from "images" to "output0" of these nodes."""
    sides: tuple[int | str, ...] = ("height", "width") if size is None else (size[1], size[0])
    picture = helper.make_tensor_value_info("images", kind, [1, 3, *sides])
    answer = helper.make_tensor_value_info("output0", TensorProto.FLOAT, ["n", "rows", "columns"])
    graph = helper.make_graph(nodes, "yolo", [picture], [answer], constants)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    helper.set_model_props(made, dict(notes))
    return made


def save(made: onnx.ModelProto, path: Path) -> Path:
    """Write `made`."""
    path.write_bytes(made.SerializeToString())
    return path


def scene(
    width: int, height: int, patches: list[tuple[int, int, int, int]], colour: tuple[int, int, int] = MAGENTA
) -> NDArray[np.uint8]:
    """A grey picture, uint8 BGR, with patches x1, y1, x2, y2 of an RGB colour."""
    pixels = np.full((height, width, 3), 90, np.uint8)
    for x1, y1, x2, y2 in patches:
        pixels[y1:y2, x1:x2] = colour[::-1]
    return pixels


def labelled(
    folder: Path, count: int = 6, size: tuple[int, int] = (640, 352), colour: tuple[int, int, int] = MAGENTA
) -> Path:
    """A folder of `count` pictures with a patch each, and their labels."""
    folder.mkdir()
    labels: dict[str, list[list[int]]] = {}
    for number in range(count):
        x, y = 40 + 70 * number, 60 + 30 * number
        box = (x, y, x + 128, y + 72)
        name = f"{number}.png"
        assert cv2.imwrite(str(folder / name), scene(*size, [box], colour))
        labels[name] = [[*box, 0]]
    (folder / "labels.json").write_text(json.dumps(labels), encoding="utf-8")
    return folder


def add(
    shelf: Shelf,
    name: str = "magenta",
    kind: ModelKind = "face",
    *,
    layout: Layout = "v8",
    size: tuple[int, int] | None = None,
) -> Imported:
    """A detector of magenta that has been imported into `shelf`."""
    content = network(layout, size).SerializeToString()
    entry = Entry(
        name=name,
        source="best.onnx",
        sha256=hashlib.sha256(content).hexdigest(),
        licence="CC0-1.0",
        kind=kind,
        layout=layout,
        output="output0",
        side=640,
        size=size,
        classes=[0],
        threshold=0.25,
        date=datetime(2026, 3, 1, tzinfo=UTC),
        check=_FIGURES,
        shipped=_FIGURES,
    )
    shelf.add(entry, content)
    return Imported(entry, shelf)
