"""`garim models list`."""

from __future__ import annotations

import pytest

from models.manifest import shipped
from vcam.cli import main


def test_every_file_is_listed_with_its_licence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list"]) == 0
    text = capsys.readouterr().out
    for entry in shipped().file:
        assert entry.name in text
        assert entry.licence in text
    assert "stand-in" in text
