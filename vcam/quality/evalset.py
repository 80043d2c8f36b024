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
from vcam.track.box import Box

LABELS = "labels.json"
NOTES = "eval.json"
CLIPS = "clips"
VIDEOS = frozenset({".mp4", ".mkv", ".mov", ".avi", ".ts", ".webm", ".m4v", ".mpg", ".mpeg"})

Number = Annotated[float, Field(allow_inf_nan=False)]
Row = tuple[Number, Number, Number, Number] | tuple[Number, Number, Number, Number, Number]

Only = Literal["faces", "plates", "clips"]


_KINDS: dict[str, JudgedKind] = {"faces": "face", "face": "face", "plates": "plate", "plate": "plate"}


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

    box: Box
    whole: Box

    def size(self, kind: JudgedKind) -> float:
        """By what labels of `kind` are sorted: a face's height, a plate's width, as drawn, in pixels."""
        return self.whole[3] - self.whole[1] if kind == "face" else self.whole[2] - self.whole[0]

    def scaled(self, across: float, down: float) -> Label:
        """The label in a picture whose sides are so many times as long."""
        return Label(_scaled(self.box, across, down), _scaled(self.whole, across, down))


def _scaled(box: Box, across: float, down: float) -> Box:
    return (box[0] * across, box[1] * down, box[2] * across, box[3] * down)


@dataclass(frozen=True, slots=True)
class Labelled:
    """One picture and its labels; `area` is that of all labels in square pixels, those to be ignored included."""

    path: Path
    labels: tuple[Label, ...]
    area: float


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

    @property
    def files(self) -> tuple[Path, ...]:
        """Every picture, the labels beside it, and every clip."""
        shown = [one.path for part in self.pictures for one in part.pictures]
        return (*shown, *(path.with_name(LABELS) for path in shown), *self.clips)


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
    sets = []
    for sub in (folder, *sorted(one for one in folder.iterdir() if one.is_dir())):
        if only != "clips" and (sub / LABELS).is_file():
            told = notes.kinds.get(sub.name) or _KINDS.get(sub.name.lower()) or kind
            if only is None or told is None or only.startswith(told):
                sets.append(_pictures(sub, told, prefixes))
    videos = _videos(folder, clips) if only in {None, "clips"} else []
    if not sets and not videos:
        raise ConfigError(
            f"{folder} holds " + (f"no {only} to measure" if only else "nothing to measure"),
            mend=f"Put pictures with a {LABELS} into a folder faces or plates, or videos into a folder {CLIPS}",
        )
    return EvalSet(tuple(sets), tuple(videos))


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
    if kind is None:
        raise ConfigError(
            f"Nobody says what {path} labels",
            mend=f"Call the folder faces or plates, or tell by --kind or in {NOTES}",
        )
    labels = _Labels.model_validate(_read(path, _Labels)).root
    if not labels:
        raise ConfigError(f"{path} labels no picture", mend="Fill it or take it away")
    missing = [name for name in labels if not (folder / name).is_file()]
    if missing:
        raise ConfigError(
            f"{path} labels {len(missing)} pictures that are not there, the first {missing[0]}",
            mend="Copy the pictures there, or take their labels out",
        )
    found = tuple(_labelled(folder / name, rows, path, heads) for name, rows in labels.items())
    return PictureSet(folder.name, kind, found)


def _labelled(picture: Path, rows: Sequence[Row], path: Path, heads: Sequence[str]) -> Labelled:
    labels = []
    area = 0.0
    for row in rows:
        x1, y1, x2, y2 = whole = row[:4]
        if x1 > x2 or y1 > y2:
            raise ConfigError(
                f"{path} is wrong at {picture.name}: a box is turned inside out",
                mend="Write boxes as x1, y1, x2, y2 with x1 < x2 and y1 < y2",
            )
        area += (x2 - x1) * (y2 - y1)
        if not any(row[4:]) and x2 - x1 >= 1 and y2 - y1 >= 1:
            inside = any(picture.name.startswith(prefix) for prefix in heads)
            labels.append(Label(_face_in(whole) if inside else whole, whole))
    return Labelled(picture, tuple(labels), area)


def _face_in(head: Box) -> Box:
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
