"""The example file and the model are held together, and the example loads."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from vcam.base.schema import settings
from vcam.base.settings import Settings
from vcam.base.settings_example import example, reference
from vcam.base.settings_file import load

ROOT = Path(__file__).parents[3]
RECIPIENT = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"


def uncommented(text: str) -> str:
    return re.sub(r"^#(?=\S)", "", text, flags=re.MULTILINE)


@pytest.mark.parametrize("recipient", [None, RECIPIENT])
def test_the_example_loads_without_mistakes(tmp_path: Path, recipient: str | None) -> None:
    path = tmp_path / "garim.toml"
    path.write_text(example(recipient), encoding="utf-8")
    found = load(path)
    assert found.recorder.keep_original is (recipient is not None)
    assert [camera.name for camera in found.camera] == ["entrance"]


def test_every_line_may_be_uncommented(tmp_path: Path) -> None:
    path = tmp_path / "garim.toml"
    path.write_text(uncommented(example()), encoding="utf-8")
    assert len(load(path).camera[0].mask.always) == 1


def test_every_key_is_there_under_its_section() -> None:
    data = tomllib.loads(uncommented(example()))
    for setting in settings():
        place = data
        for part in setting.path:
            place = place[0] if isinstance(place, list) else place
            assert part in place, f"{setting.name} is missing from the example"
            place = place[part]


def test_commented_values_are_the_defaults() -> None:
    data = tomllib.loads(uncommented(example(RECIPIENT)))
    for setting in settings():
        if setting.section is None and not setting.required and setting.default is not None:
            place = data
            for part in setting.path:
                place = (place[0] if isinstance(place, list) else place)[part]
            default = setting.default
            shown = str(default) if isinstance(default, Path) else default
            assert place == shown or setting.name in {"recorder.recipients", "onvif.password"}, setting.name


def test_no_line_is_too_long() -> None:
    assert max(map(len, example().splitlines())) <= 118


def test_config_example_toml_is_what_the_model_says() -> None:
    kept = (ROOT / "config.example.toml").read_text(encoding="utf-8")
    assert kept == example(), "run 'garim config example > config.example.toml'"


def test_docs_settings_is_what_the_model_says() -> None:
    kept = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert kept.endswith(reference()), "run 'garim config reference' and put it at the end of docs/settings.md"


def test_every_setting_stands_in_the_reference() -> None:
    text = reference()
    for setting in settings():
        if setting.section is None:
            assert f"| `{setting.path[-1]}` |" in text
        else:
            assert f"{setting.name}]" in text
    assert set(Settings.model_fields) == {s.name for s in settings() if len(s.path) == 1}
