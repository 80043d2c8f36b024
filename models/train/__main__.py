"""Command line: `python -m models.train --data FOLDER --steps N --out DIR [--resume]`."""

from __future__ import annotations

import argparse
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path

from vcam.base.errors import WeightsError


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="models.train", description="Train the plate detector on the CPU.")
    parser.add_argument("--data", type=Path, required=True, help="folder with images/ and labels.json")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoint, log and plates.onnx")
    parser.add_argument("--steps", type=int, default=9500, help="length of the whole training")
    parser.add_argument("--restart", type=int, default=4000, help="step at which the learning rate begins anew")
    parser.add_argument("--batch", type=int, default=32, help="samples a step")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1, help="of the network")
    parser.add_argument("--workers", type=int, default=1, help="processes that make samples")
    parser.add_argument("--save", type=int, default=200, help="steps between checkpoints")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in --out")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """Command line: 0 when the training is done, 1 with a message when it cannot be."""
    options = _arguments(words)
    if importlib.util.find_spec("torch") is None:
        sys.stderr.write("Training needs PyTorch: python -m pip install torch\n")
        return 1
    from models.train.loop import Plan, Training
    from models.train.pictures import load

    plan = Plan(
        steps=options.steps,
        restart=options.restart,
        batch=options.batch,
        seed=options.seed,
        threads=options.threads,
        workers=options.workers,
        save=options.save,
    )
    try:
        Training(load(options.data), plan, options.out, resume=options.resume).run()
    except WeightsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
