"""Keys and indexes that the recorder's tests share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from recorder.index import Index
from recorder.signing import RECORDER, SigningKey
from recorder.vault.keys import Identity


@pytest.fixture(scope="session")
def identity() -> Identity:
    return Identity.generate()


@pytest.fixture
def make_index(tmp_path: Path) -> Iterator[Callable[..., Index]]:
    """Opens indexes and closes them in the end."""
    opened: list[Index] = []

    def make(name: str = "index.db", retention_days: float = 30.0) -> Index:
        signer = SigningKey.open(tmp_path / "keys", RECORDER)
        url = f"sqlite:///{tmp_path / name}"
        opened.append(Index.open(url, retention_days=retention_days, signer=signer))
        return opened[-1]

    yield make
    for index in opened:
        index.close()


@pytest.fixture
def index(make_index: Callable[..., Index]) -> Index:
    return make_index()
