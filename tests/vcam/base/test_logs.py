"""Log lines: their form, their level, and that nothing secret reaches them."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from vcam.base.logs import configure


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    yield
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    root.setLevel(level)
    for handler in [h for h in root.handlers if h not in handlers]:
        root.removeHandler(handler)


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_json_line_carries_event_level_time_and_context() -> None:
    stream = io.StringIO()
    configure("info", "json", stream)
    structlog.contextvars.bind_contextvars(camera="gate")
    structlog.get_logger().info("worker started", pid=7)
    (line,) = lines(stream)
    assert line["event"] == "worker started"
    assert (line["level"], line["camera"], line["pid"]) == ("info", "gate", 7)
    assert str(line["timestamp"]).endswith("Z")


@pytest.mark.parametrize("form", ["json", "console"])
def test_no_credential_is_written(form: str) -> None:
    stream = io.StringIO()
    configure("debug", form, stream)
    log = structlog.get_logger()
    log.info("opening rtsp://a:hunter22@host/", url="rtsp://a:hunter22@host/", password="hunter22")
    log.info("reply", headers={"Authorization": "Digest username=a, response=hunter22"}, body=b"hunter22")
    logging.getLogger("some.library").warning("GET %s", "http://a:hunter22@host/?token=hunter22")
    try:
        int("rtsp://a:hunter22@host/")
    except ValueError:
        log.exception("failed")
    text = stream.getvalue()
    assert "hunter22" not in text
    assert "Traceback" in text
    assert "***" in text


def test_libraries_take_the_same_way_out() -> None:
    stream = io.StringIO()
    configure("info", "json", stream)
    logging.getLogger("some.library").error("lost %s of %s", 3, 4)
    logging.getLogger("some.library").debug("unheard")
    (line,) = lines(stream)
    assert (line["event"], line["level"]) == ("lost 3 of 4", "error")


def test_messages_with_credentials_are_not_even_asked_of_zeep() -> None:
    configure("debug", "json", io.StringIO())
    assert not logging.getLogger("zeep.transports").isEnabledFor(logging.DEBUG)


def test_the_last_call_holds() -> None:
    first, second = io.StringIO(), io.StringIO()
    configure("debug", "json", first)
    log = structlog.get_logger()
    log.debug("one")
    configure("warning", "console", second)
    log.info("two")
    log.warning("three", zone="gate")
    assert len(lines(first)) == 1
    assert "three" in second.getvalue()
    assert "two" not in second.getvalue()
    assert "zone=gate" in second.getvalue()
