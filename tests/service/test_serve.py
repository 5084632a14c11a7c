"""Two processes end to end: `tieline serve` answers a study through its worker, tells of it as it happens, and stops cleanly."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tieline.cli.main import main
from tieline.service.settings import ServiceSettings
from tieline.service.store import open_store, runs

QUESTION = {"study": "interval", "feeder": "ieee33", "configuration": {"draws": 1000}}

LONGEST_S = 240.0
"""A first start compiles; all later ones take seconds."""


class Served:
    """A service in a process of its own, at a port that is free."""

    def __init__(self, home: Path):
        self.home = home
        self.log = home.with_suffix(".log")
        command = [sys.executable, "-m", "tieline.cli.main", "serve"]
        flags = ["--home", str(home), "--port", "0"]
        with self.log.open("w") as log:
            self.process = subprocess.Popen([*command, *flags], stderr=log)
        address = self.said(r"serving at (http://[\d.:]+)")
        key = self.said(r"shown this once: (\S+)")
        headers = {"Authorization": f"Bearer {key}"}
        self.client = httpx.Client(base_url=address, headers=headers, timeout=60.0)

    def said(self, pattern: str) -> str:
        """What it says on its screen, once it does."""
        return wait_for(lambda: re.search(pattern, self.log.read_text()))[1]

    def stop(self) -> int:
        """Ask it to stop; its exit code."""
        self.client.close()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(LONGEST_S)


def wait_for(look: Callable):
    """What a look finds, once it finds something."""
    deadline_s = time.monotonic() + LONGEST_S
    while time.monotonic() < deadline_s:
        if result := look():
            return result
        time.sleep(0.05)
    raise AssertionError("waited in vain")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A service for the tests that follow; the last of them stops it."""
    service = Served(tmp_path_factory.mktemp("service") / "home")
    yield service
    if service.process.poll() is None:
        service.process.kill()
        service.process.wait()


def state_of_run(home: Path, run_id: str) -> str:
    """State of a run in the database of a service that has stopped."""
    store = open_store(ServiceSettings(home=str(home)).database_url)
    try:
        with store.read() as connection:
            return runs.get(connection, run_id).state
    finally:
        store.close()


def test_a_study_is_answered_and_followed(served: Served):
    assert served.client.get("/").status_code == 200
    answer = served.client.post("/v1/runs", json=QUESTION)
    assert answer.status_code == 202, answer.text
    place = answer.headers["Location"]
    with served.client.stream("GET", f"{place}/events", timeout=LONGEST_S) as events:
        # ends by itself with the run
        lines = list(events.iter_lines())
    kinds = [line.removeprefix("event: ") for line in lines if line.startswith("event")]
    assert (kinds[0], kinds[-1]) == ("waiting", "done")
    assert "running" in kinds
    assert served.client.get(place).status_code == 200
    metrics = served.client.get(f"{place}/result").json()["metrics"]
    # Baran and Wu, 1989: 202.7 kW of loss
    assert metrics["loss_centre_kw"] == pytest.approx(202.7, abs=0.1)
    assert served.client.get("/health/ready").json()["workers"] >= 1


def test_a_service_that_is_stopped_gives_its_jobs_back(served: Served):
    wait_for(lambda: served.client.get("/health/ready").status_code == 200)
    config = {"draws": 10_000_000}
    question = QUESTION | {"configuration": config}
    answer = served.client.post("/v1/runs", json=question)
    place = answer.headers["Location"]
    wait_for(lambda: served.client.get(place).json()["status"] == "running")
    assert served.stop() == 0
    assert "stopped" in served.log.read_text()
    assert "Traceback" not in served.log.read_text()
    assert state_of_run(served.home, answer.json()["run"]) == "waiting"


def test_an_address_that_is_taken_is_refused_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    home = tmp_path / "home"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        assert main(["serve", "--home", str(home), "--port", port]) == 2
    assert "Choose another with --port" in capsys.readouterr().err
    assert list(home.iterdir()) == []


def test_what_others_reach_is_warned_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    # an address of another machine: refused after the warning
    flags = ["--home", str(tmp_path / "home"), "--host", "192.0.2.1", "--port", "0"]
    assert main(["serve", *flags]) == 2
    text = capsys.readouterr().err
    assert "without TLS" in text
    assert main(["serve", *flags, "--read-without-key"]) == 2
    assert "read_without_key" in capsys.readouterr().err.replace("-", "_")
    assert os.listdir(tmp_path) == ["home"]
