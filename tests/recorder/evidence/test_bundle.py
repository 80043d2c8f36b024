"""`verify.pyz` on its own: the standard library and nothing else."""

from __future__ import annotations

import ast
import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

import recorder.evidence.verifier
from recorder.evidence import minisign
from recorder.evidence.bundle import verifier, write_verifier
from tests.recorder.evidence.support import KEY, OTHER, write

SOURCES = sorted(Path(recorder.evidence.verifier.__file__).parent.glob("*.py"))


def bare(pyz: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run it by a Python without site packages, in an empty environment and folder."""
    return subprocess.run(
        [sys.executable, "-I", "-S", "-W", "error", pyz, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=pyz.parent,
        env={"PYTHONIOENCODING": "utf-8"},
    )


@pytest.fixture
def pyz(tmp_path: Path) -> Path:
    path = tmp_path / "verify.pyz"
    write_verifier(path)
    return path


@pytest.fixture
def public(tmp_path: Path) -> Path:
    minisign.write_public(tmp_path / "institution.pub", KEY.public)
    return tmp_path / "institution.pub"


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_it_imports_the_standard_library_alone_and_is_python_3_8(source: Path) -> None:
    tree = ast.parse(source.read_text(encoding="utf-8"), feature_version=(3, 8))
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level in {0, 1}
            names = [node.module or ""] if node.level == 0 else []
        for name in names:
            assert name.partition(".")[0] in sys.stdlib_module_names


def test_it_says_what_it_found_by_its_status(pyz: Path, public: Path, tmp_path: Path) -> None:
    folder = write(tmp_path / "export", {"gate.h264": b"units", "gate.mp4": b"boxes"})
    done = bare(pyz, folder, "--key", public)
    assert (done.returncode, done.stderr) == (0, "")
    assert "verified" in done.stdout
    assert bare(pyz, folder, "--key", minisign.key_line(KEY.public)).returncode == 0
    unknown = bare(pyz, folder)
    assert unknown.returncode == 2
    assert "not authenticated" in unknown.stdout
    fingerprint = hashlib.sha256(KEY.public.raw).hexdigest()
    assert f"Fingerprint (SHA-256): {fingerprint[:4]} {fingerprint[4:8]} " in unknown.stdout
    assert bare(pyz, folder, "--key", minisign.key_line(OTHER.public)).returncode == 1
    (folder / "gate.mp4").write_bytes(b"foxes")
    broken = bare(pyz, folder, "--key", public)
    assert broken.returncode == 1
    assert "broken: gate.mp4: altered" in broken.stdout
    assert bare(pyz, folder).returncode == 1


def test_it_speaks_korean(pyz: Path, public: Path, tmp_path: Path) -> None:
    folder = write(tmp_path / "export", {"gate.h264": b"units"})
    assert "확인됨" in bare(pyz, folder, "--key", public, "--lang", "ko").stdout
    assert "인증되지 않음" in bare(pyz, folder, "--lang", "ko").stdout


@pytest.mark.parametrize("key", ["nowhere.pub", "RWnonsense", "."])
def test_a_key_that_cannot_be_read_says_nothing_of_the_export(pyz: Path, tmp_path: Path, key: str) -> None:
    folder = write(tmp_path / "export", {"gate.h264": b"units"})
    done = bare(pyz, folder, "--key", key)
    assert done.returncode == 64
    assert done.stdout == ""


def test_misuse_is_not_taken_for_an_export_without_a_key(pyz: Path) -> None:
    assert bare(pyz).returncode == 64
    assert bare(pyz, ".", "--no-such-option").returncode == 64


def test_a_terminal_is_not_steered_by_what_is_checked(pyz: Path, tmp_path: Path) -> None:
    folder = write(tmp_path / "export", {"gate.h264": b"units"})
    (folder / "\x1b[31mred").write_bytes(b"")
    assert "\x1b" not in bare(pyz, folder).stdout


def test_the_same_sources_make_the_same_bytes() -> None:
    assert verifier() == verifier()
