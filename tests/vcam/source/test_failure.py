"""FFmpeg's errors, and that none of its text gets out."""

from __future__ import annotations

import av.error
import pytest

from vcam.base.errors import NotVideo, Refused, SourceError, StreamLost, Unreachable
from vcam.source.failure import camera_place, connect_error, read_error

URL = "rtsp://admin:hunter2@10.0.0.7/1"
PLACE = camera_place("gate", URL, named=True)
OPEN = camera_place("gate", URL, named=False)


def made(kind: type[av.error.FFmpegError]) -> av.error.FFmpegError:
    return kind(1, f"failed on {URL}", URL)


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        (av.error.HTTPUnauthorizedError, Refused),
        (av.error.HTTPForbiddenError, Refused),
        (av.error.HTTPNotFoundError, SourceError),
        (av.error.HTTPServerError, SourceError),
        (av.error.HTTPOtherClientError, NotVideo),
        (av.error.InvalidDataError, NotVideo),
        (av.error.ExitError, Unreachable),
        (av.error.ConnectionRefusedError, Unreachable),
        (av.error.FileNotFoundError, Unreachable),
        (av.error.PermissionError, Unreachable),
        (av.error.OSError, Unreachable),
        (av.error.UnknownError, Unreachable),
    ],
)
def test_what_an_error_while_opening_means(kind: type[av.error.FFmpegError], wanted: type[SourceError]) -> None:
    error = connect_error(made(kind), PLACE)
    assert type(error) is wanted
    _is_clear(error)


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        (av.error.HTTPUnauthorizedError, Refused),
        (av.error.ExitError, StreamLost),
        (av.error.InvalidDataError, StreamLost),
        (av.error.OSError, StreamLost),
    ],
)
def test_what_an_error_while_reading_means(kind: type[av.error.FFmpegError], wanted: type[SourceError]) -> None:
    error = read_error(made(kind), PLACE)
    assert type(error) is wanted
    _is_clear(error)


def _is_clear(error: SourceError) -> None:
    assert "'gate'" in error.what
    assert error.mend
    for secret in ("admin", "hunter2", "failed on"):
        assert secret not in str(error)


def test_a_camera_that_asks_for_credentials_is_not_said_to_refuse_them() -> None:
    error = connect_error(made(av.error.HTTPUnauthorizedError), OPEN)
    assert "asks for" in error.what
    assert "Set source.user" in error.mend
