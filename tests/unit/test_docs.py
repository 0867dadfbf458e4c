"""The pages tell the truth where that can be checked."""

import re
from pathlib import Path

import pytest

from aicalendar_tui.cli.parser import build_parser, command_words
from aicalendar_tui.settings import FIELDS

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / name for name in ("README.md", "README.ru.md", "CHANGELOG.md")] + sorted(
    (ROOT / "docs").rglob("*.md")
)
OTHERS = {"HOME", "DEMO"}
"""Variables of ours that are no settings: they say where settings are."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path):
    """To files of the repository."""
    for target in re.findall(r"\]\(([^)#]+)", page.read_text("utf-8")):
        assert target.startswith("https://") or (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_settings_that_are_named_exist(page: Path):
    """Under that very name."""
    names = {setting.name.removeprefix("AICALENDAR_") for setting in FIELDS.values()}
    for name in re.findall(r"\bAICALENDAR_([A-Z_]+)\b", page.read_text("utf-8")):
        assert name in names | OTHERS


@pytest.mark.parametrize("name", ["README.md", "README.ru.md", "docs/commands.md"])
def test_commands_that_are_shown_exist(name: str):
    """In code, where they would be copied from."""
    text = (ROOT / name).read_text("utf-8")
    code = "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL) + re.findall(r"`([^`\n]+)`", text))
    commands = re.findall(r"\baicalendar (?:--demo )?([a-z]+)", code)
    assert len(commands) > 3
    assert set(commands) <= set(command_words(build_parser()))


def test_every_command_is_on_the_page():
    """And the page is where people look."""
    text = (ROOT / "docs" / "commands.md").read_text("utf-8")
    for command in command_words(build_parser()):
        assert f"`aicalendar {command}" in text
