"""Scopes and how they are matched (WS-Discovery, April 2005, section 5.1)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onvif_server.scopes import PROFILES, RFC3986, STRCMP0, first_scopes, fixed_scopes, match

SCOPES = (*fixed_scopes("Garim virtual camera"), *first_scopes("앞문 / A", "City hall"))


def test_what_every_device_says() -> None:
    assert "onvif://www.onvif.org/type/video_encoder" in SCOPES
    assert "onvif://www.onvif.org/type/Network_Video_Transmitter" in SCOPES
    assert "onvif://www.onvif.org/location/City%20hall" in SCOPES
    told = tuple(scope.rpartition("/")[2] for scope in SCOPES if "/Profile/" in scope)
    assert told == PROFILES
    assert not any(" " in scope for scope in SCOPES)
    assert not any("/ A" in scope for scope in SCOPES)


@pytest.mark.parametrize(
    ("wanted", "rule", "found"),
    [
        ([], RFC3986, True),
        (["onvif://www.onvif.org"], RFC3986, True),
        (["onvif://www.onvif.org/"], RFC3986, True),
        (["ONVIF://WWW.onvif.org/type"], RFC3986, True),
        (["onvif://www.onvif.org/type/video_encoder"], RFC3986, True),
        (["onvif://www.onvif.org/type/video_encoder/x"], RFC3986, False),
        (["onvif://www.onvif.org/TYPE"], RFC3986, False),
        (["onvif://www.onvif.org/typ"], RFC3986, False),
        (["onvif://www.onvif.org/type/../name"], RFC3986, False),
        (["onvif://www.onvif.org/location/City%20hall"], RFC3986, True),
        (["onvif://www.onvif.org/type", "onvif://www.onvif.org/Profile/None"], RFC3986, False),
        (["http://[bad"], RFC3986, False),
        (["onvif://www.onvif.org/type/video_encoder"], STRCMP0, True),
        (["onvif://www.onvif.org/type"], STRCMP0, False),
        (["onvif://www.onvif.org"], "http://schemas.xmlsoap.org/ws/2005/04/discovery/ldap", False),
    ],
)
def test_matching(wanted: list[str], rule: str, found: bool) -> None:
    assert match(wanted, SCOPES, rule) is found


@given(st.lists(st.text(max_size=40), max_size=4))
def test_any_scope_is_judged_without_an_error(wanted: list[str]) -> None:
    match(wanted, SCOPES)
