"""`docs/commands.md` and the commands are held together."""

from __future__ import annotations

from pathlib import Path

from vcam.cli.reference import reference

ROOT = Path(__file__).parents[3]


def test_docs_commands_is_what_the_commands_say() -> None:
    kept = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert kept == reference(), "run 'python -m vcam.cli.reference > docs/commands.md'"


def test_every_command_and_option_has_a_meaning() -> None:
    text = reference()
    for command in (
        "run",
        "demo",
        "mask IN OUT",
        "detect PATH...",
        "check",
        "purge",
        "config check FILE",
        "keys new",
    ):
        assert f"\n## `garim {command}`\n\n" in text
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert rows
    assert all(line.split("|")[2].strip() not in {"", "None"} for line in rows)
