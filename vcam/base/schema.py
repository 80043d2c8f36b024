"""The settings' own description, read off the model: what each key is called, takes, and means."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import annotated_types
from pydantic.fields import FieldInfo

from vcam.base.settings import Secret, Settings
from vcam.base.settings_section import Section

_PLAIN = {str: "text", bool: "true or false", int: "whole number", float: "number", Path: "path"}


@dataclass(frozen=True, slots=True)
class Setting:
    """One key. `path` is from the top; `section` is the model of a table or of each table of a list."""

    path: tuple[str, ...]
    doc: str
    takes: str
    required: bool
    default: Any
    section: type[Section] | None
    many: bool

    @property
    def name(self) -> str:
        """Dotted, without positions: `camera.source.url`."""
        return ".".join(self.path)


def _bare(annotation: Any) -> tuple[Any, list[Any]]:
    """The annotation without None and Annotated, and the metadata that Annotated carried."""
    metadata: list[Any] = []
    while True:
        if typing.get_origin(annotation) is typing.Annotated:
            annotation, *more = typing.get_args(annotation)
            metadata += more
        elif typing.get_origin(annotation) in {typing.Union, types.UnionType}:
            annotation = next(a for a in typing.get_args(annotation) if a is not type(None))
        else:
            return annotation, metadata


def _section(annotation: Any) -> tuple[type[Section] | None, bool]:
    """The section that a field holds, and whether it holds a list of them."""
    bare, _ = _bare(annotation)
    if typing.get_origin(bare) is list:
        inner, _ = _section(typing.get_args(bare)[0])
        return inner, inner is not None
    return (bare if isinstance(bare, type) and issubclass(bare, Section) else None), False


def _limits(metadata: list[Any]) -> str:
    """The bounds in words, such as " from 1 to 65535"."""
    words = []
    for rule in metadata:
        if isinstance(rule, FieldInfo):
            words.append(_limits(rule.metadata))
        elif isinstance(rule, annotated_types.Ge):
            words.append(f" from {written(rule.ge)}")
        elif isinstance(rule, annotated_types.Gt):
            words.append(f" above {written(rule.gt)}")
        elif isinstance(rule, annotated_types.Le):
            words.append(f" to {written(rule.le)}")
        elif isinstance(rule, annotated_types.MinLen):
            words.append(f", at least {rule.min_length}")
        elif isinstance(rule, annotated_types.MaxLen):
            words.append(f", at most {rule.max_length}")
    return "".join(words)


def _takes(annotation: Any, metadata: list[Any]) -> str:
    bare, more = _bare(annotation)
    origin = typing.get_origin(bare)
    if origin is Literal:
        return "one of " + ", ".join(written(option) for option in typing.get_args(bare))
    if origin is list:
        return "list of " + _takes(typing.get_args(bare)[0], []) + _limits(metadata)
    if origin is tuple:
        return "[" + ", ".join(_takes(part, []) for part in typing.get_args(bare)) + "]"
    if bare is Secret:
        return '{ file = "PATH" } or { env = "NAME" }'
    return _PLAIN.get(bare, "table") + _limits([*metadata, *more])


def written(value: object) -> str:
    """`value` as TOML writes it on one line. Paths are text; sections are inline tables."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return f"{value:_}" if abs(value) >= 100_000 else str(value)
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(written(item) for item in value) + "]"
    if isinstance(value, Section):
        pairs = [(name, item) for name, item in value if item is not None]
        return "{ " + ", ".join(f"{name} = {written(item)}" for name, item in pairs) + " }"
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def settings(model: type[Section] = Settings, above: tuple[str, ...] = ()) -> Iterator[Setting]:
    """Every key of `model`: plain keys first, as TOML needs it, then each table followed by what it holds.

    A secret's two forms are one key.
    """
    fields = [(name, field, *_section(field.annotation)) for name, field in model.model_fields.items()]
    for name, field, section, many in sorted(fields, key=lambda f: f[2] not in {None, Secret}):
        inner = None if section is Secret else section
        doc = field.description or (inner.__doc__ if inner else None) or ""
        path = (*above, name)
        yield Setting(
            path=path,
            doc=doc,
            takes=_takes(field.annotation, field.metadata),
            required=field.is_required(),
            default=None
            if field.is_required()
            else field.get_default(call_default_factory=True, validated_data={}),
            section=inner,
            many=many,
        )
        if inner is not None:
            yield from settings(inner, path)


def section_at(path: tuple[str | int, ...]) -> type[Section] | None:
    """The section that stands at `path`, or None where no section can stand."""
    section: type[Section] = Settings
    for part in path:
        if isinstance(part, int):
            continue
        field = section.model_fields.get(part)
        inner = _section(field.annotation)[0] if field else None
        if inner is None:
            return None
        section = inner
    return section


def setting_at(path: tuple[str | int, ...]) -> Setting | None:
    """The setting whose value, or a part of whose value, stands at `path`."""
    names = tuple(part for part in path if isinstance(part, str))
    return next((setting for setting in settings() if setting.path == names), None)
