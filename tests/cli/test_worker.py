"""`tieline worker` refuses a database that is not there, and leaves when it is asked to."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tieline.cli.main import main
from tieline.service.jobs import workers
from tieline.service.store import open_store


@pytest.mark.parametrize("form", ["{}", "sqlite:///{}"])
def test_a_database_that_is_not_there_is_not_made(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    place = tmp_path / "typo.sqlite"
    assert main(["worker", "--database", form.format(place)]) == 2
    assert "is no database" in capsys.readouterr().err
    assert not place.exists()


def test_a_worker_is_known_and_leaves_when_it_is_asked_to(tmp_path: Path):
    place = tmp_path / "tieline.sqlite"
    store = open_store(str(place))
    command = [sys.executable, "-m", "tieline.cli.main", "worker"]
    process = subprocess.Popen([*command, "--database", str(place)])
    try:
        deadline_s = time.monotonic() + 240
        present = []
        while not present and time.monotonic() < deadline_s:
            time.sleep(0.1)
            with store.read() as connection:
                present = workers.present(connection, store.now())
        assert len(present) == 1
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    finally:
        process.kill()
        store.close()
