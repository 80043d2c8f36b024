"""Verdicts: judged once, kept as numbers, and never taken for another clip's or judge's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.patch import PatchScene, rgb
from tests.support.portrait import write
from vcam.base.errors import ConfigError, DetectError, NotVideo
from vcam.quality.judge import JudgedKind, Seen, View
from vcam.quality.verdicts import Cache, default_folder, judge_clip

COUNT = 12


class Counting:
    """Sees a box whose left edge is the number of pictures that it has looked at."""

    about = "counts"
    independent = True
    kind: JudgedKind = "face"

    def __init__(self, name: str = "counting", key: str = "00", fails_at: int = -1) -> None:
        self.name, self.key = name, key
        self.looks = 0
        self._fails_at = fails_at

    def look(self, view: View) -> list[Seen]:
        if self.looks == self._fails_at:
            raise DetectError("The judge is broken on purpose")
        self.looks += 1
        assert (view.width, view.height) == (128, 96)
        return [(float(self.looks), 0.0, 50.0, 40.5, 0.25)]


def clip(path: Path, speed: float = 3) -> Path:
    scene = PatchScene(128, 96, speed)
    return write(path, (rgb(scene.picture(n)) for n in range(COUNT)))


def test_a_clip_is_judged_once(tmp_path: Path) -> None:
    path, cache = clip(tmp_path / "a.mp4"), Cache(tmp_path / "cache")
    first, second = Counting(), Counting()
    found = judge_clip(path, [first], cache)
    assert first.looks == COUNT
    assert found["counting"].pictures == COUNT
    assert found["counting"].seen[4] == [(5.0, 0.0, 50.0, 40.5, 0.25)]
    path.rename(tmp_path / "b.mp4")
    assert judge_clip(tmp_path / "b.mp4", [second], cache) == found
    assert second.looks == 0


def test_another_clip_judge_or_key_is_judged_anew(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    judge_clip(clip(tmp_path / "a.mp4"), [Counting()], cache)
    for path, judge in [
        (clip(tmp_path / "b.mp4", speed=4), Counting()),
        (tmp_path / "a.mp4", Counting(name="other")),
        (tmp_path / "a.mp4", Counting(key="01")),
    ]:
        judge_clip(path, [judge], cache)
        assert judge.looks == COUNT


def test_only_what_is_missing_is_judged(tmp_path: Path) -> None:
    path, cache = clip(tmp_path / "a.mp4"), Cache(tmp_path / "cache")
    some = Counting()
    assert sorted(judge_clip(path, [some], cache, every=4)["counting"].seen) == [0, 4, 8]
    rest = Counting()
    assert sorted(judge_clip(path, [rest], cache)["counting"].seen) == list(range(COUNT))
    assert (some.looks, rest.looks) == (3, COUNT - 3)


def test_what_was_judged_before_a_failure_is_kept(tmp_path: Path) -> None:
    path, cache = clip(tmp_path / "a.mp4"), Cache(tmp_path / "cache")
    with pytest.raises(DetectError):
        judge_clip(path, [Counting(fails_at=5)], cache)
    rest = Counting()
    assert judge_clip(path, [rest], cache)["counting"].complete(1)
    assert rest.looks == COUNT - 5


@pytest.mark.parametrize("text", ["", "[]", '{"seen": 3, "pictures": 12}', '{"seen": {"0": [[1, 2]]}}'])
def test_a_damaged_file_counts_as_none(tmp_path: Path, text: str) -> None:
    path, cache = clip(tmp_path / "a.mp4"), Cache(tmp_path / "cache")
    judge_clip(path, [Counting()], cache)
    (file,) = (tmp_path / "cache").iterdir()
    file.write_text(text, encoding="utf-8")
    again = Counting()
    judge_clip(path, [again], cache)
    assert again.looks == COUNT


def test_numbers_alone_are_kept(tmp_path: Path) -> None:
    judge_clip(clip(tmp_path / "a.mp4"), [Counting()], Cache(tmp_path / "cache"))
    (file,) = (tmp_path / "cache").iterdir()
    held = json.loads(file.read_text(encoding="utf-8"))
    assert set(held) == {"judge", "pictures", "seen"}
    assert "a.mp4" not in file.name + file.read_text(encoding="utf-8")


def test_a_folder_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match="file") as caught:
        Cache(tmp_path / "file" / "cache")
    assert "--cache" in caught.value.mend


def test_a_clip_without_a_picture_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"nothing")
    with pytest.raises(NotVideo):
        judge_clip(tmp_path / "a.mp4", [Counting()], Cache(tmp_path / "cache"))


def test_the_users_cache_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_folder() == tmp_path / "garim" / "verdicts"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_folder() == tmp_path / ".cache" / "garim" / "verdicts"
