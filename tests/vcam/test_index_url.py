"""Where the index lies, and that its password is read where it is kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from vcam.app import index_url
from vcam.base.errors import ConfigError
from vcam.base.settings import Settings

URL = "postgresql+psycopg://garim@db.example/garim"


def settings(**recorder: object) -> Settings:
    camera = {"name": "gate", "source": {"url": "rtsp://192.0.2.7/"}}
    return Settings.model_validate({"recorder": {"recipients": ["age1x"], **recorder}, "camera": [camera]})


def test_by_default_it_is_a_file_in_the_state() -> None:
    assert index_url(settings()) == "sqlite:///state/index.sqlite"


def test_a_database_is_reached_with_the_password_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("p@ss/word\n", encoding="utf-8")
    assert index_url(settings(index=URL)) == URL
    found = index_url(settings(index=URL, index_password={"file": str(file)}))
    assert found == "postgresql+psycopg://garim:p%40ss%2Fword@db.example/garim"


def test_a_password_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"recorder\.index_password"):
        index_url(settings(index=URL, index_password={"file": str(tmp_path / "none")}))


@pytest.mark.parametrize(
    ("url", "why"),
    [("postgresql://garim:x@db.example/garim", "index_password"), ("mysql://db.example/x", "start with")],
)
def test_what_cannot_be_is_refused(url: str, why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        settings(index=url)
