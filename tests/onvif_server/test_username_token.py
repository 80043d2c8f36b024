"""WS-UsernameToken, written by zeep's client side."""

from __future__ import annotations

import base64
import datetime
import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from zeep.wsse import username

from onvif_server.username_token import WSSE, WSU, UsernameTokens
from vcam.base.clock import ManualClock

NOW = datetime.datetime(2026, 1, 1, 12, tzinfo=datetime.UTC)
USERS = {"operator": "비밀 & <secret>"}
_token: Any = username.UsernameToken


def security(
    user: str = "operator", password: str = USERS["operator"], *, ago: float = 0.0, use_digest: bool = True
) -> etree._Element:
    """The security header that zeep makes."""
    soap = "http://www.w3.org/2003/05/soap-envelope"
    envelope = etree.fromstring(f'<e:Envelope xmlns:e="{soap}"><e:Header/><e:Body/></e:Envelope>')
    created = NOW - datetime.timedelta(seconds=ago)
    _token(user, password, use_digest=use_digest, created=created).apply(envelope, {})
    found = envelope.find(f".//{{{WSSE}}}Security")
    assert found is not None
    return found


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(utc=int(NOW.timestamp() * 1e6))


@pytest.fixture
def tokens(clock: ManualClock) -> UsernameTokens:
    return UsernameTokens(USERS.get, clock)


def test_a_right_token_names_its_user(tokens: UsernameTokens) -> None:
    answer = tokens.check(security())
    assert (answer.outcome, answer.user) == ("granted", "operator")


def test_a_token_is_good_once(tokens: UsernameTokens) -> None:
    token = security()
    assert tokens.check(token).outcome == "granted"
    assert tokens.check(token).outcome == "stale"
    assert tokens.check(security()).outcome == "granted"


def _told(token: etree._Element, name: str) -> etree._Element:
    found = token.find(f".//{name}")
    assert found is not None
    return found


def test_a_used_digest_does_not_serve_with_the_nonce_cut_elsewhere(tokens: UsernameTokens) -> None:
    # The digest is over nonce and time without a mark between them, and a time may begin with white space.
    nonce = b"fifteen bytes..\n"
    token = security()
    created, password = _told(token, f"{{{WSU}}}Created"), _told(token, f"{{{WSSE}}}Password")
    signed = hashlib.sha1(nonce + (created.text or "").encode() + USERS["operator"].encode()).digest()  # noqa: S324
    password.text = base64.b64encode(signed).decode()
    _told(token, f"{{{WSSE}}}Nonce").text = base64.b64encode(nonce).decode()
    assert tokens.check(token).outcome == "granted"
    created.text = f"\n{created.text}"
    _told(token, f"{{{WSSE}}}Nonce").text = base64.b64encode(nonce[:-1]).decode()
    assert tokens.check(token).outcome == "stale"


def test_a_used_token_does_not_serve_for_another_user_with_the_same_password(clock: ManualClock) -> None:
    tokens = UsernameTokens({"viewer": "the same one", "operator": "the same one"}.get, clock)
    token = security("viewer", "the same one")
    assert tokens.check(token).user == "viewer"
    _told(token, f"{{{WSSE}}}Username").text = "operator"
    assert tokens.check(token).outcome == "stale"


def test_a_token_stays_used_until_its_time_is_over(tokens: UsernameTokens, clock: ManualClock) -> None:
    token = security(ago=-299)
    assert tokens.check(token).outcome == "granted"
    clock.advance(598)
    assert tokens.check(security(ago=-598)).outcome == "granted"
    assert tokens.check(token).outcome == "stale"


@pytest.mark.parametrize(
    ("ago", "outcome"), [(299, "granted"), (-299, "granted"), (301, "stale"), (-301, "stale")]
)
def test_clocks_may_differ_by_five_minutes(tokens: UsernameTokens, ago: float, outcome: str) -> None:
    assert tokens.check(security(ago=ago)).outcome == outcome


@pytest.mark.parametrize(("user", "password"), [("operator", "wrong"), ("nobody", "x"), ("", "")])
def test_wrong_credentials_are_wrong(tokens: UsernameTokens, user: str, password: str) -> None:
    assert tokens.check(security(user, password)).outcome == "wrong"


def test_a_password_in_the_open_is_refused(tokens: UsernameTokens) -> None:
    assert tokens.check(security(use_digest=False)).outcome == "wrong"


def test_an_empty_header_holds_no_token(tokens: UsernameTokens) -> None:
    assert tokens.check(etree.Element(f"{{{WSSE}}}Security")).outcome == "absent"


@pytest.mark.parametrize("nonce", ["", "!", "a", base64.b64encode(bytes(200)).decode()])
def test_a_bad_nonce_is_wrong(tokens: UsernameTokens, nonce: str) -> None:
    token = security()
    found = token.find(f".//{{{WSSE}}}Nonce")
    assert found is not None
    found.text = nonce
    assert tokens.check(token).outcome == "wrong"


def test_times_without_a_zone_are_utc(tokens: UsernameTokens) -> None:
    token = security()
    found = token.find(f".//{{{WSU}}}Created")
    assert found is not None
    found.text = "2026-01-01T12:00:00"
    assert tokens.check(token).outcome == "wrong", "in time, but not what was signed"
    found.text = "1970-01-01T00:00:00Z"
    assert tokens.check(token).outcome == "stale"


_xml_text = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=40).filter(
    lambda text: all(ord(c) not in {0xFFFE, 0xFFFF} for c in text)
)


@given(_xml_text, _xml_text, _xml_text, _xml_text)
def test_any_text_is_judged_without_an_error(user: str, password: str, nonce: str, created: str) -> None:
    token = security()
    for name, text in (("Username", user), ("Password", password), ("Nonce", nonce)):
        found = token.find(f".//{{{WSSE}}}{name}")
        assert found is not None
        found.text = text
    found = token.find(f".//{{{WSU}}}Created")
    assert found is not None
    found.text = created
    tokens = UsernameTokens(USERS.get, ManualClock(utc=int(NOW.timestamp() * 1e6)))
    assert tokens.check(token).user is None
