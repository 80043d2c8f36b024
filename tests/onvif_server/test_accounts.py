"""Users: made, changed and removed all together or not at all, and kept over restarts."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onvif_server.accounts import MAX_NAME, MAX_PASSWORD, MAX_USERS, Account, Accounts, Wish
from onvif_server.digest import parse
from onvif_server.soap import Fault
from onvif_server.store import Store
from vcam.base.errors import ConfigError

SECRET = "a long enough password"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "device.json")


@pytest.fixture
def accounts(store: Store) -> Accounts:
    return Accounts(store, "operator", "secret")


def test_the_user_of_the_settings_is_an_administrator(accounts: Accounts) -> None:
    assert accounts.all() == (Account("operator", "Administrator", "secret"),)
    assert (accounts.password("operator"), accounts.level("operator")) == ("secret", "Administrator")
    assert (accounts.password("guest"), accounts.level("guest")) == (None, None)


def test_users_outlive_a_restart_and_follow_the_store(accounts: Accounts, store: Store, tmp_path: Path) -> None:
    accounts.create([Wish("guest", "User", SECRET), Wish("guard", "Operator", SECRET)])
    again = Accounts(Store(tmp_path / "device.json"), "operator", "secret")
    assert again.all() == accounts.all()
    assert again.level("guard") == "Operator"
    store.clear()
    accounts.reload()
    assert [each.name for each in accounts.all()] == ["operator"]


def test_the_settings_go_before_a_user_of_the_same_name(accounts: Accounts, store: Store) -> None:
    accounts.create([Wish("admin", "User", SECRET)])
    renamed = Accounts(store, "admin", "from the settings")
    assert renamed.all() == (Account("admin", "Administrator", "from the settings"),)


@pytest.mark.parametrize(
    "users", [["x"], [{"name": "x"}], [{"name": "x", "level": "King", "password": "y"}], "x"]
)
def test_a_damaged_store_is_named(store: Store, users: object) -> None:
    store.write("users", users)
    with pytest.raises(ConfigError, match="users") as caught:
        Accounts(store, "operator", "secret")
    assert "King" not in str(caught.value)


@pytest.mark.parametrize(
    ("wish", "subcode"),
    [
        (Wish("x" * (MAX_NAME + 1), "User", SECRET), "UsernameTooLong"),
        (Wish("", "User", SECRET), "UsernameTooShort"),
        (Wish("a:b", "User", SECRET), "InvalidArgVal"),
        (Wish('a"b', "User", SECRET), "InvalidArgVal"),
        (Wish(" a", "User", SECRET), "InvalidArgVal"),
        (Wish("a\nb", "User", SECRET), "InvalidArgVal"),
        (Wish("guest", "User", "x" * (MAX_PASSWORD + 1)), "PasswordTooLong"),
        (Wish("guest", "User", "seven77"), "PasswordTooWeak"),
        (Wish("guest", "User", None), "PasswordTooWeak"),
        (Wish("longuser", "User", "longuser"), "PasswordTooWeak"),
        (Wish("guest", "Anonymous", SECRET), "AnonymousNotAllowed"),
        (Wish("guest", "Extended", SECRET), "InvalidArgVal"),
        (Wish("operator", "User", SECRET), "UsernameClash"),
    ],
)
def test_one_wrong_user_spoils_the_request(accounts: Accounts, wish: Wish, subcode: str) -> None:
    before = accounts.all()
    with pytest.raises(Fault) as caught:
        accounts.create([Wish("first", "User", SECRET), wish])
    assert caught.value.subcodes[-1] == subcode
    assert accounts.all() == before


def test_there_is_a_most(accounts: Accounts) -> None:
    accounts.create([Wish(f"user{number}", "User", SECRET) for number in range(MAX_USERS - 1)])
    with pytest.raises(Fault) as caught:
        accounts.create([Wish("last", "User", SECRET)])
    assert caught.value.subcodes == ("OperationProhibited", "TooManyUsers")
    accounts.delete(["user0"])
    accounts.create([Wish("last", "User", SECRET)])


def test_a_change_without_a_password_keeps_it(accounts: Accounts) -> None:
    accounts.create([Wish("guest", "User", SECRET)])
    accounts.change([Wish("guest", "Operator", None)])
    assert (accounts.level("guest"), accounts.password("guest")) == ("Operator", SECRET)
    accounts.change([Wish("guest", "Operator", "another password")])
    assert accounts.password("guest") == "another password"


def test_the_fixed_user_may_be_set_as_he_is_and_no_other_way(accounts: Accounts) -> None:
    accounts.change([Wish("operator", "Administrator", None)])
    for wish in (Wish("operator", "User", None), Wish("operator", "Administrator", "another password")):
        with pytest.raises(Fault) as caught:
            accounts.change([wish])
        assert caught.value.subcodes == ("InvalidArgVal", "FixedUser")
    assert accounts.all() == (Account("operator", "Administrator", "secret"),)


@given(st.text(max_size=40))
def test_every_name_that_is_taken_fits_into_a_digest_header(
    tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    store = Store(tmp_path_factory.mktemp("store") / "device.json")
    accounts = Accounts(store, "operator", "secret")
    try:
        accounts.create([Wish(name, "User", SECRET)])
    except Fault:
        return
    assert parse(f'Digest username="{name}", nonce="x"') == {"username": name, "nonce": "x"}
    assert Accounts(store, "operator", "secret").password(name) == SECRET
