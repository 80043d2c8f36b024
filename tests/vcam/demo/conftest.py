"""The scene, drawn once."""

from __future__ import annotations

import pytest

from models.manifest import weights
from vcam.base.errors import WeightsError
from vcam.demo.scene import Scene


@pytest.fixture(scope="session")
def scene() -> Scene:
    try:
        return Scene(weights("astronaut"))
    except WeightsError as error:
        pytest.skip(f"the portrait is absent: {error}")
