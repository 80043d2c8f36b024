"""Documents do not rot: links lead somewhere, tests that are named exist, commands that are shown work."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from vcam.cli.reference import reference

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
PAGES += sorted((ROOT / "models" / "cards").glob("*.md"))

_LINK = re.compile(r"(?<!!)\[[^\]\n]+\]\((?P<target>[^)\s]+)\)")
_TEST = re.compile(r"`(?P<file>tests/[\w/]+\.py)(?:::(?P<name>\w+))?`")
_CODE = re.compile(r"`(?P<path>(?:vcam|models|recorder|onvif_server|docs|tests)/[\w/.-]*\w)`")


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def anchor(heading: str) -> str:
    """The anchor that a heading gets on the usual forges."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    for match in _LINK.finditer(page.read_text(encoding="utf-8")):
        target, _, part = match["target"].partition("#")
        if target.startswith(("https://", "mailto:")):
            continue
        there = (page.parent / target).resolve() if target else page
        assert there.exists(), f"{name(page)} links to {target}"
        if part:
            headings = re.findall(r"^#+ (.+)$", there.read_text(encoding="utf-8"), re.MULTILINE)
            assert part in map(anchor, headings), f"{name(page)} links to {target}#{part}"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_files_and_tests_that_are_named_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for match in _CODE.finditer(text):
        assert (ROOT / match["path"]).exists(), f"{name(page)} names {match['path']}"
    for match in _TEST.finditer(text):
        file = ROOT / match["file"]
        assert file.is_file(), f"{name(page)} names {match['file']}"
        if match["name"]:
            source = file.read_text(encoding="utf-8")
            assert re.search(rf"def {match['name']}\(", source), f"{name(page)} names {match[0]}"


def test_every_decision_is_listed() -> None:
    text = (ROOT / "docs" / "adr" / "README.md").read_text(encoding="utf-8")
    for file in (ROOT / "docs" / "adr").glob("[0-9]*.md"):
        assert f"({file.name})" in text


def test_every_page_can_be_reached_from_the_readme() -> None:
    seen: set[Path] = set()
    left = [ROOT / "README.md"]
    while left:
        page = left.pop()
        if page in seen or page.suffix != ".md":
            continue
        seen.add(page)
        links = _LINK.finditer(page.read_text(encoding="utf-8"))
        targets = [match["target"].partition("#")[0] for match in links]
        left += [(page.parent / target).resolve() for target in targets if target and "://" not in target]
    assert set((ROOT / "docs").rglob("*.md")) <= seen


def test_commands_that_the_readme_shows_exist() -> None:
    known = set(re.findall(r"^## `garim ((?:[a-z]+ ?)+)", reference(), re.MULTILINE))
    commands = {command.strip() for command in known}
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"^\s*garim ([a-z]+(?: [a-z]+)?)", text, re.MULTILINE)
    assert shown
    for words in shown:
        assert words in commands or words.split()[0] in commands, f"README.md shows garim {words}"


def test_every_package_that_is_needed_is_in_the_licences() -> None:
    text = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8").lower()
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for requirement in re.findall(r'^    "([A-Za-z0-9-]+)[><=]', project, re.MULTILINE):
        assert requirement.lower() in text, f"docs/licences.md does not name {requirement}"
