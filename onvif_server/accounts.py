"""The users of a virtual device, and what each of them may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from onvif_server.store import Store

Level = Literal["Administrator", "Operator", "User"]
"""tt:UserLevel of those who can log in."""


@dataclass(frozen=True, slots=True)
class Account:
    """One user. The password is kept as it is: WS-UsernameToken's digest cannot be checked without it."""

    name: str
    level: Level
    password: str


class Accounts:
    """The user of the settings, who is an administrator and stays, and those made over ONVIF, kept in `store`."""

    def __init__(self, store: Store, user: str, password: str) -> None:
        self._store = store
        self._accounts = {user: Account(user, "Administrator", password)}

    def password(self, user: str) -> str | None:
        """The password of `user`, None for one who is not known."""
        account = self._accounts.get(user)
        return None if account is None else account.password

    def level(self, user: str) -> Level | None:
        """What `user` may do, None for one who is not known."""
        account = self._accounts.get(user)
        return None if account is None else account.level
