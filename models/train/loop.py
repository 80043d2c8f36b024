"""The training loop: deterministic by seed and step, resumable from its last checkpoint."""

from __future__ import annotations

import copy
import json
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from models.train.drawn import draw_bank
from models.train.export import export
from models.train.loss import losses
from models.train.net import PlateNet
from models.train.pictures import Labelled
from models.train.sample import MOST, Maker
from vcam.base.errors import WeightsError

_RATE, _LEAST_RATE = 2e-3, 2e-5
_WARM: Final = 200
"""Steps in which the learning rate rises."""
_DECAY: Final = 0.01
_MEAN: Final = 0.998
"""Share of the running mean of the weights that a step leaves."""
_LOG: Final = 25
_BANK: Final = 800


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train. `steps` is the whole length, also when resumed; `save` the steps between checkpoints.

    At step `restart` the learning rate begins anew, if that lies within the training (SGDR, arXiv:1608.03983).
    """

    steps: int
    restart: int = 0
    batch: int = 32
    seed: int = 1
    threads: int = 1
    workers: int = 1
    save: int = 200
    bank: int = _BANK


Batch = tuple[Tensor, Tensor, Tensor]


class _Samples(Dataset[Batch]):
    """Batch number `index` of a seed."""

    def __init__(self, maker: Maker, plan: Plan) -> None:
        self._maker = maker
        self._plan = plan

    def __len__(self) -> int:
        return self._plan.steps

    def __getitem__(self, index: int) -> Batch:
        cv2.setNumThreads(0)
        size = self._plan.batch
        samples = [self._maker.make(index * size + place) for place in range(size)]
        boxes = np.zeros((size, MOST, 4), np.float32)
        for row, sample in zip(boxes, samples, strict=True):
            row[: len(sample.boxes)] = sample.boxes
        pictures = torch.from_numpy(np.stack([sample.picture for sample in samples]))
        known = torch.from_numpy(np.stack([sample.known for sample in samples]))
        return pictures, torch.from_numpy(boxes), known


def rate(step: int, steps: int, restart: int = 0) -> float:
    """Learning rate at `step` of `steps`: a short rise, then half a cosine; the same again from `restart` on."""
    if 0 < restart < steps:
        step, steps = (step, restart) if step < restart else (step - restart, steps - restart)
    warm = min(_WARM, max(1, steps // 5))
    if step < warm:
        return _RATE * (step + 1) / warm
    done = (step - warm) / max(1, steps - warm)
    return _LEAST_RATE + (_RATE - _LEAST_RATE) * 0.5 * (1 + math.cos(math.pi * done))


class Training:
    """A network in training, in the folder `out`: last.pt, training.jsonl, and plates.onnx at the end."""

    def __init__(self, pictures: Sequence[Labelled], plan: Plan, out: Path, *, resume: bool = False) -> None:
        torch.manual_seed(plan.seed)
        torch.set_num_threads(plan.threads)
        self._plan = plan
        self._out = out
        self._log = out / "training.jsonl"
        bank = draw_bank(plan.bank, np.random.default_rng(plan.seed))
        self._samples = _Samples(Maker(pictures, bank, plan.seed), plan)
        self._net = PlateNet().to(memory_format=torch.channels_last)
        decayed = [one for one in self._net.parameters() if one.ndim > 1]
        others = [one for one in self._net.parameters() if one.ndim <= 1]
        groups = [{"params": decayed, "weight_decay": _DECAY}, {"params": others, "weight_decay": 0.0}]
        self._optimizer = torch.optim.AdamW(groups, lr=_RATE)
        self._mean = copy.deepcopy(self._net).eval()
        self._step = 0
        out.mkdir(parents=True, exist_ok=True)
        if resume:
            self._load()
        else:
            self._log.unlink(missing_ok=True)

    @property
    def step(self) -> int:
        """Steps done."""
        return self._step

    def run(self) -> list[float]:
        """Train to the plan's end and export; the loss of each step done now."""
        course: list[float] = []
        recent: list[tuple[float, float, float]] = []
        began = time.monotonic()
        for pictures, boxes, known in self._batches():
            entry = self._learn(pictures, boxes, known)
            course.append(entry[0])
            recent.append(entry)
            self._step += 1
            if self._step % _LOG == 0 or self._step == self._plan.steps:
                self._note(recent, time.monotonic() - began)
                recent, began = [], time.monotonic()
            if self._step % self._plan.save == 0 or self._step == self._plan.steps:
                self._save()
        export(self._mean, self._out / "plates.onnx")
        return course

    def _batches(self) -> Iterator[Batch]:
        order = range(self._step, self._plan.steps)
        loader: DataLoader[Batch] = DataLoader(
            self._samples,
            batch_size=None,
            sampler=order,
            num_workers=self._plan.workers,
            prefetch_factor=4 if self._plan.workers else None,
            generator=torch.Generator().manual_seed(self._plan.seed),
        )
        yield from loader

    def _learn(self, pictures: Tensor, boxes: Tensor, known: Tensor) -> tuple[float, float, float]:
        for group in self._optimizer.param_groups:
            group["lr"] = rate(self._step, self._plan.steps, self._plan.restart)
        self._net.train()
        floats = pictures.permute(0, 3, 1, 2).float()
        with torch.autocast("cpu", torch.bfloat16):
            levels = self._net(floats)
        found = losses(levels, boxes, known)
        self._optimizer.zero_grad(set_to_none=True)
        found.total.backward()
        torch.nn.utils.clip_grad_norm_(self._net.parameters(), 10.0)
        self._optimizer.step()
        self._average()
        return float(found.total.detach()), found.score, found.box

    @torch.no_grad()
    def _average(self) -> None:
        share = min(_MEAN, (1 + self._step) / (10 + self._step))
        for mean, now in zip(self._mean.state_dict().values(), self._net.state_dict().values(), strict=True):
            if mean.is_floating_point():
                mean.lerp_(now, 1 - share)
            else:
                mean.copy_(now)

    def _note(self, recent: Sequence[tuple[float, float, float]], seconds: float) -> None:
        total, score, box = (sum(column) / len(recent) for column in zip(*recent, strict=True))
        line = {
            "step": self._step,
            "loss": round(total, 4),
            "score": round(score, 4),
            "box": round(box, 4),
            "rate": round(rate(self._step - 1, self._plan.steps, self._plan.restart), 6),
            "seconds": round(seconds, 1),
        }
        with self._log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def _forget(self) -> None:
        """Take out of the log what was learnt after the checkpoint and then lost."""
        if self._log.exists():
            lines = self._log.read_text(encoding="utf-8").splitlines(keepends=True)
            kept = [line for line in lines if json.loads(line)["step"] <= self._step]
            self._log.write_text("".join(kept), encoding="utf-8")

    def _save(self) -> None:
        state = {
            "step": self._step,
            "net": self._net.state_dict(),
            "mean": self._mean.state_dict(),
            "optimizer": self._optimizer.state_dict(),
        }
        fresh = self._out / "last.pt.part"
        torch.save(state, fresh)
        fresh.replace(self._out / "last.pt")

    def _load(self) -> None:
        try:
            state: dict[str, Any] = torch.load(self._out / "last.pt", weights_only=True)
        except OSError:
            raise WeightsError(
                f"{self._out} holds no checkpoint to resume from", mend="Leave out --resume to begin anew"
            ) from None
        self._net.load_state_dict(state["net"])
        self._mean.load_state_dict(state["mean"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._step = state["step"]
        self._forget()
