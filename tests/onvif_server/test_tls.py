"""A device behind TLS, asked by zeep's own client."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests
import zeep
from zeep.wsse import username

from onvif_server.certificate import OwnPair, Secure
from onvif_server.schemas import schema_file
from onvif_server.wsdl import DEVICE, FILES
from vcam.base.clock import SystemClock

USER = "operator"
PASSWORD = "correct horse battery staple"


async def test_https_tells_of_itself_and_of_the_plain_port(running: Any, tmp_path: Path) -> None:
    pair = OwnPair(tmp_path, "front", ["127.0.0.1"], SystemClock())
    secure = await running.device.start_tls(0, Secure(pair).context)
    names = {"HTTP": running.port, "HTTPS": secure, "RTSP": 8554}
    Client: Any = zeep.Client  # noqa: N806
    Token: Any = username.UsernameToken  # noqa: N806
    Transport: Any = zeep.Transport  # noqa: N806
    # Over TLS first: it takes its time to say goodbye.
    for url, verify in ((f"https://127.0.0.1:{secure}", str(pair.certificate)), (running.url, True)):
        session = requests.Session()
        session.headers["Connection"] = "close"
        session.verify, session.trust_env = verify, False
        created = datetime.fromtimestamp(running.clock.utc() / 1e6, UTC)
        service = Client(
            str(schema_file(FILES[DEVICE])),
            wsse=Token(USER, PASSWORD, use_digest=True, created=created),
            transport=Transport(session=session),
        ).create_service(f"{{{DEVICE}}}DeviceBinding", url)
        told = await asyncio.to_thread(service.GetNetworkProtocols)
        assert {each.Name: each.Port[0] for each in told} == names
        capabilities = await asyncio.to_thread(service.GetServiceCapabilities)
        assert capabilities.Security["TLS1.2"] is True
        assert not capabilities.Security["TLS1.1"]
        xaddr = (await asyncio.to_thread(service.GetCapabilities)).Device.XAddr
        assert xaddr == f"{url}/onvif/device_service"
        session.close()
