"""Users made over ONVIF can log in by every way, and do what their level allows."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import requests
from requests.auth import HTTPDigestAuth

from onvif_server.wsdl import DEVICE

GUEST = {"Username": "guest", "Password": "a long password", "UserLevel": "User"}
SOAP = "http://www.w3.org/2003/05/soap-envelope"


async def _by_digest(running: Any, operation: str, user: str, password: str) -> requests.Response:
    body = f'<e:Envelope xmlns:e="{SOAP}"><e:Body><{operation} xmlns="{DEVICE}"/></e:Body></e:Envelope>'
    headers = {"Content-Type": "application/soap+xml"}
    auth = HTTPDigestAuth(user, password)
    return await asyncio.to_thread(requests.post, f"{running.url}/x", data=body, headers=headers, auth=auth)


async def test_a_new_user_can_log_in_and_do_what_the_level_allows(device: Any, running: Any) -> None:
    assert (await _by_digest(running, "GetScopes", "guest", "a long password")).status_code == 401
    await device("CreateUsers", User=[GUEST])
    users = await device("GetUsers")
    assert [(each.Username, each.UserLevel, each.Password) for each in users] == [
        ("operator", "Administrator", None),
        ("guest", "User", None),
    ]
    assert (await _by_digest(running, "GetScopes", "guest", "a long password")).status_code == 200
    refused = await _by_digest(running, "GetUsers", "guest", "a long password")
    assert (refused.status_code, "ter:NotAuthorized" in refused.text) == (400, True)
    await device("SetUser", User=[{"Username": "guest", "UserLevel": "Administrator"}])
    assert (await _by_digest(running, "GetUsers", "guest", "a long password")).status_code == 200
    await device("DeleteUsers", Username=["guest"])
    assert (await _by_digest(running, "GetScopes", "guest", "a long password")).status_code == 401


async def test_a_snapshot_is_for_every_user(device: Any, running: Any) -> None:
    await device("CreateUsers", User=[GUEST])
    auth = HTTPDigestAuth("guest", "a long password")
    reply = await asyncio.to_thread(requests.get, f"{running.url}/snapshot", auth=auth)
    assert (reply.status_code, reply.headers["Content-Type"]) == (200, "image/jpeg")


@pytest.mark.parametrize(
    ("operation", "arguments", "fault"),
    [
        ("CreateUsers", {"User": [{**GUEST, "Username": "operator"}]}, "OperationProhibited/UsernameClash"),
        ("CreateUsers", {"User": [GUEST, GUEST]}, "OperationProhibited/UsernameClash"),
        ("CreateUsers", {"User": [{**GUEST, "Password": "short"}]}, "OperationProhibited/PasswordTooWeak"),
        (
            "CreateUsers",
            {"User": [{**GUEST, "UserLevel": "Anonymous"}]},
            "OperationProhibited/AnonymousNotAllowed",
        ),
        ("CreateUsers", {"User": [{**GUEST, "UserLevel": "Emperor"}]}, "InvalidArgVal"),
        ("DeleteUsers", {"Username": ["nobody"]}, "InvalidArgVal/UsernameMissing"),
        ("DeleteUsers", {"Username": ["operator"]}, "InvalidArgVal/FixedUser"),
        ("SetUser", {"User": [GUEST]}, "InvalidArgVal/UsernameMissing"),
        ("SetUser", {"User": [{**GUEST, "Username": "operator"}]}, "InvalidArgVal/FixedUser"),
    ],
)
async def test_what_may_not_be_is_refused(
    refused: Any, running: Any, operation: str, arguments: dict[str, Any], fault: str
) -> None:
    assert await refused(operation, **arguments) == fault
    assert running.store.read("users") is None
