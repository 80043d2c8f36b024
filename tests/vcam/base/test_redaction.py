"""No credential survives redaction; text without credentials does."""

from __future__ import annotations

import base64
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcam.base.redaction import is_secret_name, redact, redact_value

WORD = st.text(string.ascii_letters + string.digits + "@:/!$%+=.-", min_size=6, max_size=20)


@given(user=WORD, password=WORD)
def test_credentials_in_a_url_never_survive(user: str, password: str) -> None:
    shown = redact(f"rtsp://{user}:{password}@camera.example:554/live")
    assert shown == "rtsp://***@camera.example:554/live"


@given(user=WORD.filter(lambda u: ":" not in u), password=WORD)
def test_basic_credentials_never_survive(user: str, password: str) -> None:
    pair = base64.b64encode(f"{user}:{password}".encode()).decode()
    assert pair not in redact(f"Authorization: Basic {pair}")


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("GET /cgi?user=admin&password=hunter22&x=1", "hunter22"),
        ("rtsp://10.0.0.9/user=admin_password=tlJwpbo6_channel=1", "tlJwpbo6"),
        ('{"password": "hunter22"}', "hunter22"),
        ("passphrase = 'two words'", "words"),
        ('Digest username="admin", realm="x", response="0123abcd"', "0123abcd"),
        ("Bearer eyJhbGciOiJIUzI1NiJ9.e30.abc", "eyJ"),
        ("<wsse:Password Type='x'>hunter22</wsse:Password>", "hunter22"),
        ("AGE-SECRET-KEY-1QQPZRY9X8GF2TVDW0S3JN54", "QQPZ"),
        ("age-secret-key-1qqpzry9x8gf2tvdw0s3jn54", "qqpz"),
    ],
)
def test_secrets_in_other_forms_never_survive(text: str, secret: str) -> None:
    assert secret not in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "rtsp://camera.example/live cannot be opened",
        "Basic settings are missing",
        "Digest authentication failed",
        "The password: file onvif.password is empty",
        "Write password = { file = 'x' } instead",
        "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    assert redact(text) == text


@given(st.text())
def test_any_text_is_taken_and_twice_is_once(text: str) -> None:
    once = redact(text)
    assert redact(once) == once


def test_whatever_a_value_holds_is_redacted() -> None:
    class Camera:
        def __repr__(self) -> str:
            return "Camera(rtsp://a:b@host/)"

    value = {
        "password": "x",
        "urls": ["rtsp://a:b@host/"],
        "camera": Camera(),
        "data": b"abc",
        "file": Path("f"),
    }
    assert redact_value(value) == {
        "password": "***",
        "urls": ["rtsp://***@host/"],
        "camera": "Camera(rtsp://***@host/)",
        "data": "3 bytes",
        "file": "f",
    }
    assert redact_value([None, True, 1.5]) == [None, True, 1.5]


def test_names_of_secrets() -> None:
    assert all(
        map(is_secret_name, ["password", "Authorization", "db_secret", "token", "api_key", "Set-Cookie"])
    )
    assert not any(map(is_secret_name, ["camera", "segment", "port", "pass_name"]))
