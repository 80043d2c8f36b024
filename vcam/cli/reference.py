"""`python -m vcam.cli.reference` prints every command and option as Markdown: `docs/commands.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import typer

from vcam.cli import app

_HEAD = """\
# Commands

`garim --help` and `garim COMMAND --help` say the same at the command line. The exit status is 0 when done, 1 when
something failed, 2 for wrong settings or usage, 130 after Ctrl-C. No secret is ever given on the command line.
"""


def reference() -> str:
    """Every command with its arguments and options."""
    return _HEAD + "".join(_command(typer.main.get_command(app), ()))


def _command(command: Any, path: tuple[str, ...]) -> Iterator[str]:
    if hasattr(command, "commands"):
        for name, inner in command.commands.items():
            yield from _command(inner, (*path, name))
        return
    parameters = [p for p in command.params if not getattr(p, "hidden", False)]
    arguments = [_metavar(p) for p in parameters if p.param_type_name == "argument"]
    yield f"\n## `{' '.join(['garim', *path, *arguments])}`\n\n{' '.join((command.help or '').split())}\n"
    rows = [_row(p) for p in parameters if p.name != "help"]
    if rows:
        yield "\n| | Meaning | Default |\n|---|---|---|\n" + "".join(rows)


def _metavar(parameter: Any) -> str:
    return str(parameter.metavar or parameter.name.upper())


def _row(parameter: Any) -> str:
    option = parameter.param_type_name == "option"
    name = ", ".join(parameter.opts) if option else _metavar(parameter)
    default = "" if parameter.required or parameter.default in {None, False} else f"`{parameter.default}`"
    if parameter.required:
        default = "required"
    variable = f" Also by the environment variable {parameter.envvar}." if parameter.envvar else ""
    return f"| `{name}` | {parameter.help}{variable} | {default} |\n"


if __name__ == "__main__":
    sys.stdout.write(reference())
