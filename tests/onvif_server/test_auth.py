"""The gate: which way in counts, and what it says when it stays shut."""

from __future__ import annotations

import pytest
from lxml import etree
from requests.auth import HTTPDigestAuth
from requests.utils import parse_dict_header

from onvif_server.auth import Attempt, Authenticator, Denied
from onvif_server.lockout import FREE, Lockout
from onvif_server.username_token import WSSE
from vcam.base.clock import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(monotonic=1000.0)


@pytest.fixture
def lockout(clock: ManualClock) -> Lockout:
    return Lockout(clock)


@pytest.fixture
def gate(clock: ManualClock, lockout: Lockout) -> Authenticator:
    return Authenticator("Garim", {"operator": "secret"}.get, clock, lockout)


def _attempt(authorization: str | None = None, security: etree._Element | None = None) -> Attempt:
    return Attempt("192.0.2.1", "GET", "/snapshot", authorization, security)


def _denied(gate: Authenticator, attempt: Attempt) -> Denied:
    with pytest.raises(Denied) as caught:
        gate.user(attempt)
    return caught.value


def _signed(denied: Denied, password: str, user: str = "operator") -> str:
    auth = HTTPDigestAuth(user, password)
    auth.init_per_thread_state()
    auth._thread_local.chal = parse_dict_header(denied.challenges[0].removeprefix("Digest "))
    return auth.build_digest_header("GET", "http://host/snapshot") or ""


def test_no_credentials_are_answered_with_challenges_and_are_no_failure(
    gate: Authenticator, lockout: Lockout
) -> None:
    for _ in range(FREE * 3):
        denied = _denied(gate, _attempt())
        assert len(denied.challenges) == 2
    assert lockout.wait("192.0.2.1") == 0


def test_an_empty_security_header_leaves_it_to_digest(gate: Authenticator) -> None:
    security = etree.Element(f"{{{WSSE}}}Security")
    denied = _denied(gate, _attempt(security=security))
    assert gate.user(_attempt(_signed(denied, "secret"), security)) == "operator"


def test_wrong_digests_lock_out_until_the_wait_is_over(gate: Authenticator, clock: ManualClock) -> None:
    denied = _denied(gate, _attempt())
    for _ in range(FREE + 1):
        assert _denied(gate, _attempt(_signed(denied, "wrong"))).retry_after == 0
    locked = _denied(gate, _attempt(_signed(denied, "secret")))
    assert (locked.retry_after, locked.challenges) == (1, ())
    clock.advance(1)
    assert gate.user(_attempt(_signed(denied, "secret"))) == "operator"


def test_who_may_look_does_not_guess_at_another_password_for_nothing(
    clock: ManualClock, lockout: Lockout
) -> None:
    gate = Authenticator("Garim", {"operator": "secret", "viewer": "look"}.get, clock, lockout)
    waits = []
    for guess in range(FREE + 2):
        denied = _denied(gate, _attempt())
        assert gate.user(_attempt(_signed(denied, "look", "viewer"))) == "viewer"
        waits.append(_denied(gate, _attempt(_signed(denied, str(guess)))).retry_after)
    assert waits == [0] * (FREE + 1) + [1]


def test_a_refusal_names_no_credential(gate: Authenticator) -> None:
    denied = _denied(gate, _attempt(_signed(_denied(gate, _attempt()), "wrong")))
    assert "operator" not in denied.reason
    assert "wrong" not in denied.reason
