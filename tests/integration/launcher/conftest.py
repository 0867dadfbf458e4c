"""Each test has a home of its own, which must be silent when the test is over."""

import shutil
import sys
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.launcher.launcher_home import MARK, Home


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """A home that must be silent after the test."""
    if sys.platform != "linux":
        pytest.skip("looks at processes through /proc")
    mark = uuid.uuid4().hex
    monkeypatch.setenv(MARK, mark)
    # Not tmp_path: unix sockets want short paths.
    folder = Path(tempfile.mkdtemp(prefix="ai-"))
    home = Home(folder, mark)
    yield home
    left = home.close()
    shutil.rmtree(folder)
    assert set() == left, "processes were left behind"
