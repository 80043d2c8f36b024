"""How far a command has come with a video."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


@contextlib.contextmanager
def seconds(what: str, video: Path) -> Iterator[Callable[[int, float], None]]:
    """Show on standard error how many seconds of `video` are done; yields what is told of pictures and seconds."""
    total = _duration(video)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(f"Seconds {what}", total=total)

        def report(_pictures: int, done: float) -> None:
            progress.update(task, completed=round(done))

        yield report
        progress.update(task, completed=total)


def _duration(path: Path) -> int | None:
    """Whole seconds of a video, when its container says; the work itself tells what is wrong with it."""
    import av

    try:
        with av.open(f"file:{path}", options={"protocol_whitelist": "file"}) as container:
            return None if container.duration is None else round(container.duration / av.time_base)
    except (av.FFmpegError, OSError):
        return None
