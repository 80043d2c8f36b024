"""The locator against `tomllib` (which paths there are) and against a writer that knows its lines."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcam.base.toml_lines import Path, dotted, lines, nearest

KEY = st.text("abcdefgh_-. \"'#[]=é\n", min_size=1, max_size=6)
TEXT = st.text("ab \"'\\#[]{}=,.\n\té", max_size=12)
SCALAR = st.one_of(
    st.booleans(),
    st.integers(-(10**9), 10**9),
    st.floats(allow_nan=False),
    TEXT,
    st.just("'''"),
    st.just('"""'),
)
VALUE = st.recursive(
    SCALAR,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEY, inner, max_size=3)),
    max_leaves=6,
)
TABLE = st.dictionaries(KEY, VALUE, max_size=3)
DOCUMENT = st.dictionaries(
    KEY,
    st.one_of(VALUE, TABLE, st.lists(st.dictionaries(KEY, st.one_of(VALUE, TABLE), max_size=3), min_size=1)),
    max_size=4,
)


def paths(value: object, at: Path = ()) -> Iterator[Path]:
    if at:
        yield at
    if isinstance(value, dict):
        for key, item in value.items():
            yield from paths(item, (*at, key))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from paths(item, (*at, position))


class Writer:
    """Writes TOML in ways that hypothesis chooses, and notes the line of each key and element."""

    def __init__(self, draw: st.DataObject) -> None:
        self.draw = draw
        self.text = ""
        self.lines: dict[Path, int] = {}

    def choose(self, *options: str) -> str:
        return self.draw.draw(st.sampled_from(options))

    def note(self, path: Path) -> None:
        self.lines.setdefault(path, self.text.count("\n") + 1)

    def key(self, key: str) -> str:
        return (
            json.dumps(key) if not key.replace("_", "").replace("-", "").isalnum() or not key.isascii() else key
        )

    def string(self, value: str) -> str:
        forms = [json.dumps(value, ensure_ascii=False)]
        if "'" not in value and "\n" not in value:
            forms.append(f"'{value}'")
        if "'''" not in value and not value.endswith("'"):
            forms.append(f"'''\n{value}'''")
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        forms.append(f'"""\n{escaped}\\\n   """')
        if not value.startswith("\n"):  # a newline right after the quotes is not part of the text
            forms.append(f'"""{escaped}"""')
        return self.choose(*forms)

    def value(self, value: object, at: Path) -> None:
        if isinstance(value, bool):
            self.text += str(value).lower()
        elif isinstance(value, str):
            self.text += self.string(value)
        elif isinstance(value, list):
            self.text += "["
            for position, item in enumerate(value):
                self.text += self.choose("", " ", "\n", "\n # a comment ] \" '\n\t")
                self.note((*at, position))
                self.value(item, (*at, position))
                self.text += self.choose(",", " ,", "\n,", ", # ]\n")
            self.text += "]"
        elif isinstance(value, dict):
            self.text += "{"
            for number, (key, item) in enumerate(value.items()):
                self.text += ", " if number else " "
                self.pair(key, item, at)
            self.text += self.choose("}", " }")
        else:
            self.text += repr(value)

    def pair(self, key: str, value: object, at: Path) -> None:
        self.note((*at, key))
        self.text += self.key(key)
        while isinstance(value, dict) and len(value) == 1 and self.choose("inline", "dotted") == "dotted":
            at = (*at, key)
            key, value = next(iter(value.items()))
            self.note((*at, key))
            self.text += self.choose(".", " . ") + self.key(key)
        self.text += self.choose(" = ", "=")
        self.value(value, (*at, key))

    def table(self, value: dict[str, object], at: Path, header: str) -> None:
        """Plain pairs first, then what gets a header of its own."""
        later = []
        for key, item in value.items():
            tables = isinstance(item, dict) or (
                isinstance(item, list) and item and all(isinstance(element, dict) for element in item)
            )
            if tables and self.choose("inline", "header") == "header":
                later.append((key, item))
            else:
                self.text += self.choose("", "\n", "  # = [comment]\n", "\t")
                self.pair(key, item, at)
                self.text += self.choose("\n", " # comment\n", "\r\n")
        for key, item in later:
            name = f"{header}.{self.key(key)}" if header else self.key(key)
            for position, element in enumerate(item if isinstance(item, list) else [item]):
                path = (*at, key)
                self.note(path)
                if isinstance(item, list):
                    path = (*path, position)
                    self.note(path)
                self.text += f"[[ {name} ]]\n" if isinstance(item, list) else f"[{name}]  # here\n"
                self.table(element, path, name)


@given(DOCUMENT, st.data())
def test_every_path_is_found_in_the_line_where_it_was_written(
    document: dict[str, object], data: st.DataObject
) -> None:
    writer = Writer(data)
    writer.table(document, (), "")
    read = tomllib.loads(writer.text)
    assert read == document
    found = lines(writer.text)
    assert set(found) == set(paths(read))
    assert found == writer.lines


TEXTS = """\
# a site
title = "a # b"   # not = a key
[site]
name = '''
[not.a.table]
key = "value"
'''
[[camera]]
name = "a"
source.url = "rtsp://a"
  [camera.mask]
  always = [
    # zone = 1
    { name = "x", points = [[0, 0],
       [1, 0]] },
  ]
[[camera]]
"name" = "b"
[camera.source]
url = "rtsp://b"
when = 1979-05-27 07:32:00Z
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 2),
        (("site",), 3),
        (("site", "name"), 4),
        (("camera",), 8),
        (("camera", 0), 8),
        (("camera", 0, "source"), 10),
        (("camera", 0, "source", "url"), 10),
        (("camera", 0, "mask", "always", 0), 14),
        (("camera", 0, "mask", "always", 0, "points", 1, 1), 15),
        (("camera", 1, "name"), 18),
        (("camera", 1, "source", "when"), 21),
    ],
)
def test_lines_of_a_typical_file(path: Path, line: int) -> None:
    assert lines(TEXTS)[path] == line


def test_what_is_absent_is_told_by_the_table_around_it() -> None:
    found = lines(TEXTS)
    assert nearest(found, ("camera", 1, "source", "user")) == 19
    assert nearest(found, ("camera", 0, "mask", "style")) == 11
    assert nearest(found, ("recorder",)) == 0


def test_dotted() -> None:
    assert dotted(("camera", 1, "source", "url")) == "camera[1].source.url"
    assert dotted(("a b", 0, 1, "c")) == "'a b'[0][1].c"
