"""`garim eval`: how well footage is masked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from vcam.base.errors import ConfigError
from vcam.base.logs import configure
from vcam.base.partfile import distinct
from vcam.cli.camera import Config, Name, chosen
from vcam.cli.table import show

if TYPE_CHECKING:
    from vcam.quality.evaluation import Evaluation
    from vcam.quality.gallery import Gallery


def evaluate(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of labelled pictures and clips.")],
    *,
    only: Annotated[
        Literal["faces", "plates", "clips"] | None, typer.Option(help="One part alone: faces, plates or clips.")
    ] = None,
    clips: Annotated[
        str | None, typer.Option(help="Clips whose names begin so, separated by commas; else all.")
    ] = None,
    thorough: Annotated[
        bool, typer.Option("--thorough", help="Clips as 'garim mask' masks them, and not as a live camera is.")
    ] = False,
    delay: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", min=0, max=2, help="Delay of the masks, 0 to 2; else the settings'."),
    ] = None,
    every: Annotated[int, typer.Option(min=1, help="Judge every so many pictures of a clip.")] = 1,
    judges: Annotated[
        str | None, typer.Option(help="Judges of clips by name, separated by commas; else all there are.")
    ] = None,
    shrink: Annotated[
        str, typer.Option(help="Scales at which pictures are measured again; may be empty.")
    ] = "0.5,0.25",
    kind: Annotated[
        Literal["face", "plate"] | None,
        typer.Option(help="What folders hold whose names do not tell: face or plate."),
    ] = None,
    heads: Annotated[
        str | None, typer.Option(help="Beginnings of the names of pictures that have whole heads labelled.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--json", help="File for every figure.")] = None,
    report: Annotated[Path | None, typer.Option(help="HTML file with plots and the worst misses.")] = None,
    no_crops: Annotated[
        bool, typer.Option("--no-crops", help="Leave the pictures of the worst misses out of the report.")
    ] = False,
    write_docs: Annotated[
        Path | None, typer.Option(help="Markdown file whose figures are renewed between its markers.")
    ] = None,
    cache: Annotated[
        Path | None,
        typer.Option(help="Folder that keeps what judges saw, as numbers; else one in the user's cache."),
    ] = None,
    config: Config = None,
    camera: Name = None,
) -> None:
    """Measure how well labelled pictures and clips are masked: recall, leaks, masked area, cost."""
    how = chosen(config, camera)
    _check(out, report, write_docs)
    configure("warning")
    from models.analyst import Analyst
    from models.imported import imported
    from vcam.quality.evalset import read_set
    from vcam.quality.evaluation import Evaluator
    from vcam.quality.evaluation import evaluate as measure
    from vcam.quality.gallery import Gallery
    from vcam.quality.judge import chosen_judges
    from vcam.quality.verdicts import Cache, default_folder

    scales = (1.0, *_scales(shrink))
    found = read_set(folder, kind=kind, heads=_listed(heads), clips=_listed(clips), only=only)
    distinct(
        sorted({path.resolve() for path in found.files}), [one for one in (out, report) if one is not None]
    )
    bench = chosen_judges(_listed(judges))
    gallery = Gallery() if report is not None and not no_crops else None
    with _Bars() as bars:
        mask = how.mask.at_any_hour()
        if delay is not None:
            mask = mask.model_copy(update={"delay": delay})
        extra = imported(mask, how.site)
        device = how.site.device
        stills = Analyst(mask.kinds, preset=mask.preset, device=device, extra=extra, still=True)
        shown = Analyst(mask.kinds, preset=mask.preset, device=device, extra=extra, thorough=thorough)
        evaluator = Evaluator(mask, stills, shown, watcher=bars, gallery=gallery)
        result = measure(found, scales, bench, Cache(cache or default_folder()), evaluator, every=every)
    _print(result)
    _write(result, out, write_docs)
    if report is not None:
        _report(result, gallery, report)


def _check(out: Path | None, report: Path | None, page: Path | None) -> None:
    """Find out before the work whether its results can be written. Raises ConfigError."""
    from vcam.quality.docs import check_docs

    for path in (out, report, page):
        if path is not None and not path.parent.is_dir():
            raise ConfigError(
                f"There is no folder {path.parent} for {path.name}", mend="Create the folder first"
            )
        if path is not None and path.is_dir():
            raise ConfigError(f"{path} is a folder", mend="Name a file to be written")
    if page is not None:
        check_docs(page)


def _print(result: Evaluation) -> None:
    from vcam.quality.tables import tables

    for table in tables(result):
        typer.echo(f"\n{table.title}")
        show(table.columns, table.rows)
        if table.note:
            typer.echo(table.note)


def _write(result: Evaluation, out: Path | None, page: Path | None) -> None:
    from vcam.quality.docs import renew_docs
    from vcam.quality.record import record

    if out is not None:
        out.write_text(json.dumps(record(result)) + "\n", encoding="utf-8")
    if page is not None:
        renew_docs(page, result)


def _report(result: Evaluation, gallery: Gallery | None, path: Path) -> None:
    from vcam.quality.report import write_report

    write_report(path, result, gallery)
    if gallery is not None and gallery.misses:
        typer.echo(f"{path} shows people or plates unmasked: keep it as you keep originals.", err=True)


class _Bars:
    """Progress on standard error."""

    def __init__(self) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        self._progress = Progress(*columns, console=Console(stderr=True))
        self._task = self._progress.add_task("", total=None)

    def __enter__(self) -> _Bars:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def step(self, what: str, of: int | None = None) -> None:
        self._progress.reset(self._task, total=of, description=what)

    def part(self) -> None:
        self._progress.advance(self._task)


def _listed(words: str | None) -> tuple[str, ...]:
    return tuple(word.strip() for word in (words or "").split(",") if word.strip())


def _scales(words: str) -> list[float]:
    try:
        scales = [float(word) for word in _listed(words)]
    except ValueError:
        scales = [0.0]
    if not all(0 < scale < 1 for scale in scales):
        raise ConfigError(
            f"--shrink {words} is no list of scales", mend="Give shares below 1, as in --shrink 0.5,0.25"
        )
    return scales
