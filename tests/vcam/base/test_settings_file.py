"""A settings file: every mistake is listed with line, key, value and mend; right files load."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from vcam.base.conflicts import Conflict
from vcam.base.errors import ConfigError, Mistake
from vcam.base.settings import Settings
from vcam.base.settings_example import example
from vcam.base.settings_file import LARGEST, load

Write = Callable[[str | bytes], Path]

GOOD = """\
[recorder]
keep_original = false

[[camera]]
name = "gate"
[camera.source]
url = "rtsp://192.0.2.7/live"
"""


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(content: str | bytes) -> Path:
        path = tmp_path / "garim.toml"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def mistakes(path: Path) -> tuple[Mistake, ...]:
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert all(str(mistake) in str(caught.value) for mistake in caught.value.mistakes)
    return caught.value.mistakes


def only(path: Path) -> Mistake:
    (mistake,) = mistakes(path)
    return mistake


def test_every_mistake_is_listed_at_once_in_the_order_of_lines(write: Write) -> None:
    path = write(
        """\
[site]
nmae = "Town hall"
log = "inof"

[onvif]
port = "8081"
bind = 2024-01-01

[recorder]
foldr = "media"

[[camera]]
name = "gate"
[camera.source]
url = "rtsp://192.0.2.7/live"
timeout = 0.1
[camera.mask]
kinds = ["face",
  "hed"]

[[camera]]
name = "gate"
source = { url = "http://192.0.2.8" }
"""
    )
    assert [(m.line, m.key, m.value) for m in mistakes(path)] == [
        (2, "site.nmae", '"Town hall"'),
        (3, "site.log", '"inof"'),
        (6, "onvif.port", '"8081"'),
        (7, "onvif.bind", "2024-01-01"),
        (10, "recorder.foldr", '"media"'),
        (16, "camera[0].source.timeout", "0.1"),
        (19, "camera[0].mask.kinds[1]", '"hed"'),
        (22, "camera[1].name", '"gate"'),
        (23, "camera[1].source.url", '"http://192.0.2.8"'),
    ]


@pytest.mark.parametrize(
    ("wrong", "mend"),
    [
        ('[site]\nnmae = "x"', "Did you mean 'name'?"),
        ("[site]\nlog-format = 'json'", "Did you mean 'log_format'?"),
        ("[site]\nretention_days = 3", "Did you mean 'recorder.retention_days' or 'camera.retention_days'?"),
        ("[sites]\nname = 'x'", "Did you mean 'site'?"),
        ("[site]\nlog = 'inof'", 'Did you mean "info"?'),
        ("[site]\nxyzzy = 1", "Remove it, or use one of: name, state, log, log_format"),
        ("[onvif]\nport = 70000", "Expected: whole number from 0 to 65535"),
        ("[onvif]\npassword = 'x'", 'Write { file = "PATH" } or { env = "NAME" }'),
    ],
)
def test_the_mend_says_what_to_write(write: Write, wrong: str, mend: str) -> None:
    assert mend in only(write(f"{wrong}\n{GOOD}")).mend


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ('port = "8081"', "whole number"),
        ("port = 8081.0", "whole number"),
        ("port = true", "whole number"),
        ("bind = 5", "text in quotes"),
        ('discovery = "yes"', "true or false"),
        ("discovery = 1", "true or false"),
        ("port = nan", "whole number"),
        ("port = [1]", "whole number"),
        ("port = {}", "whole number"),
        ("port = 99999999999999999999999999", "at most 65535"),
        ("max_clients = 0", "at least 1"),
    ],
)
def test_values_of_the_wrong_type_or_size(write: Write, wrong: str, what: str) -> None:
    mistake = only(write(f"[onvif]\n{wrong}\n{GOOD}"))
    assert what in mistake.what
    assert mistake.line == 2


def test_what_is_missing_is_told_where_it_belongs(write: Write) -> None:
    found = mistakes(
        write('[recorder]\nenabled = false\n[[camera]]\ntitle = "x"\n[camera.source]\nuser = "a"\n')
    )
    assert [(m.line, m.key, m.what) for m in found] == [
        (3, "camera[0].name", "is missing"),
        (5, "camera[0].source.url", "is missing"),
    ]


def test_an_empty_file_names_what_it_needs(write: Write) -> None:
    assert {m.key for m in mistakes(write(""))} == {"recorder", "camera"}


@pytest.mark.parametrize(
    "source",
    [
        'url = "rtsp://admin:hunter22@192.0.2.7/"',
        'url = "rtsp://admin:hunt/er@hunter22@192.0.2.7/"',
        'url = "admin:hunter22@192.0.2.7"',
        'url = "rtsp://192.0.2.7/"\npassword = "hunter22"',
        'url = "rtsp://192.0.2.7/"\npassword = { value = "hunter22" }',
        'url = "rtsp://192.0.2.7/"\npasword = "hunter22"',
        'url = "rtsp://192.0.2.7/"\npw = "hunter22"',
        'url = "rtsp://192.0.2.7/"\nurl2 = "rtsp://a:hunter22@192.0.2.7/"',
        'url = "rtsp://192.0.2.7/"\ntransport = "rtsp://a:hunter22@192.0.2.7/"',
        'url = "http://192.0.2.7/?password=hunter22"',
    ],
)
def test_no_secret_is_repeated(write: Write, source: str) -> None:
    path = write(f'[recorder]\nenabled = false\n[[camera]]\nname = "gate"\n[camera.source]\n{source}\n')
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert "hunter22" not in str(caught.value)
    assert all("hunter22" not in str(mistake) for mistake in caught.value.mistakes)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[site]\nname = Garim\n", 2),
        ('[site]\n\nname = "Garim\n', 3),
        ("[site\n", 1),
        ("[site]\nname = 'a'\nname = 'b'\n", 3),
        ("a = [", 1),
        ("x = " + "[" * 5000, 0),
        ("\x00", 1),
    ],
)
def test_what_is_not_toml_is_told_by_its_line(write: Write, text: str, line: int) -> None:
    mistake = only(write(text))
    assert "TOML" in mistake.what or "nested" in mistake.what
    assert mistake.line in {line, 1} if "nested" in mistake.what else mistake.line == line


def test_what_is_not_utf8_is_told_by_its_line(write: Write) -> None:
    mistake = only(write('[site]\nname = "가림"\n'.encode("euc-kr")))
    assert (mistake.line, mistake.what) == (2, "is not UTF-8")


def test_a_byte_order_mark_is_no_mistake(write: Write) -> None:
    assert load(write(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())).camera[0].name == "gate"


def test_files_that_cannot_be_read(tmp_path: Path, write: Write) -> None:
    with pytest.raises(ConfigError, match="There is no file"):
        load(tmp_path / "absent.toml")
    with pytest.raises(ConfigError, match="is a folder"):
        load(tmp_path)
    with pytest.raises(ConfigError, match="longer than"):
        load(write(b"#" * (LARGEST + 1)))


@contextlib.contextmanager
def unprivileged() -> Iterator[None]:
    """Root may read every file, so it becomes nobody for a while."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def test_a_file_without_the_right_to_read(write: Write) -> None:
    path = write(GOOD)
    path.chmod(0)
    with unprivileged(), pytest.raises(ConfigError, match="cannot be read"):
        load(path)


def test_relative_paths_are_taken_from_the_files_folder(write: Write, tmp_path: Path) -> None:
    found = load(
        write(
            GOOD.replace("[recorder]", '[site]\nstate = "/var/lib/garim"\n[recorder]\nfolder = "footage"')
            + 'password = { file = "gate.password" }\n[[camera]]\nname = "film"\n'
            + 'source = { url = "file:clips/a.mp4" }\n'
        )
    )
    assert found.site.state == Path("/var/lib/garim")
    assert found.recorder.folder == tmp_path / "footage"
    assert found.onvif.password.file == tmp_path / "onvif.password"
    gate, film = found.camera
    assert gate.source.password is not None
    assert gate.source.password.file == tmp_path / "gate.password"
    assert film.source.url == f"file:{tmp_path / 'clips' / 'a.mp4'}"


def test_absolute_file_urls_stay(write: Write) -> None:
    for url in ("file:/srv/a.mp4", "file:///srv/a.mp4"):
        assert load(write(GOOD.replace("rtsp://192.0.2.7/live", url))).camera[0].source.url == url


def test_checks_of_parts_above_are_listed_too(write: Write) -> None:
    def check(settings: Settings) -> list[Conflict]:
        return [Conflict(("camera", 0, "source", "url"), f"is {settings.camera[0].name}'s", "Change it")]

    with pytest.raises(ConfigError) as caught:
        load(write(GOOD), [check])
    assert [(m.line, m.key) for m in caught.value.mistakes] == [(7, "camera[0].source.url")]


LINES = example().splitlines()


@profile(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(st.data())
def test_a_damaged_file_loads_or_is_explained(write: Write, data: st.DataObject) -> None:
    text = "\n".join(LINES)
    at = data.draw(st.integers(0, len(text)))
    length = data.draw(st.integers(0, 30))
    put = data.draw(st.text('[]{}"=.#\n a1', max_size=8))
    path = write(text[:at] + put + text[at + length :])
    try:
        load(path)
    except ConfigError as error:
        assert error.mistakes  # noqa: PT017 - both ends are right
        assert all(mistake.what and mistake.mend for mistake in error.mistakes)  # noqa: PT017


def test_a_mistake_in_a_rule_is_named_by_its_line(write: Write) -> None:
    path = write(
        f"""{GOOD}[camera.mask]
preset = "nigth"
[[camera.mask.rule]]
name = "evening"
hours = "18:00"
kinds = ["person"]
[[camera.mask.rule]]
name = "night"
hours = "22:00-06:00"
[[camera.mask.rule.never]]
name = "poster"
points = [[0.1, 0.1], [0.2, 1.2]]
"""
    )
    found = [(m.line, m.key, m.mend) for m in mistakes(path)]
    assert found[0] == (9, "camera[0].mask.preset", 'Did you mean "night"?')
    assert found[1] == (12, "camera[0].mask.rule[0].hours", 'Write them as "22:00-06:00"')
    assert {key for _, key, _ in found[2:]} >= {"camera[0].mask.rule[1].never[0].points[1][1]"}
