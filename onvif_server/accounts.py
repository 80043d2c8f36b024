"""The users of a virtual device, and what each of them may do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from onvif_server.access import Level
from onvif_server.soap import Fault, invalid
from onvif_server.store import Store, kept

MAX_USERS = 16
"""Users of one device, that of the settings among them."""
MAX_NAME = 32
"""Characters of the longest name."""
MIN_PASSWORD = 8
"""Characters of the shortest password."""
MAX_PASSWORD = 64
"""Characters of the longest password; ONVIF Core asks for 28 at least."""

_SECTION = "users"
# A colon ends the name in the hash of Digest authentication, a quote its field in the header.
_NAME = re.compile(r'[^\x00-\x20\x7f:"\\](?:[^\x00-\x1f\x7f:"\\]*[^\x00-\x20\x7f:"\\])?')


@dataclass(frozen=True, slots=True)
class Account:
    """One user. The password is kept as it is: WS-UsernameToken's digest cannot be checked without it."""

    name: str
    level: Level
    password: str


@dataclass(frozen=True, slots=True)
class Wish:
    """A user as a client wants it. `password` is None where it shall stay as it is."""

    name: str
    level: str
    password: str | None


class Accounts:
    """The user of the settings, who is an administrator and stays, and those made over ONVIF, kept in `store`.

    Changes are made for all users of a request or for none. Raises ConfigError when the store cannot be read or
    written, and Fault for what ONVIF Core forbids.
    """

    def __init__(self, store: Store, user: str, password: str) -> None:
        self._store = store
        self._fixed = Account(user, "Administrator", password)
        self._accounts: dict[str, Account] = {}
        self.reload()

    def reload(self) -> None:
        """Know those users that are in the store, and no others."""
        read = kept(self._store, _SECTION, list[Account], [])
        self._accounts = {**{each.name: each for each in read}, self._fixed.name: self._fixed}

    def password(self, user: str) -> str | None:
        """The password of `user`, None for one who is not known."""
        account = self._accounts.get(user)
        return None if account is None else account.password

    def level(self, user: str) -> Level | None:
        """What `user` may do, None for one who is not known."""
        account = self._accounts.get(user)
        return None if account is None else account.level

    def all(self) -> tuple[Account, ...]:
        """Every user, that of the settings first."""
        return (self._fixed, *(each for name, each in self._accounts.items() if name != self._fixed.name))

    def create(self, wishes: Sequence[Wish]) -> None:
        """Add users."""
        accounts = dict(self._accounts)
        for wish in wishes:
            if wish.name in accounts:
                raise _prohibited(f"There is a user {wish.name} already", "UsernameClash")
            accounts[wish.name] = Account(
                _name(wish.name), _level(wish.level), _password(wish.password or "", wish.name)
            )
        if len(accounts) > MAX_USERS:
            raise _prohibited(f"A device has {MAX_USERS} users at most", "TooManyUsers")
        self._keep(accounts)

    def delete(self, names: Sequence[str]) -> None:
        """Remove users."""
        accounts = dict(self._accounts)
        for name in names:
            if name == self._fixed.name:
                raise invalid(f"The user {name} belongs to Garim's settings", "FixedUser")
            if accounts.pop(name, None) is None:
                raise invalid(f"There is no user {name}", "UsernameMissing")
        self._keep(accounts)

    def change(self, wishes: Sequence[Wish]) -> None:
        """Give users other levels or passwords."""
        accounts = dict(self._accounts)
        for wish in wishes:
            account = accounts.get(wish.name)
            if account is None:
                raise invalid(f"There is no user {wish.name}", "UsernameMissing")
            password = account.password if wish.password is None else _password(wish.password, wish.name)
            changed = replace(account, level=_level(wish.level), password=password)
            if account == self._fixed and changed != account:
                raise invalid(f"The user {wish.name} belongs to Garim's settings", "FixedUser")
            accounts[wish.name] = changed
        self._keep(accounts)

    def _keep(self, accounts: dict[str, Account]) -> None:
        others = [asdict(each) for each in accounts.values() if each != self._fixed]
        self._store.write(_SECTION, others)
        self._accounts = accounts


def _prohibited(reason: str, subcode: str) -> Fault:
    return Fault("Sender", ("OperationProhibited", subcode), reason)


def _name(name: str) -> str:
    if len(name) > MAX_NAME:
        raise _prohibited(f"A user's name has {MAX_NAME} characters at most", "UsernameTooLong")
    if not name:
        raise _prohibited("A user needs a name", "UsernameTooShort")
    if not _NAME.fullmatch(name):
        raise invalid("A user's name has neither control characters, colons, quotes nor backslashes")
    return name


def _level(level: str) -> Level:
    match level:
        case "Administrator" | "Operator" | "User":
            return level
        case "Anonymous":
            raise _prohibited("Nobody is served without credentials", "AnonymousNotAllowed")
    raise invalid(f"The level {level} is not known")


def _password(password: str, name: str) -> str:
    if len(password) > MAX_PASSWORD:
        raise _prohibited(f"A password has {MAX_PASSWORD} characters at most", "PasswordTooLong")
    if len(password) < MIN_PASSWORD or password == name:
        reason = f"A password has {MIN_PASSWORD} characters at least, and is not the user's name"
        raise _prohibited(reason, "PasswordTooWeak")
    return password
