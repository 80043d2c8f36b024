"""The figures' place in a page of the documentation: between two markers, renewed as a whole."""

from __future__ import annotations

from pathlib import Path

from vcam.base.errors import ConfigError
from vcam.quality.evaluation import Evaluation
from vcam.quality.tables import Table, tables

BEGIN = "<!-- figures: begin -->"
END = "<!-- figures: end -->"


def check_docs(path: Path) -> None:
    """Raises ConfigError unless the page `path` has a place for figures."""
    _split(path)


def renew_docs(path: Path, evaluation: Evaluation) -> None:
    """Put the figures between the markers of the page `path`. Raises ConfigError when it has none."""
    head, tail = _split(path)
    found = "\n".join(map(markdown, tables(evaluation)))
    path.write_text(f"{head}{BEGIN}\n\n{found}\n{END}{tail}", encoding="utf-8")


def markdown(table: Table) -> str:
    """`table` under a heading of the third level."""
    lines = [f"### {table.title}", ""]
    if table.note:
        lines += [table.note, ""]
    lines.append(f"| {' | '.join(table.columns)} |")
    lines.append("|" + "---|" * len(table.columns))
    lines += [f"| {' | '.join(row)} |" for row in table.rows]
    return "\n".join(lines) + "\n"


def _split(path: Path) -> tuple[str, str]:
    """What stands before and after the place for figures."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read ({type(error).__name__})", mend="Check the file") from None
    head, begun, rest = text.partition(BEGIN)
    _, ended, tail = rest.partition(END)
    if not begun or not ended:
        raise ConfigError(f"{path} has no place for figures", mend=f"Put the lines {BEGIN} and {END} into it")
    return head, tail
