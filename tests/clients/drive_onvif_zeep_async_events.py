"""Follows a device's events with onvif-zeep-async: by its pull point manager, then by its notification manager."""

from __future__ import annotations

import asyncio
import datetime
import json
import os
import sys
from typing import Any

from aiohttp import web
from onvif import ONVIFCamera

INTERVAL = datetime.timedelta(minutes=10)


def told(messages: Any) -> list[list[Any]]:
    """Topic, source, state and operation of messages, taken out as Home Assistant's parsers do."""
    found = []
    for message in messages:
        inner = message.Message._value_1
        source, data = inner.Source.SimpleItem[0], inner.Data.SimpleItem[0]
        found.append([message.Topic._value_1, source.Value, data.Value == "true", inner.PropertyOperation])
    return sorted(found)


async def pulled(camera: Any) -> dict[str, Any]:
    """What a pull point tells at first, and at a synchronization point after a renewal."""
    manager = await camera.create_pullpoint_manager(INTERVAL, lambda: None)
    service = manager.get_service()
    request = {"MessageLimit": 100, "Timeout": datetime.timedelta(seconds=10)}
    first = told((await service.PullMessages(request)).NotificationMessage)
    await manager._subscription.Renew(camera.get_next_termination_time(INTERVAL))
    await manager.set_synchronization_point()
    again = told((await service.PullMessages(request)).NotificationMessage)
    await manager.shutdown()
    return {"first": first, "again": again}


async def notified(camera: Any) -> dict[str, Any]:
    """What comes to a web hook at first, and at a synchronization point."""
    got: asyncio.Queue[bytes] = asyncio.Queue()

    async def hook(request: web.Request) -> web.Response:
        got.put_nowait(await request.read())
        return web.Response()

    application = web.Application()
    application.router.add_post("/hook", hook)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    manager = await camera.create_notification_manager(url, INTERVAL, lambda: None)
    first = told(manager.process(await got.get()).NotificationMessage)
    await manager.set_synchronization_point()
    again = told(manager.process(await got.get()).NotificationMessage)
    await manager.shutdown()
    await runner.cleanup()
    return {"first": first, "again": again}


async def follow(host: str, port: int, user: str, password: str) -> dict[str, Any]:
    camera: Any = ONVIFCamera(host, port, user, password, no_cache=True)
    try:
        await camera.update_xaddrs()
        events = await camera.create_events_service()
        properties = await events.GetEventProperties()
        return {
            "dialects": properties.TopicExpressionDialect,
            "pulled": await pulled(camera),
            "notified": await notified(camera),
        }
    finally:
        await camera.close()


def main() -> int:
    host, port, user = sys.argv[1:4]
    result = asyncio.run(follow(host, int(port), user, os.environ["ONVIF_PASSWORD"]))
    sys.stdout.write(json.dumps(result) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
