"""The Device service, asked by zeep's strict client."""

from __future__ import annotations

from typing import Any

import pytest
from zeep.exceptions import Fault

from onvif_server.wsdl import DEVICE


@pytest.fixture
def device(client: Any) -> Any:
    return client(DEVICE)


@pytest.fixture
def refused(device: Any) -> Any:
    """Calls an operation and gives the subcodes of its fault, joined by strokes; fails when it succeeds."""

    async def call(operation: str, **arguments: object) -> str:
        with pytest.raises(Fault) as caught:
            await device(operation, **arguments)
        assert caught.value.message
        return "/".join(each.localname for each in caught.value.subcodes)

    return call
