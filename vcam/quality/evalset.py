"""A folder of labelled pictures and clips, as `garim eval` reads it.

    DIR/eval.json             optional: what cannot be told from names
    DIR/FOLDER/labels.json    {file: [[x1, y1, x2, y2, ignore?], ...]} in pixels, beside the pictures
    DIR/clips/                videos, without labels

A folder's kind is taken from its name (faces, plates) or from eval.json. DIR may itself be one of those folders.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel, ValidationError

from vcam.base.errors import ConfigError
from vcam.quality.judge import JudgedKind

LABELS = "labels.json"
NOTES = "eval.json"
CLIPS = "clips"
VIDEOS = frozenset({".mp4", ".mkv", ".mov", ".avi", ".ts", ".webm", ".m4v", ".mpg", ".mpeg"})

Number = Annotated[float, Field(allow_inf_nan=False)]
Row = tuple[Number, Number, Number, Number] | tuple[Number, Number, Number, Number, Literal[0, 1]]

Only = Literal["faces", "plates", "clips"]


class Notes(BaseModel):
    """`eval.json`: what cannot be told from names."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kinds: dict[str, JudgedKind] = {}
    """Kind of a folder by its name."""
    heads: list[str] = []
    """Beginnings of the names of pictures whose labels are whole heads: there the face in them is judged."""


class _Labels(RootModel[dict[str, list[Row]]]):
    """labels.json."""


@dataclass(frozen=True, slots=True)
class Label:
    """One labelled object. `box` is what must be covered, in pixels; `whole` is the label as it was drawn."""

    box: tuple[float, float, float, float]
    whole: tuple[float, float, float, float]

    @property
    def area(self) -> float:
        """Of the label as drawn, in square pixels."""
        return (self.whole[2] - self.whole[0]) * (self.whole[3] - self.whole[1])

    def size(self, kind: JudgedKind) -> float:
        """By what labels of `kind` are sorted: a face's height, a plate's width, as drawn, in pixels."""
        return self.whole[3] - self.whole[1] if kind == "face" else self.whole[2] - self.whole[0]


@dataclass(frozen=True, slots=True)
class Labelled:
    """One picture and its labels; `ignored` is the area in square pixels of those that are not judged."""

    path: Path
    labels: tuple[Label, ...]
    ignored: float = 0.0


@dataclass(frozen=True, slots=True)
class PictureSet:
    """Pictures with labels of one kind."""

    name: str
    kind: JudgedKind
    pictures: tuple[Labelled, ...]


@dataclass(frozen=True, slots=True)
class EvalSet:
    """What a folder holds."""

    pictures: tuple[PictureSet, ...]
    clips: tuple[Path, ...]


def read_set(
    folder: Path,
    *,
    kind: JudgedKind | None = None,
    heads: Sequence[str] = (),
    clips: Sequence[str] = (),
    only: Only | None = None,
) -> EvalSet:
    """What `folder` holds.

    `kind` is that of every folder whose name does not tell, `heads` adds to that of eval.json, `clips` leaves those
    whose names begin so, `only` one part. Raises ConfigError, naming the file and the mend, when labels are broken,
    pictures are missing or nothing is left.
    """
    if not folder.is_dir():
        raise ConfigError(f"There is no folder {folder}", mend="Name a folder of labelled pictures or clips")
    notes = Notes.model_validate(_read(folder / NOTES, Notes)) if (folder / NOTES).is_file() else Notes()
    prefixes = (*notes.heads, *heads)
    labelled = [sub for sub in _folders(folder) if (sub / LABELS).is_file()]
    sets = [_pictures(sub, notes.kinds.get(sub.name) or kind, prefixes) for sub in labelled]
    wanted = {"faces": "face", "plates": "plate", "clips": None}
    if only is not None:
        sets = [one for one in sets if one.kind == wanted[only]]
    videos = _videos(folder, clips) if only in {None, "clips"} else []
    if not sets and not videos:
        raise ConfigError(
            f"{folder} holds nothing to measure" + (f" under {only}" if only else ""),
            mend=f"Put pictures with a {LABELS} into a folder faces or plates, or videos into a folder {CLIPS}",
        )
    return EvalSet(tuple(sets), tuple(videos))


def _folders(folder: Path) -> list[Path]:
    return [folder, *sorted(sub for sub in folder.iterdir() if sub.is_dir())]


def _read(path: Path, model: type[BaseModel]) -> Any:
    """The JSON in `path`, checked by `model`."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        model.model_validate(data)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read ({type(error).__name__})", mend="Check the file") from None
    except json.JSONDecodeError as error:
        raise ConfigError(
            f"{path} is no JSON: line {error.lineno}, {error.msg}", mend="Write it again from its source"
        ) from None
    except ValidationError as error:
        first = error.errors()[0]
        where = " > ".join(str(part) for part in first["loc"][:2])
        raise ConfigError(
            f"{path} is wrong at {where or 'its top'}: {first['msg']}",
            mend="A label file is {file: [[x1, y1, x2, y2, ignore?], ...]}; see docs/quality.md",
        ) from None
    return data


def _pictures(folder: Path, kind: JudgedKind | None, heads: Sequence[str]) -> PictureSet:
    path = folder / LABELS
    labels = _Labels.model_validate(_read(path, _Labels)).root
    told = _kind_of(folder.name) or kind
    if told is None:
        raise ConfigError(
            f"The kind of {path} is not known",
            mend=f"Call the folder faces or plates, or say it by --kind or {NOTES}",
        )
    if not labels:
        raise ConfigError(f"{path} labels no picture", mend="Fill it or take it away")
    missing = [name for name in labels if not (folder / name).is_file()]
    if missing:
        raise ConfigError(
            f"{path} labels {len(missing)} pictures that are not there, the first {missing[0]}",
            mend="Copy the pictures there, or take their labels out",
        )
    found = tuple(_labelled(folder / name, rows, path, heads) for name, rows in labels.items())
    return PictureSet(folder.name, told, found)


def _kind_of(name: str) -> JudgedKind | None:
    kinds: dict[str, JudgedKind] = {"face": "face", "plate": "plate"}
    return kinds.get(name.lower().rstrip("s"))


def _labelled(picture: Path, rows: Sequence[Row], path: Path, heads: Sequence[str]) -> Labelled:
    labels = []
    ignored = 0.0
    for row in rows:
        x1, y1, x2, y2 = row[:4]
        if x1 > x2 or y1 > y2:
            raise ConfigError(
                f"{path} is wrong at {picture.name}: a box is turned inside out",
                mend="Write boxes as x1, y1, x2, y2 with x1 < x2 and y1 < y2",
            )
        whole = (x1, y1, x2, y2)
        if row[4:] == (1,) or x2 - x1 < 1 or y2 - y1 < 1:
            ignored += (x2 - x1) * (y2 - y1)
            continue
        inside = any(picture.name.startswith(prefix) for prefix in heads)
        labels.append(Label(_face_in(whole) if inside else whole, whole))
    return Labelled(picture, tuple(labels), ignored)


def _face_in(head: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """The face in the box of a whole head: the middle 60 % of its width, from 25 % to 95 % of its height."""
    x1, y1, x2, y2 = head
    width, height = x2 - x1, y2 - y1
    return (x1 + 0.2 * width, y1 + 0.25 * height, x2 - 0.2 * width, y1 + 0.95 * height)


def _videos(folder: Path, wanted: Sequence[str]) -> list[Path]:
    home = folder if folder.name == CLIPS else folder / CLIPS
    found = sorted(f for f in home.iterdir() if f.suffix.lower() in VIDEOS) if home.is_dir() else []
    unknown = [name for name in wanted if not any(clip.name.startswith(name) for clip in found)]
    if unknown:
        raise ConfigError(
            f"{home} holds no clip that begins with {', '.join(unknown)}",
            mend="Name clips as their files are called",
        )
    return [clip for clip in found if not wanted or any(clip.name.startswith(name) for name in wanted)]
