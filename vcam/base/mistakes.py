"""What is wrong with settings, in words: pydantic's findings and the conflicts, each with its mend."""

from __future__ import annotations

import copy
import datetime
import difflib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from vcam.base.conflicts import conflicts
from vcam.base.errors import Mistake
from vcam.base.redaction import HIDDEN, is_secret_name, redact, redact_value
from vcam.base.schema import Setting, section_at, setting_at, settings, written
from vcam.base.settings import Secret, Settings
from vcam.base.toml_lines import Path, dotted, nearest

_LONGEST = 60
"""Characters of a value that a message shows."""

_TYPES = {
    "string_type": "must be text in quotes",
    "path_type": "must be a path in quotes",
    "int_type": "must be a whole number without quotes",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number without quotes",
    "bool_type": "must be true or false, without quotes",
    "list_type": "must be a list in [ ]",
    "tuple_type": "must be a list in [ ]",
    "model_type": "must be a table",
    "dict_type": "must be a table",
    "finite_number": "must be a finite number",
}

_WORDS = {
    "Input should": "must",
    "String should": "must",
    "List should": "must",
    "greater than or equal to": "at least",
    "less than or equal to": "at most",
    "greater than": "more than",
}

_URL_CREDENTIALS = re.compile(r"(?P<scheme>(?:[a-zA-Z0-9+.-]+:/{1,2})?).*@", re.DOTALL)


def find_mistakes(data: Mapping[str, Any], found: Mapping[Path, int]) -> list[Mistake]:
    """Every mistake in `data`, as read from a TOML file whose paths stand in the lines `found`, in their order."""
    dates = dict(_dates(data, ()))
    mistakes = [
        Mistake(nearest(found, path), dotted(path), date, "must not be a date", "Put text in quotes")
        for path, date in dates.items()
    ]
    mistakes += [_mistake(error, found) for error in _errors(data) if error["loc"] not in dates]
    mistakes += [
        Mistake(nearest(found, c.path), dotted(c.path), _shown(c.path, _at(data, c.path)), c.what, c.mend)
        for c in conflicts(data)
    ]
    return sorted(mistakes, key=lambda mistake: (mistake.line, mistake.key))


def _dates(value: object, at: Path) -> Iterator[tuple[Path, str]]:
    """TOML has dates and times; no setting is one."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _dates(item, (*at, key))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _dates(item, (*at, position))
    elif isinstance(value, datetime.date | datetime.time):
        yield at, str(value)


def _errors(data: Mapping[str, Any]) -> Iterator[ErrorDetails]:
    """Every finding of the model.

    A rule over a whole table is only checked once its keys are right. So what was found wrong is taken out and the
    rest looked at again, until nothing new comes up.
    """
    rest = copy.deepcopy(dict(data))
    told: set[Path] = set()
    removed: list[Path] = []
    while True:
        try:
            Settings.model_validate_json(json.dumps(rest, default=str), strict=True)
            return
        except ValidationError as error:
            new = [e for e in error.errors(include_url=False) if e["loc"] and e["loc"] not in told]
        # a default that hangs on a wrong key is not a mistake of its own
        new = [e for e in new if e["type"] != "default_factory_not_called"]
        new = [e for e in new if not any(e["loc"][: len(path)] == path for path in removed)]
        if not new:
            return
        for finding in new:
            yield finding
            told.add(finding["loc"])
        for finding in new:
            removed += _remove(rest, finding)


def _remove(data: dict[str, Any], finding: ErrorDetails) -> list[Path]:
    """Take the key that `finding` is about out of `data`: of an element of a list, the key of the list.

    A table of a list stays, for the others of the list would change their places.
    """
    path: Path = finding["loc"]
    if finding["type"] in {"missing", "value_error"} and isinstance(finding["input"], dict):
        return []
    while path and isinstance(path[-1], int) and section_at(path) is None:
        path = path[:-1]
    table = _at(data, path[:-1])
    if not path or not isinstance(table, dict):
        return []
    table.pop(path[-1], None)
    return [path]


def _at(data: Any, path: Path) -> Any:
    for part in path:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _mistake(error: ErrorDetails, found: Mapping[Path, int]) -> Mistake:
    path: Path = error["loc"]
    if error["type"] == "extra_forbidden":
        what, mend, plain = _unknown(path)
        value = _shown(path, error["input"]) if plain else HIDDEN
        return Mistake(nearest(found, path), dotted(path), value, what, mend)
    if error["type"] == "missing":
        return Mistake(
            nearest(found, path), dotted(path), "", "is missing", _expected(setting_at(path), "Add it")
        )
    what, mend = _explained(error, setting_at(path))
    return Mistake(nearest(found, path), dotted(path), _shown(path, error["input"]), redact(what), mend)


def _unknown(path: Path) -> tuple[str, str, bool]:
    """What to say of an unknown key, the mend, and whether its value may be shown."""
    section = section_at(path[:-1])
    names = list(section.model_fields) if section else []
    key = str(path[-1])
    if near := difflib.get_close_matches(key.lower().replace("-", "_"), names, 1, 0.6):
        return "is no setting", f"Did you mean {near[0]!r}?", not is_secret_name(near[0])
    homes = [s for s in settings() if s.path[-1] == key and not s.section]
    if homes:
        where = " or ".join(f"'{home.name}'" for home in homes)
        return "is no setting here", f"Did you mean {where}?", not is_secret_name(key)
    if section is Secret:
        return "is no setting", 'Write { file = "PATH" } or { env = "NAME" }', False
    return "is no setting", f"Remove it, or use one of: {', '.join(names)}", False


def _explained(error: ErrorDetails, setting: Setting | None) -> tuple[str, str]:
    """What is wrong with a value of a known key, and the mend."""
    kind = error["type"]
    context = error.get("ctx", {})
    if kind == "value_error":
        what, _, mend = str(context["error"]).partition("; ")
        return what, mend[:1].upper() + mend[1:] if mend else _expected(setting, "Change it")
    if kind == "literal_error":
        expected = context["expected"].replace(" or ", ", ")
        near = difflib.get_close_matches(str(error["input"]), re.findall(r"'([^']+)'", expected), 1)
        mend = f'Did you mean "{near[0]}"?' if near else "Write one of these"
        return f"must be one of {expected.replace(chr(39), chr(34))}", mend
    if kind == "model_type" and setting is not None and setting.section is None:
        return "must be a table", f"Write {setting.takes}"
    if kind in _TYPES:
        return _TYPES[kind], _expected(setting, "Change it")
    what = error["msg"]
    for pydantic, ours in _WORDS.items():
        what = what.replace(pydantic, ours)
    return what[:1].lower() + what[1:], _expected(setting, "Change it")


def _expected(setting: Setting | None, otherwise: str) -> str:
    """A mend out of the setting's own description."""
    if setting is None:
        return otherwise
    takes = "" if setting.section else f" Expected: {setting.takes}."
    return f"{otherwise}. {setting.doc}{takes}".removesuffix(".")


def _shown(path: Path, value: object) -> str:
    """`value` for a message: nothing for tables, hidden where it may be a secret, shortened."""
    if value is None or isinstance(value, dict):
        return ""
    if any(isinstance(part, str) and is_secret_name(part) for part in path):
        return HIDDEN
    if isinstance(value, str) and "@" in value:
        value = _URL_CREDENTIALS.sub(rf"\g<scheme>{HIDDEN}@", value)
    text = " ".join(written(redact_value(value)).split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
