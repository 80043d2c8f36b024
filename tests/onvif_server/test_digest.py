"""Digest authentication, answered by the clients of requests and httpx."""

from __future__ import annotations

import re

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests.auth import HTTPDigestAuth
from requests.utils import parse_dict_header

from onvif_server.digest import DigestAuthority, parse
from vcam.base.clock import ManualClock

USERS = {"operator": "s:e cret", "두리": "비밀번호"}
URI = "/snapshot?x=1"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(monotonic=1000.0)


@pytest.fixture
def authority(clock: ManualClock) -> DigestAuthority:
    return DigestAuthority("Garim", USERS.get, clock)


class _Client:
    """requests' client, which counts its uses of a nonce."""

    def __init__(self, challenge: str, user: str = "operator", password: str = USERS["operator"]) -> None:
        self._auth = HTTPDigestAuth(user, password)
        self._auth.init_per_thread_state()
        self._auth._thread_local.chal = parse_dict_header(challenge.removeprefix("Digest "))

    def sign(self, method: str = "GET", uri: str = URI) -> str:
        header = self._auth.build_digest_header(method, f"http://host{uri}")
        assert header is not None
        return header


def test_challenges_offer_sha256_first_and_md5_last(authority: DigestAuthority) -> None:
    found = [parse(challenge) for challenge in authority.challenges()]
    assert [fields["algorithm"] for fields in found if fields] == ["SHA-256", "MD5"]
    assert all(fields and fields["qop"] == "auth" and fields["realm"] == "Garim" for fields in found)


@pytest.mark.parametrize("index", [0, 1])
def test_requests_is_let_in_by_either_algorithm(authority: DigestAuthority, index: int) -> None:
    client = _Client(authority.challenges()[index])
    assert [authority.verify("GET", URI, client.sign()) for _ in range(3)] == ["operator"] * 3


@pytest.mark.parametrize("scheme", ["digest", "DIGEST"])
def test_the_schemes_name_may_be_in_any_case(authority: DigestAuthority, scheme: str) -> None:
    client = _Client(authority.challenges()[0])
    assert authority.verify("GET", URI, client.sign().replace("Digest", scheme, 1)) == "operator"


@pytest.mark.parametrize("user", USERS)
def test_httpx_is_let_in(authority: DigestAuthority, user: str) -> None:
    flow = httpx.DigestAuth(user, USERS[user]).auth_flow(httpx.Request("GET", f"http://host{URI}"))
    request = next(flow)
    headers = [("WWW-Authenticate", challenge) for challenge in authority.challenges()]
    request = flow.send(httpx.Response(401, headers=headers, request=request))
    assert authority.verify("GET", URI, request.headers["Authorization"]) == user


@pytest.mark.parametrize(
    ("user", "password"), [("operator", "wrong"), ("operator", ""), ("nobody", "s:e cret"), ("", "")]
)
def test_wrong_credentials_are_refused(authority: DigestAuthority, user: str, password: str) -> None:
    header = _Client(authority.challenges()[0], user, password).sign()
    assert authority.check("GET", URI, header).outcome == "wrong"
    assert authority.verify("GET", URI, header) is None


def test_a_header_is_good_once(authority: DigestAuthority) -> None:
    header = _Client(authority.challenges()[0]).sign()
    assert authority.verify("GET", URI, header) == "operator"
    assert authority.check("GET", URI, header).outcome == "stale"


def test_a_header_is_good_for_its_own_request_only(authority: DigestAuthority) -> None:
    header = _Client(authority.challenges()[0]).sign()
    assert authority.verify("POST", URI, header) is None
    assert authority.verify("GET", "/other", header) is None
    assert authority.verify("GET", URI + "&y=2", header) is None


def test_counts_may_arrive_out_of_order_but_not_twice(authority: DigestAuthority) -> None:
    client = _Client(authority.challenges()[0])
    headers = [client.sign() for _ in range(70)]
    assert authority.verify("GET", URI, headers[69]) == "operator"
    assert authority.verify("GET", URI, headers[40]) == "operator"
    assert authority.verify("GET", URI, headers[40]) is None
    assert authority.verify("GET", URI, headers[0]) is None, "too far back to know"


def test_a_nonce_expires_and_the_client_is_told(authority: DigestAuthority, clock: ManualClock) -> None:
    header = _Client(authority.challenges()[0]).sign()
    clock.advance(301)
    assert authority.check("GET", URI, header).outcome == "stale"
    assert all("stale=true" in challenge for challenge in authority.challenges(header))
    assert not any("stale" in challenge for challenge in authority.challenges())


def test_a_nonce_of_another_server_is_stale(authority: DigestAuthority, clock: ManualClock) -> None:
    header = _Client(DigestAuthority("Garim", USERS.get, clock).challenges()[0]).sign()
    assert authority.check("GET", URI, header).outcome == "stale"


def test_no_header_is_no_failure(authority: DigestAuthority) -> None:
    assert authority.check("GET", URI, None).outcome == "absent"
    assert authority.check("GET", URI, "Basic b3BlcmF0b3I6eA==").outcome == "absent"


def test_leaving_out_the_quality_of_protection_is_for_rtsp_only(
    authority: DigestAuthority, clock: ManualClock
) -> None:
    lenient = DigestAuthority("Garim", USERS.get, clock, lenient=True)
    for judge, wanted in ((authority, None), (lenient, "operator")):
        challenge = judge.challenges()[1].replace(', qop="auth"', "")
        header = _Client(challenge).sign("DESCRIBE", "/front")
        assert judge.verify("DESCRIBE", "rtsp://host:8554/front", header) == wanted
        assert judge.verify("DESCRIBE", "rtsp://host:8554/front/track0", header) == wanted
        assert judge.verify("DESCRIBE", "rtsp://host:8554/frontier", header) is None


def test_forgotten_nonces_stay_refused(clock: ManualClock) -> None:
    authority = DigestAuthority("Garim", USERS.get, clock)
    first = _Client(authority.challenges()[0]).sign()
    assert authority.verify("GET", URI, first) == "operator"
    for _ in range(4200):
        clock.advance(0.001)
        assert authority.verify("GET", URI, _Client(authority.challenges()[1]).sign()) == "operator"
    assert authority.verify("GET", URI, first) is None


@given(st.one_of(st.text(max_size=300), st.text(max_size=200).map(lambda text: "Digest " + text)))
def test_any_header_is_judged_without_an_error(header: str) -> None:
    authority = DigestAuthority("Garim", USERS.get, ManualClock(monotonic=1000.0))
    assert authority.verify("GET", URI, header) is None
    authority.challenges(header)


@given(
    st.dictionaries(
        st.sampled_from(["username", "realm", "uri", "response", "qop", "nc", "cnonce", "algorithm"]),
        st.text(max_size=20),
    )
)
def test_any_fields_are_judged_without_an_error(fields: dict[str, str]) -> None:
    authority = DigestAuthority("Garim", USERS.get, ManualClock(monotonic=1000.0))
    nonce = parse(authority.challenges()[0]) or {}
    fields = {"realm": "Garim", "uri": URI, **fields, "nonce": nonce["nonce"]}
    text = ", ".join(f'{name}="{value}"' for name, value in fields.items())
    assert authority.verify("GET", URI, f"Digest {text}") is None


@pytest.mark.parametrize("field", ["username", "response", "cnonce", "uri", "realm"])
def test_bytes_that_are_no_utf8_are_refused(authority: DigestAuthority, field: str) -> None:
    signed = _Client(authority.challenges()[1]).sign()
    odd = b"\xe9\xff".decode("utf-8", "surrogateescape")
    assert authority.check("GET", URI, re.sub(rf'\b{field}="', f'{field}="{odd}', signed)).outcome == "wrong"
