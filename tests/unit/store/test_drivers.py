"""What the store loads: only the driver that is asked for."""

import subprocess
import sys

import pytest


def loaded_by(module: str) -> set[str]:
    """The top packages in sys.modules of a fresh interpreter that imported it."""
    code = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules if sys.modules[name]}})"
    return set(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    )


def test_file_s_store_loads_no_other_driver() -> None:
    """peewee by itself would take whatever is installed: psycopg costs 40 ms and brings asyncio."""
    assert {"peewee"} == loaded_by("aicalendar_tui.backend.store.store") & {"peewee", "psycopg", "asyncio"}


def test_server_s_store_loads_its_own() -> None:
    """Although peewee was told that there is none."""
    pytest.importorskip("psycopg", reason="psycopg is not installed (pip install 'aicalendar-tui[postgres]')")
    module = "aicalendar_tui.backend.store.store, aicalendar_tui.backend.store.postgres"
    assert {"peewee", "psycopg"} <= loaded_by(module)


def test_first_view_loads_neither() -> None:
    """It is on the way to the first paint."""
    assert set() == loaded_by("aicalendar_tui.backend.store.first_view") & {"peewee", "psycopg", "asyncio"}
