"""The users of a device."""

# ruff: noqa: ARG002, N802, N803  Methods bear the names of the WSDL, and take what all of them take.

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from onvif_server.accounts import Accounts, Wish
from onvif_server.dispatch import Call


class UserOperations:
    """Operations on users."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def GetUsers(self, call: Call) -> dict[str, object]:
        return {"User": [{"Username": each.name, "UserLevel": each.level} for each in self._accounts.all()]}

    async def CreateUsers(self, call: Call, User: Sequence[Any]) -> dict[str, object]:
        self._accounts.create(_wishes(User))
        return {}

    async def DeleteUsers(self, call: Call, Username: Sequence[str]) -> dict[str, object]:
        self._accounts.delete(Username)
        return {}

    async def SetUser(self, call: Call, User: Sequence[Any]) -> dict[str, object]:
        self._accounts.change(_wishes(User))
        return {}


def _wishes(users: Sequence[Any]) -> list[Wish]:
    return [Wish(user.Username or "", user.UserLevel, user.Password) for user in users]
